/** What every colour and every mark means. The help shows it; a test holds it against the code. */
import { css, element } from "./dom.js";
import { markOf } from "./view/retests.js";

/**
 * Colours of paint.json, and ramps by the word "ramp:", with their words.
 * @type {[string, [string, string][]][]} heading, then name and words
 */
export const COLOURS = [
  ["The book", [
    ["ramp:ask", "Asks: dark red is the least depth in sight, pale yellow the most"],
    ["ramp:bid", "Bids: dark blue is the least depth in sight, pale blue the most"],
    ["zero_depth", "Measured, and nothing rests there"],
    ["background", "Depth is not known, or the future"],
    ["ramp:ease", "Physics: ease of moving down blue, up gold"],
    ["vacuum", "Vacuum: the book thins out here"],
  ]],
  ["Lines", [
    ["level", "Level: thin line at the upper edge of its row; dashed while provisional"],
    ["gex_call", "Gamma, more of calls: thin line at the lower edge of its row"],
    ["gex_put", "Gamma, more of puts"],
    ["spot", "Spot; bought minus sold"],
    ["strike_line", "Strike, ahead of price"],
    ["separator", "Between the newest second and the future"],
    ["grid_line", "Every fourth tick"],
  ]],
  ["Trades", [
    ["buy", "Buyers were the aggressors; a bubble is a large trade; a candle that rose"],
    ["sell", "Sellers were the aggressors; a candle that fell"],
    ["no_aggressor", "Nobody was"],
    ["vwap", "VWAP: mean price by contracts since the open"],
  ]],
  ["Quality", [
    ["hatch", "Falling lines: a second that cannot be trusted"],
    ["hatch_dark", "Their dark side, to be seen on pale depth"],
    ["gap", "Rising lines: the recording has a gap"],
  ]],
  ["Scores and signals", [
    ["break", "BREAK; price went on"],
    ["reject", "REJECT; a retest failed"],
    ["contested", "CONTESTED"],
    ["chop", "Chop; neither within eight minutes"],
    ["score_line", "Limits of signals"],
    ["barrier_vacuum", "Barrier VACUUM: nothing stands in the way"],
    ["barrier_weak", "Barrier WEAK"],
    ["barrier_consumed", "Barrier CONSUMED: eaten"],
    ["barrier_neutral", "Barrier NEUTRAL"],
    ["barrier_absorption", "Barrier ABSORPTION: eaten and refilled"],
    ["barrier_wall", "Barrier WALL: holds"],
    ["condition_met", "A condition of a turn that is met"],
    ["condition_not_met", "A condition of a turn that is not met"],
  ]],
  ["Curves and bars", [
    ["above_score", "Ease of moving up"],
    ["below_score", "Ease of moving down"],
    ["vacuum_total_score", "Mean of both"],
    ["calls", "Calls"],
    ["puts", "Puts"],
  ]],
];

/** Colours of paint.json that no part of the page shows: words, frames and pictures of `plot`. */
export const NOT_SHOWN_HERE = [
  "text", "faint_text", "frame", "best_ask", "best_bid", "calibration_step",
];

/** Marks of breaks: step, outcome, words. @type {[string, string, string][]} */
export const MARKS = [
  ["break up", "", "Price broke the level on its way up; what followed is not known yet"],
  ["break down", "", "Price broke the level on its way down"],
  ["retest", "", "Price came back to the level"],
  ["retest", "CONTINUES", "It went on after the retest"],
  ["break up", "NO_RETEST", "It never came back"],
  ["retest", "FAILS", "The retest failed"],
  ["break up", "THROUGH", "Price went through the level without a retest"],
  ["retest", "CHOP", "Neither within eight minutes"],
  ["retest", "CENSORED", "The records ended first"],
];

/** Marks at the price axis, drawn by `view/axes.js`: shape, words. @type {[string, string][]} */
export const AXIS_MARKS = [
  ["level", "Triangle at the grid: a level; empty while provisional"],
  ["gex", "Bar from the right: a strike, as long as its gamma exposure is large"],
];

/** @param {any} paint contents of paint.json @param {"dark" | "light"} theme @returns {HTMLElement} */
export function legend(paint, theme) {
  const { ramps, ...colours } = paint.themes[theme];
  const swatch = (/** @type {string} */ name) => {
    const mark = element("i", { className: "swatch", data: { colour: name } });
    const ramp = name.startsWith("ramp:") ? ramps[name.slice(5)] : null;
    mark.style.background = ramp
      ? `linear-gradient(to right, ${[0, 64, 128, 192, 255].map((at) => css(ramp[at])).join(", ")}), ${css(colours.background)}`
      : `linear-gradient(${css(colours[name])}, ${css(colours[name])}), ${css(colours.background)}`;
    return mark;
  };
  const row = (/** @type {Element} */ mark, /** @type {string} */ words) => element("p", {}, mark, words);
  const axis = ([shape, words] = ["", ""]) =>
    row(element("i", { className: "axis-mark", data: { shape } }), words);
  return element(
    "div", { className: "legend-parts" },
    ...COLOURS.map(([heading, entries]) =>
      element("section", {}, element("h3", { textContent: heading }), ...entries.map(([name, words]) => row(swatch(name), words))),
    ),
    element(
      "section", {}, element("h3", { textContent: "Breaks and retests" }),
      ...MARKS.map(([step, outcome, words]) => row(markOf(step, outcome), words)),
    ),
    element("section", {}, element("h3", { textContent: "Price axis" }), ...AXIS_MARKS.map(axis)),
  );
}
