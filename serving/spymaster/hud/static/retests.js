/** Breaks of levels and their retests in words, and as a part of the drawer of approaches. */
import { element } from "./dom.js";
import { city, localTime, NOT_SHOWN, pointsOf } from "./format.js";
import { levelName } from "./panels/rows.js";
import { toNs, toSecond } from "./wire/api.js";

/** outcomes in words */
const OUTCOMES = new Map([
  ["CONTINUES", "went on"],
  ["FAILS", "failed"],
  ["CHOP", "neither"],
  ["CENSORED", "the records ended first"],
  ["THROUGH", "went through without a retest"],
  ["NO_RETEST", "did not come back"],
]);

/**
 * @param {any[]} rows of the server's list, breaks that have happened
 * @param {string} dt date of the day @param {(second: number) => void} seek shows a second
 * @returns {HTMLElement[]} nothing without a break
 */
export function retestSection(rows, dt, seek) {
  if (!rows.length) return [];
  const items = rows.map((row) => {
    const broken = toSecond(dt, row.cross_ts_ns);
    const jump = element("button", {
      type: "button", onclick: () => seek(broken),
      textContent: `${localTime(dt, broken)}  ${breakWords(row)}`,
    });
    return element("li", {}, jump, element("span", { className: "faint", textContent: followedWords(row, dt) }));
  });
  return [
    element("h3", { textContent: `Breaks and retests, ${city()} time` }),
    element("ul", { className: "retest-list" }, ...items),
  ];
}

/**
 * What is known at a second, of a row that the server may have sent for a later one.
 * @param {any} row @param {string} dt @param {number} second
 * @returns {any} the row without later steps, null before the break is known
 */
export function asKnown(row, dt, second) {
  const until = BigInt(toNs(dt, second));
  const isPast = (/** @type {string | null} */ ns) => ns !== null && BigInt(ns) <= until;
  if (!isPast(row.broken_window_end_ts_ns)) return null;
  const isBack = isPast(row.retest_window_end_ts_ns);
  const isOver = isPast(row.label_end_ts_ns);
  return {
    ...row,
    retest_ts_ns: isBack ? row.retest_ts_ns : null,
    turn_state: isBack ? row.turn_state : null,
    outcome: isOver ? row.outcome : null,
    outcome_hidden: !isOver,
  };
}

/** @param {any} row @returns {string} level and direction of the break */
export function breakWords(row) {
  return `${levelName(row.level_id)}, ${pointsOf(row.level_price)}, broken ${isUp(row) ? "up" : "down"}`;
}

/** @param {any} row @returns {boolean} whether price broke the level on its way up */
export function isUp(row) {
  return row.approach_dir === "approach_up";
}

/** @param {any} row @param {string} dt @returns {string} what followed the break */
export function followedWords(row, dt) {
  const outcome = OUTCOMES.get(row.outcome) ?? row.outcome;
  if (row.retest_ts_ns === null) return row.outcome_hidden ? "not back yet" : outcome;
  const back = `back at ${localTime(dt, toSecond(dt, row.retest_ts_ns))}`;
  const isNet = row.turn_state !== null && row.conditions_basis === "net";
  const state = `conditions ${row.turn_state?.replaceAll("_", " ") ?? NOT_SHOWN}${isNet ? " (net of what arrived)" : ""}`;
  return `${back}; ${state}; ${row.outcome_hidden ? "hidden until it is past" : outcome}`;
}
