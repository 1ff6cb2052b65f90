/** Which approaches the list names: by level, outcome known, hour; those without depth are left out. */
import { element, setAttribute } from "./dom.js";
import { city } from "./format.js";

export class ApproachFilters {
  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    this.level = select("Level", "any level", onChange);
    this.hour = select("Time of day", "any time", onChange);
    this.known = toggle("Outcome known", onChange);
    this.bare = toggle("Also without depth", onChange);
    this.root = element(
      "div", { className: "choices", role: "group", ariaLabel: "Filters" },
      this.level, this.hour, this.known, this.bare,
    );
  }

  /** Show all that has depth. */
  clear() {
    this.level.value = this.hour.value = "";
    for (const button of [this.known, this.bare]) setAttribute(button, "aria-pressed", "false");
  }

  /** @returns {boolean} whether a choice of the user leaves something out */
  get isUsed() {
    return this.level.value !== "" || this.hour.value !== "" || isPressed(this.known);
  }

  /**
   * Offer the levels and hours of what may be listed, which are no spoilers.
   * @param {import("./approaches.js").Approach[]} approaches
   */
  offer(approaches) {
    const levels = [...new Set(approaches.map(({ level }) => level))].sort();
    fill(this.level, levels.map((level) => [level, level]));
    const hours = [...new Set(approaches.map(({ hour }) => hour))].sort();
    this.hour.ariaLabel = this.hour.title = `Time of day, ${city()}`;
    fill(this.hour, hours.map((hour) => [hour, `${hour}:00 to ${hour}:59`]));
  }

  /**
   * @param {import("./approaches.js").Approach} approach
   * @param {[number, number] | null} depth first and last second with resting depth
   * @returns {boolean}
   */
  pass({ level, hour, isKnown, first }, depth) {
    if (this.level.value && level !== this.level.value) return false;
    if (this.hour.value && hour !== this.hour.value) return false;
    if (isPressed(this.known) && !isKnown) return false;
    return isPressed(this.bare) || depth === null || (first >= depth[0] && first <= depth[1]);
  }
}

/** @param {string} label @param {string} all @param {() => void} onchange @returns {HTMLSelectElement} */
function select(label, all, onchange) {
  const made = element("select", { onchange, ariaLabel: label, title: label }, element("option", { value: "", textContent: all }));
  return /** @type {HTMLSelectElement} */ (made);
}

/** @param {HTMLSelectElement} list @param {[string, string][]} options values and words after the first */
function fill(list, options) {
  const { value } = list;
  const wanted = options.some(([one]) => one === value) || !value ? options : [...options, [value, value]];
  while (list.options.length > 1) list.options[1].remove();
  list.append(...wanted.map(([one, words]) => element("option", { value: one, textContent: words })));
  list.value = value;
}

/** @param {string} words @param {() => void} onChange @returns {HTMLElement} */
function toggle(words, onChange) {
  const button = element("button", { type: "button", textContent: words, aria: { pressed: "false" } });
  button.onclick = () => {
    setAttribute(button, "aria-pressed", String(!isPressed(button)));
    onChange();
  };
  return button;
}

/** @param {HTMLElement} button @returns {boolean} */
function isPressed(button) {
  return button.getAttribute("aria-pressed") === "true";
}
