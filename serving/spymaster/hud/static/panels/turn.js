/** The four readings of a turn at the nearest level above and below, as bars and in words. */
import { byId, element, setText } from "../dom.js";
import { count, NOT_SHOWN, signed, tickWords } from "../format.js";
import { SignedBar } from "./bars.js";
import { levelName, rowsOf, truth } from "./rows.js";

/** condition, words, column of z, column of contracts */
const READINGS = [
  ["c1", "Asks retreat", "asks_retreat_z", "asks_retreat_qty"],
  ["c2", "Asks pulled", "asks_pull_z", "asks_pull_qty"],
  ["c3", "Bids recede", "bids_recede_z", "bids_recede_qty"],
  ["c4", "Bids pulled", "bids_pull_z", "bids_pull_qty"],
];
/** usual sizes at the end of a bar */
const BAR_LIMIT_Z = 4;
/** distance within which a level without readings is named */
const NEAR_TICKS = 20;

class Side {
  /** @param {string} where @param {string[][]} readings those of the level's side of the book first */
  constructor(where, readings) {
    this.where = where;
    this.readings = readings;
    this.heading = element("h3");
    this.bars = readings.map(([, words]) => new SignedBar(words, BAR_LIMIT_Z));
    this.words = element("p", { className: "words" });
    const bars = this.bars.map((bar) => bar.root);
    this.root = element("div", { className: "turn-side" }, this.heading, ...bars, this.words);
  }

  /** @param {Record<string, any> | undefined} row of the readings @param {string} place of what */
  set(row, place) {
    setText(this.heading, `${this.where}: ${place}`);
    this.readings.forEach(([condition, , z, qty], i) => {
      const value = row ? row[z] : null;
      const met = row ? truth(row[condition]) : null;
      const words = value === null ? NOT_SHOWN : `${signed(value, 1)}, ${count(row?.[qty])}`;
      this.bars[i].set(value, words, met);
    });
    setText(this.words, row?.words ?? "");
    this.words.hidden = !row;
  }
}

export class TurnPanel {
  constructor() {
    this.above = new Side("Above", READINGS);
    this.below = new Side("Below", [...READINGS.slice(2), ...READINGS.slice(0, 2)]);
    const title = `Each reading in units of its usual size, then contracts. The bar grows right where it is more than usual, left where less, to ${BAR_LIMIT_Z}; › and ‹: beyond the bar. ✓ met, · not met, ? not known.`;
    const legend = element("p", { className: "faint", textContent: title });
    byId("turn-panel").append(this.above.root, this.below.root, legend);
  }

  /** @param {import("../ring.js").Ring} ring */
  update(ring) {
    const turns = rowsOf(ring.slice(ring.end, "turns"));
    const levels = rowsOf(ring.slice(ring.end, "levels")).filter(({ k_ticks: ticks }) => ticks !== null);
    const known = new Map(levels.map((level) => [level.level_id, level]));
    const distance = (/** @type {Record<string, any>} */ row) =>
      Math.abs(known.get(row.level_id)?.k_ticks ?? Infinity);
    turns.sort((one, other) => distance(one) - distance(other));
    levels.sort((one, other) => distance(one) - distance(other));
    const above = turns.find((row) => row.level_side === null || row.level_side > 0);
    const below = turns.find((row) => row !== above && row.level_side !== null && row.level_side < 0);
    const place = (/** @type {Record<string, any> | undefined} */ row, /** @type {1 | -1} */ side) => {
      if (row) return placeOf(known.get(row.level_id) ?? row);
      if (!ring.isLoaded(ring.end)) return "not loaded";
      const level = levels.find(({ k_ticks: ticks }) => (ticks >= 0 ? 1 : -1) === side && Math.abs(ticks) <= NEAR_TICKS);
      if (!level) return ring.slice(ring.end, "snap") ? "no level near" : NOT_SHOWN;
      const why = truth(level.is_provisional) ? "provisional" : "none in this second";
      return `${placeOf(level)}: readings ${NOT_SHOWN} (${why})`;
    };
    this.above.set(above, place(above, 1));
    this.below.set(below, place(below, -1));
  }
}

/** @param {Record<string, any>} level @returns {string} its name and how far it is */
function placeOf({ level_id: id, k_ticks: ticks }) {
  if (ticks === null || ticks === undefined) return levelName(id);
  return `${levelName(id)}, ${ticks === 0 ? "price is at it" : tickWords(Math.abs(ticks))}`;
}
