/** Bars of the panels. */
import { element, setAttribute, setText } from "../dom.js";

/** A bar from 0 to 1 with its words; without a value it is empty. */
export class ShareBar {
  /** @param {string} label @param {string} kind names the colour in the style sheet */
  constructor(label, kind) {
    this.label = element("span", { className: "bar-label", textContent: label });
    this.value = element("span", { className: "bar-value figure" });
    this.fill = element("i", { className: `fill ${kind}` });
    this.mark = element("i", { className: "base-mark", hidden: true });
    const track = element("span", { className: "track" }, this.fill, this.mark);
    this.root = element("div", { className: "share-bar" }, this.label, track, this.value);
  }

  /**
   * @param {number | null} share 0 to 1 @param {string} words
   * @param {number | null} [base] share that is usual
   */
  set(share, words, base = null) {
    const width = share === null ? "0%" : `${Math.max(0, Math.min(1, share)) * 100}%`;
    if (this.fill.style.width !== width) this.fill.style.width = width;
    this.mark.hidden = base === null;
    if (base !== null) this.mark.style.left = `${base * 100}%`;
    setText(this.value, words);
    setAttribute(this.root, "data-missing", String(share === null));
  }
}

/** A bar to both sides of zero, for readings in units of their usual size. */
export class SignedBar {
  /** @param {string} label @param {number} limit value at the end of the bar */
  constructor(label, limit) {
    this.limit = limit;
    this.label = element("span", { className: "bar-label", textContent: label });
    this.value = element("span", { className: "bar-value figure" });
    this.fill = element("i", { className: "fill" });
    const track = element("span", { className: "track signed" }, this.fill);
    this.root = element("div", { className: "share-bar" }, this.label, track, this.value);
  }

  /** @param {number | null} value @param {string} words @param {boolean | null} met */
  set(value, words, met) {
    const share = value === null ? 0 : Math.max(-1, Math.min(1, value / this.limit));
    const left = `${50 + Math.min(0, share) * 50}%`;
    const width = `${Math.abs(share) * 50}%`;
    if (this.fill.style.left !== left) this.fill.style.left = left;
    if (this.fill.style.width !== width) this.fill.style.width = width;
    setText(this.value, words);
    const beyond = value === null || Math.abs(value) <= this.limit ? "" : value > 0 ? "right" : "left";
    setAttribute(this.root, "data-beyond", beyond);
    setAttribute(this.root, "data-met", String(met));
    setAttribute(this.root, "data-missing", String(value === null));
  }
}
