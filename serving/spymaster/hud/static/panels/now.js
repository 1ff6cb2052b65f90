/** Spot, quotes, ease of moving and gamma of the newest second. */
import { byId, element, setText } from "../dom.js";
import { count, decimal, NOT_LOADED, NOT_SHOWN, NOTHING_RECORDED, pointsOf, priceOf } from "../format.js";
import { rowsOf, truth } from "./rows.js";
import { ShareBar } from "./bars.js";

const listWords = new Intl.ListFormat("en-GB");

export class NowPanel {
  constructor() {
    this.spot = element("strong", { className: "spot figure" });
    this.quotes = element("span", { className: "quotes figure" });
    this.warning = element("p", { className: "warning", hidden: true });
    this.up = new ShareBar("Ease up", "above");
    this.down = new ShareBar("Ease down", "below");
    this.gamma = element("p", { className: "faint" });
    const heading = element("div", { className: "now-heading" }, this.spot, this.quotes);
    byId("now-panel").append(heading, this.warning, this.up.root, this.down.root, this.gamma);
  }

  /** @param {import("../live.js").Snap} snap between two seconds */
  move({ spot, bid, ask }) {
    const price = (/** @type {number | null} */ points) => (points === null ? NOT_SHOWN : pointsOf(points));
    setText(this.spot, price(spot));
    setText(this.quotes, `bid ${price(bid)}   ask ${price(ask)}`);
  }

  /** @param {import("../ring.js").Ring} ring @param {number} tickInt */
  update(ring, tickInt) {
    const [snap] = rowsOf(ring.slice(ring.end, "snap"));
    const price = (/** @type {number | null} */ tick) =>
      tick === null ? NOT_SHOWN : priceOf(tick, tickInt);
    setText(this.spot, snap ? price(snap.spot_tick) : NOT_SHOWN);
    setText(
      this.quotes,
      snap
        ? `bid ${price(snap.bid_tick)} × ${count(snap.bid_qty)}   ask ${price(snap.ask_tick)} × ${count(snap.ask_qty)}`
        : "quotes not shown",
    );
    const warning = warningOf(ring, snap);
    this.warning.hidden = warning === "";
    setText(this.warning, warning);
    const [scores] = rowsOf(ring.slice(ring.end, "physics"));
    const [up, down] = [scores?.above_score ?? null, scores?.below_score ?? null];
    this.up.set(up, decimal(up, 2));
    this.down.set(down, decimal(down, 2));
    setText(this.gamma, gammaWords(ring, tickInt));
  }
}

/**
 * @param {import("../ring.js").Ring} ring @param {Record<string, any> | undefined} snap
 * @returns {string}
 */
export function warningOf(ring, snap) {
  if (!ring.isLoaded(ring.end)) return NOT_LOADED;
  if (ring.at(ring.end).has("gaps")) return "The recording has a gap in this second.";
  if (!snap) return NOTHING_RECORDED;
  return truth(snap.window_valid) === false ? "This second cannot be trusted." : "";
}

/** @param {import("../ring.js").Ring} ring @param {number} tickInt @returns {string} */
function gammaWords(ring, tickInt) {
  const [summary] = rowsOf(ring.slice(ring.end, "gex_summary"));
  if (!summary) return "Gamma: not shown";
  const price = (/** @type {number | null} */ tick) => (tick === null ? null : priceOf(tick, tickInt));
  const found = [
    ["call wall", price(summary.call_wall_tick)],
    ["put wall", price(summary.put_wall_tick)],
    ["gamma flip", summary.gamma_flip_price?.toFixed(2) ?? null],
  ];
  const shown = found.filter(([, at]) => at !== null).map(([name, at]) => `${name} ${at}`);
  const missing = found.filter(([, at]) => at === null).map(([name]) => name);
  if (missing.length) shown.push(`${listWords.format(missing.map(String))} ${NOT_SHOWN}`);
  const words = shown.join(", ");
  return words[0].toUpperCase() + words.slice(1);
}
