/** Below the grid: buying minus selling since the left edge, and the three scores. */
import { byId, element, setText } from "../dom.js";
import { LineSheet } from "../paint/lines.js";
import { withAlpha } from "../paint/tables.js";
import { isMissing, NOT_SHOWN, signed, decimal } from "../format.js";

/** seconds over which scores are smoothed, and the opacity of the raw line behind */
const SMOOTH_S = 5;
const RAW_ALPHA = 70;
/** share of the height that buying minus selling takes */
const CVD_SHARE = 0.5;

/** scores of `physics`, each 0 to 1: column, words */
const SCORES = [
  ["above_score", "up"],
  ["below_score", "down"],
  ["vacuum_total_score", "mean"],
];

/** @typedef {Record<string, number>} FlowInk packed colours: `cvd`, `axis` and those of SCORES */

export class Flow {
  constructor() {
    this.sheet = new LineSheet("flow");
    /** @type {Map<string, HTMLElement>} */
    this.values = new Map();
    const legend = byId("flow-legend");
    legend.append(element("h2", { title: "Contracts bought minus sold by aggressors since the left edge" }, "Bought − sold in sight"));
    legend.append(this.#entry("cvd", ""));
    legend.append(element("h2", { className: "scores", title: `Mean of the last ${SMOOTH_S} seconds; the faint lines are the seconds themselves` }, "Ease of moving, 0 to 1"));
    for (const [name, words] of SCORES) legend.append(this.#entry(name, words));
  }

  /** @param {string} name @param {string} words @returns {HTMLElement} */
  #entry(name, words) {
    const value = element("span", { className: "figure" });
    this.values.set(name, value);
    const mark = element("i", { className: "mark", data: { series: name } });
    return element("p", { className: "entry" }, mark, words ? `${words} ` : "", value);
  }

  /**
   * @param {import("../ring.js").Ring} ring @param {import("./view.js").View} view
   * @param {FlowInk} ink
   */
  draw(ring, view, ink) {
    const { height, ratio } = this.sheet.clear();
    const first = Math.max(ring.start, view.leftSecond);
    const last = Math.min(ring.end, view.rightSecond - 1);
    const split = Math.round(height * CVD_SHARE);
    this.sheet.rule(split, ink.axis);
    const cvd = cumulative(ring, first, last);
    const band = { top: 3 * ratio, height: split - 6 * ratio };
    const [low, high] = range(cvd);
    this.sheet.steps(view, first, cvd, ink.cvd, band, low, high);
    const known = cvd.filter((value) => value === value);
    this.#write("cvd", known.length ? signed(known[known.length - 1], 0) : NOT_SHOWN);
    const scores = { top: split + 3 * ratio, height: height - split - 6 * ratio };
    // seconds before the left edge count for the first ones in sight
    const series = SCORES.map(([name]) => scoreSeries(ring, first - SMOOTH_S + 1, last, name));
    SCORES.forEach(([name], i) => {
      const raw = series[i].subarray(SMOOTH_S - 1);
      this.sheet.steps(view, first, raw, withAlpha(ink[name], RAW_ALPHA), scores, 0, 1);
    });
    SCORES.forEach(([name], i) => {
      const smooth = smoothed(series[i], SMOOTH_S).subarray(SMOOTH_S - 1);
      this.sheet.steps(view, first, smooth, ink[name], scores, 0, 1);
      // at the right edge of what is in sight
      this.#write(name, decimal(smooth[smooth.length - 1], 2));
    });
    this.sheet.show();
  }

  /** @param {string} name @param {string} text */
  #write(name, text) {
    const value = this.values.get(name);
    if (value) setText(value, text);
  }
}

/**
 * @param {import("../ring.js").Ring} ring @param {number} first @param {number} last
 * @returns {Float64Array} contracts bought minus sold from the first second on; NaN where unknown
 */
export function cumulative(ring, first, last) {
  const sums = new Float64Array(Math.max(0, last - first + 1)).fill(NaN);
  let sum = 0;
  for (let second = first; second <= last; second++) {
    // a sum of some seconds is not that of all in sight
    if (!ring.isLoaded(second)) return sums.fill(NaN);
    const snap = ring.slice(second, "snap");
    if (!snap) continue;
    const bought = snap.columns.buy_qty[snap.from];
    const sold = snap.columns.sell_qty[snap.from];
    if (isMissing(bought) || isMissing(sold)) continue;
    sum += bought - sold;
    sums[second - first] = sum;
  }
  return sums;
}

/**
 * @param {import("../ring.js").Ring} ring @param {number} first @param {number} last
 * @param {string} name @returns {Float64Array}
 */
function scoreSeries(ring, first, last, name) {
  const values = new Float64Array(Math.max(0, last - first + 1)).fill(NaN);
  for (let second = first; second <= last; second++) {
    const slice = ring.slice(second, "physics");
    if (slice) values[second - first] = slice.columns[name][slice.from];
  }
  return values;
}

/**
 * @param {Float64Array} values NaN if unknown @param {number} seconds
 * @returns {Float64Array} mean of what is known of the last seconds; NaN where the last is unknown
 */
export function smoothed(values, seconds) {
  return values.map((value, i) => {
    if (value !== value) return NaN;
    let [sum, known] = [0, 0];
    for (let at = Math.max(0, i - seconds + 1); at <= i; at++) {
      if (values[at] !== values[at]) continue;
      sum += values[at];
      known++;
    }
    return sum / known;
  });
}

/** @param {Float64Array} values @returns {[number, number]} */
function range(values) {
  let [low, high] = [0, 0];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low === high ? [low - 1, high + 1] : [low, high];
}
