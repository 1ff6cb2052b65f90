/** Marks of breaks and retests in the rows of their levels, each step once it is known. */
import { byId, setAttribute } from "../dom.js";
import { localTime } from "../format.js";
import { asKnown, breakWords, followedWords, isUp } from "../retests.js";
import { getRetests, toSecond } from "../wire/api.js";

/** least time between two questions to the server */
const PAUSE_MS = 1000;
/** half the size of a mark, in units of its drawing; and in sizes of the font, as in layout.css */
const REACH = 7;
const REACH_REM = 0.54;
/** states in which the server may be away */
const UNSURE = new Set(["loading", "reconnecting", "failed"]);
const SVG = "http://www.w3.org/2000/svg";
const UP = "M-4.5 3.5H4.5L0 -4.5Z";
const DOWN = "M-4.5 -3.5H4.5L0 4.5Z";
const RING = "M-4 0A4 4 0 1 0 4 0A4 4 0 1 0 -4 0Z";
/** @type {Record<string, string>} outlines of marks by what they stand for */
export const SHAPES = { "break up": UP, "break down": DOWN, retest: RING };
/** ways in which a break ends */
export const OUTCOMES = ["CONTINUES", "NO_RETEST", "FAILS", "THROUGH", "CHOP", "CENSORED"];
/** lines over the shape of the last step: with the colours they tell outcomes apart */
const OVER = new Map([
  ["FAILS", "M-2.8 -2.8L2.8 2.8M-2.8 2.8L2.8 -2.8"],
  ["THROUGH", "M-5.5 -5.5L5.5 5.5M-5.5 5.5L5.5 -5.5"],
  ["CHOP", "M-4 0H4"],
]);

/**
 * @typedef {{second: number, tick: number, step: "break" | "retest", shape: string, outcome: string,
 *   row: any}} Mark outcome is empty until it is known, and on steps before the last
 */

export class RetestMarks {
  /** @param {import("../player.js").Player} player @param {() => void} onChange */
  constructor(player, onChange) {
    this.player = player;
    this.onChange = onChange;
    this.box = byId("retest-marks");
    /** @type {import("./view.js").View | null} as it was drawn */
    this.view = null;
    /** @type {Mark[]} marks in sight */
    this.marks = [];
    /** @type {any[]} breaks of the day that the server listed */
    this.rows = [];
    /** second of that list; earlier seconds need no other */
    this.listedAt = -Infinity;
    this.askedMs = -Infinity;
    /** @type {ReturnType<typeof setTimeout> | undefined} runs from a need to the answer */
    this.timer = undefined;
  }

  /** Forget the day's breaks. */
  clear() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.rows = [];
    this.listedAt = -Infinity;
  }

  /** Ask for the breaks that are known by now. */
  update() {
    const { day, second } = this.player;
    if (!day || this.timer !== undefined || !(second > this.listedAt)) return;
    const wait = Math.max(0, this.askedMs + PAUSE_MS - performance.now());
    this.timer = setTimeout(() => this.#ask(), wait);
  }

  async #ask() {
    const { day, second } = this.player;
    const { timer } = this;
    if (!day || Number.isNaN(second)) return this.clear();
    // nobody may answer; the next update asks again
    if (UNSURE.has(this.player.state)) {
      this.timer = undefined;
      return;
    }
    this.askedMs = performance.now();
    /** @type {any[] | null} */
    let rows = null;
    try {
      rows = await getRetests(day, second);
    } catch {
      // the player says that the server does not answer; the next update asks again
    }
    // another day was opened meanwhile
    if (this.timer !== timer) return;
    this.timer = undefined;
    if (rows) {
      this.rows = rows;
      this.listedAt = second;
    }
    this.onChange();
  }

  /** @param {import("./view.js").View} view @param {boolean} isShown */
  draw(view, isShown) {
    this.view = view;
    this.marks = isShown ? this.#marks().filter((mark) => isInSight(mark, view)) : [];
    const ratio = window.devicePixelRatio || 1;
    while (this.box.childElementCount > this.marks.length) this.box.lastElementChild?.remove();
    this.marks.forEach((mark, i) => {
      const drawn = this.box.children[i] ?? this.box.appendChild(emptyMark());
      setAttribute(drawn, "data-step", mark.step);
      shape(drawn, mark.shape, mark.outcome);
      const [x, y] = middle(mark.second, mark.tick, view);
      const place = `translate(${x / ratio}px, ${y / ratio}px)`;
      const { style } = /** @type {SVGElement} */ (drawn);
      if (style.transform !== place) style.transform = place;
    });
  }

  /** @returns {Mark[]} of what is known at the second that is shown */
  #marks() {
    const { day, second, tickInt } = this.player;
    if (!day) return [];
    const { dt } = day;
    return this.rows.flatMap((listed) => {
      const row = asKnown(listed, dt, second);
      if (!row) return [];
      const tick = Math.round((row.level_price * 1e9) / tickInt);
      const isBack = row.retest_ts_ns !== null;
      const outcome = row.outcome ?? "";
      /** @type {Mark} */
      const broken = {
        second: columnOf(dt, row.cross_ts_ns), tick, step: "break", shape: isUp(row) ? UP : DOWN,
        outcome: isBack ? "" : outcome, row,
      };
      if (!isBack) return [broken];
      return [broken, { ...broken, second: columnOf(dt, row.retest_ts_ns), step: "retest", shape: RING, outcome }];
    });
  }

  /**
   * The breaks whose marks cover a cell.
   * @param {number} second @param {number} tick @returns {[string, string][]} words and values
   */
  wordsAt(second, tick) {
    const { view } = this;
    const { day } = this.player;
    if (!view || !day) return [];
    const fontPx = parseFloat(getComputedStyle(document.documentElement).fontSize);
    const reach = REACH_REM * fontPx * (window.devicePixelRatio || 1);
    const [x, y] = middle(second, tick, view);
    const covers = (/** @type {Mark} */ mark) => {
      const [markX, markY] = middle(mark.second, mark.tick, view);
      return Math.abs(markX - x) <= reach && Math.abs(markY - y) <= reach;
    };
    const rows = new Set(this.marks.filter(covers).map((mark) => mark.row));
    return [...rows].map((row) => {
      const at = localTime(day.dt, toSecond(day.dt, row.cross_ts_ns));
      return ["Break", `${breakWords(row)} at ${at}; ${followedWords(row, day.dt)}`];
    });
  }
}

/** @param {string} dt @param {string} ns @returns {number} second whose window holds the moment */
function columnOf(dt, ns) {
  return toSecond(dt, ns) + 1;
}

/** @param {number} second @param {number} tick @param {import("./view.js").View} view @returns {[number, number]} */
function middle(second, tick, view) {
  return [view.x(second) + view.secondPx / 2, view.y(tick) + view.tickPx / 2];
}

/** @param {Mark} mark @param {import("./view.js").View} view @returns {boolean} */
function isInSight({ second, tick }, view) {
  const [x, y] = middle(second, tick, view);
  return x >= 0 && x < view.width && y >= 0 && y < view.height;
}

/** @param {Element} mark @param {string} outline @param {string} outcome */
function shape(mark, outline, outcome) {
  setAttribute(mark, "data-outcome", outcome);
  for (const part of mark.children) setAttribute(part, "d", outline + (OVER.get(outcome) ?? ""));
}

/** @param {string} step of SHAPES @param {string} outcome @returns {SVGElement} a mark that lies nowhere */
export function markOf(step, outcome) {
  const made = emptyMark();
  made.setAttribute("data-step", step);
  shape(made, SHAPES[step], outcome);
  return made;
}

/** @returns {SVGElement} a mark without a shape: what sets it off from the cells, and its lines */
function emptyMark() {
  const made = document.createElementNS(SVG, "svg");
  made.setAttribute("class", "retest-mark");
  made.setAttribute("viewBox", `${-REACH} ${-REACH} ${2 * REACH} ${2 * REACH}`);
  for (const name of ["behind", "ink"]) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("class", name);
    made.append(path);
  }
  return made;
}
