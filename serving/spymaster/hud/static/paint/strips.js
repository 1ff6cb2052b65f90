/**
 * Cells of the strips below the prices: one strip a level, one column a second. A strip has, from
 * above, room, the signal and the score: a bar from below in the colour of the barrier's state, and
 * a line at each limit of a signal.
 */
import { blend } from "./tables.js";

const FULL_SCORE = 100;
/** @type {Record<string, string>} colours of signals; NEUTRAL has none */
const SIGNALS = { BREAK: "break", REJECT: "reject", CONTESTED: "contested" };

export class StripCells {
  /** @param {import("../ring.js").Ring} ring @param {any} grid constants of the picture */
  constructor(ring, grid) {
    this.ring = ring;
    /** strips that there is room for */
    this.most = grid.strips;
    this.roomRows = grid.strip_room_rows;
    this.signalRows = grid.signal_rows;
    this.scoreRows = grid.score_rows;
    /** rows of a strip */
    this.rows = this.roomRows + this.signalRows + this.scoreRows;
    this.colours = new Uint32Array(grid.strips * this.rows * ring.size);
    this.painted = new Float64Array(ring.size).fill(-1);
    /** 1 where the column of a slot has scores; all of them are outdated after a change of colours */
    this.filled = new Uint8Array(ring.size);
    this.isOutdated = true;
    /** @type {string[]} level of each strip, the highest price first */
    this.levelIds = [];
    /** @type {import("./tables.js").Tables | null} */
    this.tables = null;
  }

  /** @param {import("./tables.js").Tables} tables */
  show(tables) {
    this.tables = tables;
    this.isOutdated = true;
  }

  /** @param {number} spotTick spot now @param {string | null} asked level that always has a strip */
  update(spotTick, asked) {
    const { ring, tables, painted } = this;
    if (!tables || Number.isNaN(ring.end)) return;
    const levelIds = this.#levels(spotTick, asked);
    if (levelIds.join() !== this.levelIds.join()) {
      this.levelIds = levelIds;
      this.isOutdated = true;
    }
    if (this.isOutdated) {
      this.colours.fill(tables.colour.background);
      this.filled.fill(0);
      painted.fill(-1);
      this.isOutdated = false;
    }
    for (let second = ring.start; second <= ring.end; second++) {
      const slot = ring.slot(second);
      if (painted[slot] === ring.stamps[slot]) continue;
      this.#paint(second, slot, tables);
      painted[slot] = ring.stamps[slot];
    }
  }

  /** @param {number} second @returns {import("../ring.js").Slice | undefined} of seconds that exist */
  scores(second) {
    const surfaces = this.ring.at(second);
    return surfaces.has("snap") ? surfaces.get("scores") : undefined;
  }

  /**
   * Levels with a row; of too many the one in question and those that were last the nearest to spot.
   * @param {number} spotTick @param {string | null} asked @returns {string[]}
   */
  #levels(spotTick, asked) {
    /** @type {Map<string, number>} */
    const ticks = new Map();
    for (let second = this.ring.end; second >= this.ring.start; second--) {
      const slice = this.scores(second);
      if (!slice) continue;
      const { level_id: levelId, level_tick: tick } = slice.columns;
      for (let i = slice.from; i < slice.to; i++) {
        if (!ticks.has(levelId[i])) ticks.set(levelId[i], tick[i]);
      }
    }
    const distance = (/** @type {string} */ id, /** @type {number} */ at) => (id === asked ? -1 : Math.abs(at - spotTick));
    const byDistance = [...ticks].sort(
      ([one, at], [other, to]) => distance(one, at) - distance(other, to) || order(one, other),
    );
    const shown = byDistance.slice(0, this.most);
    shown.sort(([one, at], [other, to]) => to - at || order(one, other));
    return shown.map(([levelId]) => levelId);
  }

  /** @param {number} score 0 to 100 @returns {number} rows that it reaches, half a row rounded up */
  #height(score) {
    return Math.floor((score * this.scoreRows) / FULL_SCORE + 0.5);
  }

  /**
   * @param {number} second @param {number} slot
   * @param {import("./tables.js").Tables} tables
   */
  #paint(second, slot, { colour }) {
    const { size } = this.ring;
    const set = (/** @type {number} */ row, /** @type {number} */ value) => {
      this.colours[row * size + slot] = value;
    };
    const slice = this.scores(second);
    if (this.filled[slot]) for (let row = 0; row < this.most * this.rows; row++) set(row, colour.background);
    this.filled[slot] = slice ? 1 : 0;
    if (!slice) return;
    const { columns, from, to } = slice;
    const empty = blend(colour.background, colour.zero_depth);
    for (let i = from; i < to; i++) {
      const place = this.levelIds.indexOf(columns.level_id[i]);
      const score = columns.score_smooth[i];
      const state = columns.barrier_state[i];
      if (place < 0 || score !== score || state === null) continue;
      const top = place * this.rows + this.roomRows;
      const bottom = top + this.signalRows + this.scoreRows - 1;
      const signal = SIGNALS[columns.signal[i]];
      for (let row = top; row < top + this.signalRows; row++) set(row, signal ? colour[signal] : empty);
      const height = this.#height(score);
      const bar = colour[`barrier_${state.toLowerCase()}`];
      for (let row = 0; row < this.scoreRows; row++) set(bottom - row, row < height ? bar : empty);
      for (const limit of [columns.break_score_min[i], columns.reject_score_max[i]]) {
        const row = Math.min(this.#height(limit), this.scoreRows - 1);
        if (row >= height) set(bottom - row, blend(empty, colour.score_line));
      }
    }
  }
}

/** @param {string} one @param {string} other @returns {number} */
function order(one, other) {
  return one < other ? -1 : one > other ? 1 : 0;
}
