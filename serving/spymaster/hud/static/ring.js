/** The last 1,800 seconds of every surface, by second; a second without a row keeps its place. */
import { eachSecond } from "./wire/arrow.js";

/**
 * Rows `from` up to, but not including, `to` of columns that more seconds may share.
 * @typedef {{columns: import("./wire/arrow.js").Columns, from: number, to: number}} Slice
 * @typedef {Map<string, Slice>} Second surfaces with rows in this second
 */

/** @type {Second} */
const NOTHING = new Map();
/** seconds of the stream that are merged: a column of its own for each would cost more than its rows */
const MERGED_S = 60;
/** seconds over which that work is spread: at once it would take longer than a frame */
const MERGING_S = 30;

export class Ring {
  /** @param {number} size seconds that are kept */
  constructor(size) {
    this.size = size;
    /** Newest second, from midnight UTC; NaN as long as the ring is empty. */
    this.end = NaN;
    /** @type {(Second | undefined)[]} undefined: not loaded; an empty map: nothing recorded */
    this.slots = new Array(size).fill(undefined);
    /** 1 where all surfaces were asked for; a first picture has some of them alone */
    this.complete = new Uint8Array(size);
    /** Counts up whenever the contents of a slot change. */
    this.stamps = new Float64Array(size);
    /** What is left of merging a minute: steps of some values. @type {Generator<number, void> | null} */
    this.merging = null;
    /** Values that a second merges. */
    this.mergedValues = 0;
  }

  /** @returns {number} oldest second that the ring can hold */
  get start() {
    return this.end - this.size + 1;
  }

  /** @param {number} second @returns {number} */
  slot(second) {
    return ((second % this.size) + this.size) % this.size;
  }

  /** @param {number} second @returns {boolean} */
  holds(second) {
    return second <= this.end && second >= this.start;
  }

  /** @param {number} second @returns {Second} its surfaces; empty if nothing is known */
  at(second) {
    return (this.holds(second) && this.slots[this.slot(second)]) || NOTHING;
  }

  /** @param {number} second @param {string} surface @returns {Slice | undefined} */
  slice(second, surface) {
    return this.at(second).get(surface);
  }

  /** @param {number} second @returns {boolean} whether something of the second is there */
  isLoaded(second) {
    return this.holds(second) && this.slots[this.slot(second)] !== undefined;
  }

  /** @param {number} second @returns {boolean} whether all of the second was asked for */
  isComplete(second) {
    return this.holds(second) && this.complete[this.slot(second)] === 1;
  }

  /**
   * Move the newest second, forwards or backwards; seconds outside are forgotten.
   * @param {number} end
   */
  moveTo(end) {
    if (end === this.end) return;
    const before = this.end;
    if (Number.isNaN(before) || Math.abs(end - before) >= this.size) {
      this.#forget();
    } else {
      // slots that the move frees: those of the seconds that come into sight
      const [from, to] = end > before ? [before + 1, end] : [end - this.size + 1, before - this.size];
      for (let second = from; second <= to; second++) {
        this.slots[this.slot(second)] = undefined;
        this.complete[this.slot(second)] = 0;
        this.stamps[this.slot(second)]++;
      }
    }
    this.end = end;
    if (end > before) this.#mergeBefore(end, before);
  }

  /**
   * Merge the seconds of the last minute that is complete, some values with each second that comes.
   * @param {number} end @param {number} before newest second until now
   */
  #mergeBefore(end, before) {
    const to = Math.floor(end / MERGED_S) * MERGED_S;
    if (before < to && to - MERGED_S >= this.start) {
      this.#merge(Infinity);
      const single = this.#single(to - MERGED_S, to);
      let values = 0;
      for (const parts of single.values()) for (const { slice } of parts) values += valuesOf(slice);
      this.mergedValues = Math.ceil(values / MERGING_S);
      this.merging = merged(single);
    }
    this.#merge((end - before) * this.mergedValues);
  }

  /** @param {number} values that are merged now */
  #merge(values) {
    while (this.merging && values > 0) {
      const { done, value } = this.merging.next();
      if (done) this.merging = null;
      else values -= value;
    }
  }

  /** @param {number} from @param {number} to @returns {Map<string, Part[]>} seconds with columns of their own */
  #single(from, to) {
    /** @type {Map<string, Part[]>} */
    const single = new Map();
    for (let second = from; second < to; second++) {
      const held = this.at(second);
      for (const [surface, slice] of held) {
        if (slice.from !== 0 || slice.to !== slice.columns.second.length) continue;
        if (!single.has(surface)) single.set(surface, []);
        single.get(surface)?.push({ held, slice });
      }
    }
    return single;
  }

  /** @param {number} from @param {number} to seconds of which all was asked for, both included */
  markLoaded(from, to) {
    for (let second = Math.max(from, this.start); second <= Math.min(to, this.end); second++) {
      this.slots[this.slot(second)] ??= new Map();
      this.complete[this.slot(second)] = 1;
    }
  }

  /**
   * Take the rows of a surface; those outside the ring are dropped.
   * @param {string} surface
   * @param {import("./wire/arrow.js").Columns} columns
   */
  put(surface, columns) {
    eachSecond(columns, (second, from, to) => {
      if (!this.holds(second)) return;
      const slot = this.slot(second);
      const held = (this.slots[slot] ??= new Map());
      held.set(surface, { columns, from, to });
      this.stamps[slot]++;
    });
  }

  /** Forget the rows of a surface in one second. @param {string} surface @param {number} second */
  drop(surface, second) {
    this.at(second).delete(surface);
  }

  /** @returns {[number, number] | null} first run of seconds of which something is missing, newest first */
  missingRun() {
    let to = this.end;
    while (to >= this.start && this.isComplete(to)) to--;
    if (to < this.start || Number.isNaN(to)) return null;
    let from = to;
    while (from > this.start && !this.isComplete(from - 1)) from--;
    return [from, to];
  }

  /**
   * The newest rows of a surface, at most `age` seconds old.
   * @param {string} surface
   * @param {number} age
   * @returns {Slice | undefined}
   */
  newest(surface, age) {
    for (let second = this.end; second > this.end - age && second >= this.start; second--) {
      const slice = this.slice(second, surface);
      if (slice) return slice;
    }
    return undefined;
  }

  /** Forget everything. */
  clear() {
    this.end = NaN;
    this.#forget();
  }

  #forget() {
    this.merging = null;
    this.slots.fill(undefined);
    this.complete.fill(0);
    for (let slot = 0; slot < this.size; slot++) this.stamps[slot]++;
  }
}

/** @typedef {{held: Second, slice: Slice}} Part a second, and its rows of a surface */

/**
 * Merge the columns of seconds, surface by surface; rows that another answer has replaced stay.
 * @param {Map<string, Part[]>} single @returns {Generator<number, void>} values of each step
 */
function* merged(single) {
  for (const [surface, parts] of single) {
    const slices = parts.map(({ slice }) => slice);
    const rows = slices.reduce((sum, { to }) => sum + to, 0);
    /** @type {import("./wire/arrow.js").Columns} */
    const columns = {};
    for (const name of Object.keys(slices[0].columns)) {
      columns[name] = concatenate(slices.map((slice) => slice.columns[name]));
      yield rows;
    }
    let from = 0;
    for (const { held, slice } of parts) {
      if (held.get(surface) === slice) held.set(surface, { columns, from, to: from + slice.to });
      from += slice.to;
    }
  }
}

/** @param {Slice} slice @returns {number} */
function valuesOf({ columns, from, to }) {
  return (to - from) * Object.keys(columns).length;
}

/** @param {any[]} parts a column of each second @returns {any} one of all */
function concatenate(parts) {
  if (Array.isArray(parts[0])) return parts.flat();
  // integers with NULL are wider than the same column without
  const widest = parts.reduce((one, other) =>
    other.BYTES_PER_ELEMENT > one.BYTES_PER_ELEMENT ? other : one,
  );
  const target = new widest.constructor(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    target.set(part, at);
    at += part.length;
  }
  return target;
}
