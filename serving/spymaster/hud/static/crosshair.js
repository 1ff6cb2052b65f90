/**
 * The cell under the pointer in words, at once from the ring; on demand, and after a rest, the whole
 * rows from the server.
 */
import { byId, element } from "./dom.js";
import { city, isMissing, localTime, NOT_LOADED, NOT_SHOWN, NOTHING_RECORDED, priceOf, utcTime } from "./format.js";
import { levelName, rowsOf } from "./panels/rows.js";
import { scoreNumbers } from "./panels/scores.js";
import { cellWords } from "./readout.js";
import { getRows } from "./wire/api.js";

const REST_MS = 120;
/** surfaces whose rows have a price */
const WHOLE_ROWS = ["wall", "physics_surface", "vacuum"];
/** columns that only repeat where the cell is */
const REPEATED = new Set(["level_id", "level_price_int", "symbol", "dt", "window_start_ts", "window_end_ts", "window_end_ts_ns", "price_int", "side", "rel_ticks"]);

/** @typedef {{second: number, tick: number, levelId?: string}} Cell of the grid, or of a level's strip */

export class Crosshair {
  /**
   * @param {import("./player.js").Player} player @param {import("./view/view.js").View} view
   * @param {import("./view/strips.js").StripsView} strips
   * @param {import("./view/retests.js").RetestMarks} retestMarks
   */
  constructor(player, view, strips, retestMarks) {
    this.player = player;
    this.view = view;
    this.strips = strips;
    this.retestMarks = retestMarks;
    this.box = byId("grid-box");
    this.tip = byId("tip");
    this.side = byId("side");
    this.vertical = byId("crosshair-x");
    this.horizontal = byId("crosshair-y");
    this.inStrips = byId("crosshair-strips");
    this.isInStrips = false;
    /** @type {{x: number, y: number} | null} in CSS pixels of the page */
    this.pointer = null;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.aborter = new AbortController();
    this.shown = "";
    /** whether the columns of the whole rows are shown too */
    this.showsColumns = false;
  }

  /** Show or hide the columns of the rows behind the cell. */
  toggleColumns() {
    this.showsColumns = !this.showsColumns;
    this.shown = "";
    this.update();
  }

  /** @returns {HTMLElement} */
  #hint() {
    return element("p", { className: "faint", textContent: this.showsColumns ? "D: without columns" : "D: all columns" });
  }

  /** @returns {Cell | null} cell under the pointer */
  get cell() {
    if (!this.pointer) return null;
    const bounds = this.box.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    const x = Math.floor((this.pointer.x - bounds.left) * ratio);
    const y = Math.floor((this.pointer.y - bounds.top) * ratio);
    const second = this.view.secondAt(x);
    if (!this.isInStrips) return { second, tick: this.view.tickAt(y) };
    const levelId = this.strips.levelAt(this.pointer.y);
    return levelId === null ? null : { second, tick: NaN, levelId };
  }

  /** @param {number} x @param {number} y in CSS pixels of the page @param {boolean} isInStrips */
  move(x, y, isInStrips) {
    this.pointer = { x, y };
    this.isInStrips = isInStrips;
    this.update();
  }

  leave() {
    this.pointer = null;
    this.#cancel();
    for (const part of [this.tip, this.vertical, this.horizontal, this.inStrips]) part.hidden = true;
  }

  /** Show the cell that lies under the pointer now. */
  update() {
    const { cell, pointer } = this;
    if (!cell || !pointer) {
      if (pointer) this.leave();
      return;
    }
    const bounds = this.box.getBoundingClientRect();
    this.vertical.hidden = this.inStrips.hidden = this.tip.hidden = false;
    this.horizontal.hidden = this.isInStrips;
    const across = `translateX(${pointer.x - bounds.left}px)`;
    this.vertical.style.transform = this.inStrips.style.transform = across;
    this.horizontal.style.transform = `translateY(${pointer.y - bounds.top}px)`;
    const marked = this.retestMarks.wordsAt(cell.second, cell.tick).join();
    const key = `${cell.second} ${cell.tick} ${cell.levelId} ${this.player.ring.isLoaded(cell.second)} ${marked}`;
    if (key !== this.shown || !this.tip.childElementCount) {
      this.shown = key;
      this.#cancel();
      this.tip.replaceChildren(...this.#summary(cell));
      if (this.showsColumns) this.timer = setTimeout(() => this.#wholeRows(cell), REST_MS);
    }
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    // beside the pointer and, where there is room, not over the readings
    const isRoomLeft = pointer.x - 14 - width >= 4;
    const end = isRoomLeft ? this.side.getBoundingClientRect().left : innerWidth;
    const x = pointer.x + 18 + width > end ? pointer.x - 14 - width : pointer.x + 14;
    // above the strips, which have no room below
    const below = this.isInStrips ? this.strips.box.getBoundingClientRect().top - height - 6 : pointer.y + 16;
    const y = Math.max(4, Math.min(below, innerHeight - height - 6));
    this.tip.style.transform = `translate(${Math.max(4, x)}px, ${y}px)`;
  }

  #cancel() {
    clearTimeout(this.timer);
    this.aborter.abort();
    this.aborter = new AbortController();
  }

  /** @param {Cell} cell @returns {HTMLElement[]} */
  #summary({ second, tick, levelId }) {
    const { day, tickInt, ring } = this.player;
    const time = day ? `${localTime(day.dt, second)} ${city()}, ${utcTime(second)} UTC` : "";
    const heading = element("h3", { className: "figure", textContent: `${levelId === undefined ? priceOf(tick, tickInt) : levelName(levelId)}   ${time}` });
    if (second > ring.end) return [heading, element("p", { className: "faint", textContent: "Not yet." })];
    if (!ring.slice(second, "snap")) {
      const words = ring.isLoaded(second) ? NOTHING_RECORDED : NOT_LOADED;
      return [heading, element("p", { className: "faint", textContent: words })];
    }
    if (levelId === undefined) {
      const words = cellWords(this.player, second, tick, this.retestMarks.wordsAt(second, tick));
      return [table(words, "numbers"), this.#hint()];
    }
    const row = rowsOf(ring.slice(second, "scores")).find((candidate) => candidate.level_id === levelId);
    if (row) return [heading, table(scoreNumbers(row), "numbers"), this.#hint()];
    return [heading, element("p", { className: "faint", textContent: `The score of this level is ${NOT_SHOWN} in this second.` })];
  }

  /** @param {Cell} cell */
  async #wholeRows({ second, tick, levelId }) {
    const { day, ring, surfaces, tickInt } = this.player;
    if (!day || second > ring.end || !ring.slice(second, "snap")) return;
    const { signal } = this.aborter;
    try {
      const wanted = levelId === undefined ? WHOLE_ROWS.filter((name) => surfaces.includes(name)) : ["scores"];
      const answers = await Promise.all(wanted.map((name) => getRows(day, name, second, signal)));
      if (signal.aborted) return;
      const isHere = (/** @type {Record<string, any>} */ row) =>
        levelId === undefined ? row.price_int === BigInt(tick) * BigInt(tickInt) : row.level_id === levelId;
      wanted.forEach((name, i) => {
        for (const row of answers[i].filter(isHere)) {
          const side = row.side ? `, ${row.side === "A" ? "asks" : row.side === "B" ? "bids" : row.side}` : "";
          this.tip.append(element("h3", { className: "faint", textContent: `${name}${side}` }));
          this.tip.append(table([...takenAway(row), ...plainEntries(row)], "whole"));
        }
      });
      this.update();
    } catch (error) {
      if (!signal.aborted) this.tip.append(element("p", { className: "faint", textContent: `The whole row is ${NOT_SHOWN}: ${error}` }));
    }
  }
}

/** @param {Record<string, any>} row @returns {[string, string][]} */
function plainEntries(row) {
  return Object.entries(row)
    .filter(([name]) => !REPEATED.has(name))
    .map(([name, value]) =>
      // prices in points
      name.endsWith("price_int") && !isMissing(value)
        ? [name.replace(/_int$/, ""), (Number(value) / 1e9).toFixed(2)]
        : [name, cellText(value)],
    );
}

/** @param {Record<string, any>} row of any surface @returns {[string, string][]} pulls by their kind */
function takenAway({ pull_qty_total: pulled, reprice_out_qty: repriced }) {
  if (isMissing(pulled) || isMissing(repriced)) return [];
  return [["cancelled", String(pulled - repriced)], ["re-priced away", String(repriced)]];
}

/** @param {any} value @returns {string} */
function cellText(value) {
  if (value === null || value === undefined) return NOT_SHOWN;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "number" && !Number.isInteger(value)) return String(+value.toPrecision(6));
  return String(value);
}

/** @param {[string, string][]} entries @param {string} className @returns {HTMLElement} */
function table(entries, className) {
  const rows = entries.flatMap(([name, value]) => [
    element("dt", { textContent: name }),
    element("dd", { className: "figure", textContent: value }),
  ]);
  return element("dl", { className }, ...rows);
}
