/** Breaks of levels and their retests, as a part of the drawer of approaches. */
import { element } from "./dom.js";
import { newYorkTime, NOT_SHOWN } from "./format.js";
import { levelName } from "./panels/rows.js";
import { toSecond } from "./wire/api.js";

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
    const way = row.approach_dir === "approach_up" ? "up" : "down";
    const jump = element("button", {
      type: "button", onclick: () => seek(broken),
      textContent: `${newYorkTime(dt, broken)}  ${levelName(row.level_id)}, ${row.level_price.toFixed(2)}, broken ${way}`,
    });
    return element("li", {}, jump, element("span", { className: "faint", textContent: words(row, dt) }));
  });
  return [
    element("h3", { textContent: "Breaks and retests, New York time" }),
    element("ul", { className: "retest-list" }, ...items),
  ];
}

/** @param {any} row @param {string} dt @returns {string} */
function words(row, dt) {
  const outcome = OUTCOMES.get(row.outcome) ?? row.outcome;
  if (row.retest_ts_ns === null) return row.outcome_hidden ? "not back yet" : outcome;
  const back = `back at ${newYorkTime(dt, toSecond(dt, row.retest_ts_ns))}`;
  const state = `conditions ${row.turn_state?.replaceAll("_", " ") ?? NOT_SHOWN}`;
  return `${back}; ${state}; ${row.outcome_hidden ? "hidden until it is past" : outcome}`;
}
