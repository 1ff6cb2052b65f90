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

class Side {
  /** @param {string} where */
  constructor(where) {
    this.where = where;
    this.heading = element("h3");
    this.bars = READINGS.map(([, words]) => new SignedBar(words, BAR_LIMIT_Z));
    this.words = element("p", { className: "words" });
    const bars = this.bars.map((bar) => bar.root);
    this.root = element("div", { className: "turn-side" }, this.heading, ...bars, this.words);
  }

  /** @param {Record<string, any> | undefined} row @param {number | undefined} kTicks */
  set(row, kTicks) {
    const distance = kTicks === undefined ? "" : `, ${tickWords(Math.abs(kTicks))}`;
    const name = row ? `${levelName(row.level_id)}${distance}` : "no level near";
    setText(this.heading, `${this.where}: ${name}`);
    READINGS.forEach(([condition, , z, qty], i) => {
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
    this.above = new Side("Above");
    this.below = new Side("Below");
    const title = "Readings are in units of their usual size, then contracts";
    const heading = element("h2", { textContent: "Four readings of a turn", title });
    const legend = element("p", { className: "faint", textContent: title });
    byId("turn-panel").append(heading, this.above.root, this.below.root, legend);
  }

  /** @param {import("../ring.js").Ring} ring */
  update(ring) {
    const turns = rowsOf(ring.slice(ring.end, "turns"));
    const levels = new Map(
      rowsOf(ring.slice(ring.end, "levels")).map((row) => [row.level_id, row.k_ticks]),
    );
    const distance = (/** @type {Record<string, any>} */ row) =>
      Math.abs(levels.get(row.level_id) ?? Infinity);
    turns.sort((one, other) => distance(one) - distance(other));
    const above = turns.find((row) => row.level_side === null || row.level_side > 0);
    const below = turns.find((row) => row !== above && row.level_side !== null && row.level_side < 0);
    this.above.set(above, above && levels.get(above.level_id));
    this.below.set(below, below && levels.get(below.level_id));
  }
}
