/** What each layer puts into the cells of one second: packed colours, 0 where it has nothing. */
import { NULL_INT } from "../wire/arrow.js";
import { FINAL, PROVISIONAL } from "./edges.js";
import { blend } from "./tables.js";

/** Layers of a second, back to front. Strike lines exist only in the future columns. */
export const LAYERS = [
  "physics", "wall", "gex", "vacuum", "quality", "grid", "levels", "spot", "trades",
];
/** Places among LAYERS of those that are lines at the edges of rows. */
export const GEX = LAYERS.indexOf("gex");
export const LEVELS = LAYERS.indexOf("levels");
/** Places of the layers that fill their cells, back to front. */
export const INSIDES = LAYERS.map((_, layer) => layer).filter((layer) => layer !== GEX && layer !== LEVELS);

/** a side of a cell without a row */
const ABSENT = Infinity;

/** @param {number} value @returns {boolean} */
function isKnown(value) {
  return value === value && value !== ABSENT;
}

/**
 * Cells of one second, reused from second to second.
 */
export class ColumnCells {
  /** @param {number} height rows */
  constructor(height) {
    this.height = height;
    /** @type {Uint32Array[]} colours by layer */
    this.layers = LAYERS.map(() => new Uint32Array(height));
    this.values = [new Float64Array(height), new Float64Array(height)];
    /** @type {Map<number, number>} row -> kind of the level's line in it */
    this.levelKinds = new Map();
    this.lowTick = 0;
    this.second = 0;
    /** @type {number | null} */
    this.spotTick = null;
    /** rows from which and up to which a layer other than the grid may have something */
    this.from = 0;
    this.to = 0;
    /** the same of the surface that was spread last */
    this.spreadFrom = 0;
    this.spreadTo = 0;
  }

  /** @param {number} second @param {number} lowTick price of the lowest row */
  clear(second, lowTick) {
    this.second = second;
    this.lowTick = lowTick;
    for (const layer of this.layers) layer.fill(0);
    this.levelKinds.clear();
    this.from = this.to = 0;
  }

  /** Note that rows are filled. @param {number} from @param {number} to row after the last one */
  #fill(from, to) {
    if (from >= to) return;
    const isFirst = this.from === this.to;
    this.from = isFirst ? from : Math.min(this.from, from);
    this.to = isFirst ? to : Math.max(this.to, to);
  }

  /**
   * @param {number} row @param {number} under background @param {number[]} chosen places of layers
   * @returns {number} colour of the layers over the background
   */
  blended(row, under, chosen) {
    let colour = under;
    for (const layer of chosen) {
      const over = this.layers[layer][row];
      if (over !== 0) colour = blend(colour, over);
    }
    return colour;
  }

  /** @param {number} tick @returns {number} row, -1 outside */
  row(tick) {
    const row = tick - this.lowTick;
    return row >= 0 && row < this.height ? row : -1;
  }

  /**
   * Spread a surface over its two sides: values[0] of asks, values[1] of bids; NaN if unknown,
   * ABSENT without a row. The rows between the outermost ones hold it.
   * @param {import("../ring.js").Slice} slice
   * @param {string} name
   */
  #spread({ columns, from, to }, name) {
    const [asks, bids] = this.values;
    const { tick, is_bid: isBid } = columns;
    const value = columns[name];
    let [low, high] = [this.height, -1];
    for (let i = from; i < to; i++) {
      const row = this.row(tick[i]);
      if (row < 0) continue;
      if (row < low) low = row;
      if (row > high) high = row;
    }
    this.spreadFrom = low;
    this.spreadTo = high + 1;
    this.#fill(low, high + 1);
    asks.fill(ABSENT, low, high + 1);
    bids.fill(ABSENT, low, high + 1);
    for (let i = from; i < to; i++) {
      const row = this.row(tick[i]);
      if (row >= 0) (isBid[i] ? bids : asks)[row] = value[i] === NULL_INT ? NaN : value[i];
    }
  }

  /** @param {import("../ring.js").Slice} slice @param {import("./tables.js").Tables} tables */
  physics(slice, tables) {
    this.#spread(slice, "ease_signed");
    const [asks, bids] = this.values;
    const layer = this.layers[LAYERS.indexOf("physics")];
    const spot = this.spotTick;
    for (let row = this.spreadFrom; row < this.spreadTo; row++) {
      const ask = asks[row];
      const bid = bids[row];
      if (ask === ABSENT && bid === ABSENT) continue;
      const fromSpot = spot === null ? 0 : this.lowTick + row - spot;
      let ease = bid === ABSENT ? ask : bid;
      if (ask !== ABSENT && bid !== ABSENT) {
        // bids below spot, asks above; at spot whichever is farther from zero, asks in a tie
        if (fromSpot !== 0) ease = fromSpot < 0 ? bid : ask;
        else if (Math.abs(bid) <= Math.abs(ask) || bid !== bid) ease = ask;
      }
      if (ease === ease) layer[row] = tables.ease(ease);
    }
  }

  /**
   * A cell that lies within reach and has no row is measured zero.
   * @param {import("../ring.js").Slice} slice
   * @param {import("./tables.js").Tables} tables
   * @param {number} reach ticks around spot that the surface covers
   */
  wall(slice, tables, reach) {
    this.#spread(slice, "depth_qty_end");
    const [asks, bids] = this.values;
    const layer = this.layers[LAYERS.indexOf("wall")];
    for (let row = this.spreadFrom; row < this.spreadTo; row++) {
      const ask = asks[row];
      const bid = bids[row];
      if (isKnown(ask) || isKnown(bid)) {
        layer[row] = tables.wall(isKnown(ask) ? ask : 0, isKnown(bid) ? bid : 0);
      }
    }
    if (this.spotTick === null) return;
    const high = Math.min(this.height - 1, this.spotTick + reach - this.lowTick);
    const low = Math.max(0, this.spotTick - reach - this.lowTick);
    this.#fill(low, high + 1);
    for (let row = low; row <= high; row++) {
      if (layer[row] === 0) layer[row] = tables.colour.zero_depth;
    }
  }

  /** @param {import("../ring.js").Slice} slice @param {import("./tables.js").Tables} tables */
  vacuum(slice, tables) {
    this.#spread(slice, "vacuum_score");
    const [asks, bids] = this.values;
    const layer = this.layers[LAYERS.indexOf("vacuum")];
    for (let row = this.spreadFrom; row < this.spreadTo; row++) {
      const ask = asks[row];
      const bid = bids[row];
      if (!isKnown(ask) && !isKnown(bid)) continue;
      layer[row] = tables.vacuum(!isKnown(bid) ? ask : !isKnown(ask) ? bid : Math.max(ask, bid));
    }
  }

  /**
   * Hatch the second: falling lines if it is invalid, rising ones in a recording gap.
   * @param {import("./tables.js").Tables} tables @param {boolean} isInvalid @param {boolean} isGap
   */
  quality(tables, isInvalid, isGap) {
    const layer = this.layers[LAYERS.indexOf("quality")];
    const { hatch, hatch_dark: dark, gap } = tables.colour;
    this.#fill(0, this.height);
    for (let row = 0; row < this.height; row++) {
      const tick = this.lowTick + row;
      if (isInvalid) {
        const place = (this.second + tick) & 7;
        if (place < 2) layer[row] = place === 0 ? hatch : dark;
      }
      if (isGap && ((this.second - tick) & 7) < 2) layer[row] = gap;
    }
  }

  /** @param {import("./tables.js").Tables} tables */
  grid(tables) {
    const layer = this.layers[LAYERS.indexOf("grid")];
    const first = (4 - (this.lowTick & 3)) & 3;
    for (let row = first; row < this.height; row += 4) layer[row] = tables.colour.grid_line;
  }

  /**
   * A final level comes before a provisional one.
   * @param {import("../ring.js").Slice} slice @param {import("./tables.js").Tables} tables
   */
  levels({ columns, from, to }, tables) {
    const layer = this.layers[LEVELS];
    for (let i = from; i < to; i++) {
      const row = this.row(columns.level_tick[i]);
      if (row < 0) continue;
      layer[row] = tables.colour.level;
      this.#fill(row, row + 1);
      const kind = columns.is_provisional[i] === 1 ? PROVISIONAL : FINAL;
      this.levelKinds.set(row, Math.max(kind, this.levelKinds.get(row) ?? kind));
    }
  }

  /** @param {import("./tables.js").Tables} tables */
  spot(tables) {
    const row = this.spotTick === null ? -1 : this.row(this.spotTick);
    if (row < 0) return;
    this.layers[LAYERS.indexOf("spot")][row] = tables.colour.spot;
    this.#fill(row, row + 1);
  }

  /**
   * The side with most contracts gives a cell its colour; buyers, then sellers, in a tie.
   * @param {import("../ring.js").Slice} slice @param {import("./tables.js").Tables} tables
   */
  trades({ columns, from, to }, tables) {
    const layer = this.layers[LAYERS.indexOf("trades")];
    const { buy, sell, no_aggressor: none } = tables.colour;
    const [most, rank] = this.values;
    for (let i = from; i < to; i++) {
      const row = this.row(columns.tick[i]);
      if (row < 0) continue;
      this.#fill(row, row + 1);
      const aggressor = columns.aggressor[i];
      const order = aggressor === 1 ? 2 : aggressor === -1 ? 1 : 0;
      const qty = columns.qty[i];
      if (layer[row] && (qty < most[row] || (qty === most[row] && order < rank[row]))) continue;
      layer[row] = [none, sell, buy][order];
      most[row] = qty;
      rank[row] = order;
    }
  }
}
