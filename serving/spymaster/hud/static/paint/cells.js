/**
 * The composited cells of the ring: one column a second, one row an absolute tick. A column is
 * composited once; a change of the largest exposure changes the GEX cells alone, from the layers
 * that were kept of them.
 */
import { NULL_INT } from "../wire/arrow.js";
import { ColumnCells, GEX, LAYERS } from "./layers.js";
import { blend, withAlpha } from "./tables.js";

/** rows that spot may move before all columns are composited anew */
const SLACK_TICKS = 400;

/**
 * @typedef {{rows: Int32Array, values: Float64Array, isPut: Uint8Array, alphas: Int32Array,
 *   layers: Uint32Array}} GexCells exposures of one second and the layers of their cells
 */

export class Cells {
  /** @param {import("../ring.js").Ring} ring @param {any} grid constants of the picture */
  constructor(ring, grid) {
    this.ring = ring;
    this.reach = grid.reach_ticks;
    this.futureColumns = grid.future_columns;
    this.height = 2 * (this.reach + SLACK_TICKS) + 1;
    this.colours = new Uint32Array(this.height * ring.size);
    this.column = new ColumnCells(this.height);
    this.painted = new Float64Array(ring.size).fill(-1);
    /** @type {(GexCells | null)[]} */
    this.gexCells = new Array(ring.size).fill(null);
    this.gexMax = 0;
    this.lowTick = NaN;
    this.spotTick = NaN;
    this.wallReach = 0;
    /** @type {Set<string>} */
    this.shown = new Set();
    /** @type {import("./tables.js").Tables | null} */
    this.tables = null;
    /** @type {[Uint32Array, Uint32Array]} future columns, with and without dashes */
    this.future = [new Uint32Array(this.height), new Uint32Array(this.height)];
  }

  /** Composite every column anew at the next update. */
  invalidate() {
    this.painted.fill(-1);
  }

  /** @param {import("./tables.js").Tables} tables @param {Iterable<string>} shown layers */
  show(tables, shown) {
    this.tables = tables;
    this.shown = new Set(shown);
    this.invalidate();
  }

  /** @returns {number} columns that were composited */
  update() {
    const { ring, tables } = this;
    if (!tables || Number.isNaN(ring.end)) return 0;
    this.#placeSpot();
    let count = 0;
    for (let second = ring.start; second <= ring.end; second++) {
      const slot = ring.slot(second);
      if (this.painted[slot] === ring.stamps[slot]) continue;
      this.#composite(second, slot, tables);
      this.painted[slot] = ring.stamps[slot];
      count++;
    }
    this.#scaleGex(tables);
    this.#compositeFuture(tables);
    return count;
  }

  /** @returns {number} colour of a grid line over the background */
  emptyGridLine() {
    if (!this.tables) return 0;
    return blend(this.tables.colour.background, this.tables.colour.grid_line);
  }

  /** Find spot now, and move the rows if it has left the middle. */
  #placeSpot() {
    const { ring } = this;
    this.spotTick = NaN;
    for (let second = ring.end; second >= ring.start; second--) {
      const tick = spotOf(ring.slice(second, "snap"));
      if (tick !== null) {
        this.spotTick = tick;
        break;
      }
    }
    const middle = this.lowTick + this.reach + SLACK_TICKS;
    if (!(Math.abs(this.spotTick - middle) <= SLACK_TICKS)) {
      this.lowTick = (this.spotTick || 0) - this.reach - SLACK_TICKS;
      this.invalidate();
    }
  }

  /**
   * @param {number} second @param {number} slot
   * @param {import("./tables.js").Tables} tables
   */
  #composite(second, slot, tables) {
    const { column, shown } = this;
    const surfaces = this.ring.at(second);
    const snap = surfaces.get("snap");
    column.clear(second, this.lowTick);
    column.spotTick = spotOf(snap);
    if (snap) {
      const draw = (/** @type {string} */ layer, /** @type {string} */ surface) =>
        shown.has(layer) ? surfaces.get(surface) : undefined;
      const physics = draw("physics", "physics_surface");
      if (physics) column.physics(physics, tables);
      const wall = draw("wall", "wall");
      if (wall) column.wall(wall, tables, this.wallReach);
      const vacuum = draw("vacuum", "vacuum");
      if (vacuum) column.vacuum(vacuum, tables);
      const levels = draw("levels", "levels");
      if (levels) column.levels(levels, tables);
      if (shown.has("spot")) column.spot(tables);
      const trades = draw("trades", "trades");
      if (trades) column.trades(trades, tables);
    }
    const isInvalid = snap !== undefined && snap.columns.window_valid[snap.from] === 0;
    if (shown.has("quality") && (isInvalid || surfaces.has("gaps"))) {
      column.quality(tables, isInvalid, surfaces.has("gaps"));
    }
    if (shown.has("grid")) column.grid(tables);
    const gex = snap && shown.has("gex") ? surfaces.get("gex") : undefined;
    this.gexCells[slot] = gex ? this.#gexCells(gex) : null;
    this.#store(slot, tables.colour.background);
  }

  /** @param {import("../ring.js").Slice} slice @returns {GexCells} */
  #gexCells({ columns, from, to }) {
    /** @type {Map<number, number>} row of the picture -> row of the surface, the higher strike */
    const byRow = new Map();
    for (let i = from; i < to; i++) {
      const row = this.column.row(columns.strike_tick[i]);
      const parts = [columns.gex_abs[i], columns.gex_call_abs[i], columns.gex_put_abs[i]];
      if (row < 0 || parts.some(Number.isNaN)) continue;
      const other = byRow.get(row);
      if (other === undefined || columns.strike_points[i] > columns.strike_points[other]) {
        byRow.set(row, i);
      }
    }
    const indices = [...byRow.values()];
    const rows = Int32Array.from(byRow.keys());
    const layers = new Uint32Array(rows.length * LAYERS.length);
    rows.forEach((row, i) => {
      LAYERS.forEach((_, layer) => {
        layers[i * LAYERS.length + layer] = this.column.layers[layer][row];
      });
    });
    return {
      rows,
      values: Float64Array.from(indices, (i) => columns.gex_abs[i]),
      isPut: Uint8Array.from(indices, (i) => +(columns.gex_put_abs[i] > columns.gex_call_abs[i])),
      alphas: new Int32Array(rows.length).fill(-1),
      layers,
    };
  }

  /** @param {number} slot @param {number} background */
  #store(slot, background) {
    const { colours, column, height } = this;
    const { size } = this.ring;
    const layers = column.layers;
    for (let row = 0, at = slot; row < height; row++, at += size) {
      let colour = background;
      for (let layer = 0; layer < layers.length; layer++) {
        const over = layers[layer][row];
        if (over !== 0) colour = blend(colour, over);
      }
      colours[at] = colour;
    }
  }

  /** Scale exposures by the largest one in the picture. @param {import("./tables.js").Tables} tables */
  #scaleGex(tables) {
    let max = 0;
    const first = this.spotTick - this.reach - this.lowTick;
    const last = this.spotTick + this.reach - this.lowTick;
    for (const cells of this.gexCells) {
      if (!cells) continue;
      for (let i = 0; i < cells.rows.length; i++) {
        const row = cells.rows[i];
        if (row >= first && row <= last && cells.values[i] > max) max = cells.values[i];
      }
    }
    const changed = max !== this.gexMax;
    this.gexMax = max;
    for (let slot = 0; slot < this.gexCells.length; slot++) {
      const cells = this.gexCells[slot];
      // cells of a new column have no opacity yet
      if (cells && cells.rows.length && (changed || cells.alphas[0] < 0)) {
        this.#paintGex(cells, slot, tables);
      }
    }
  }

  /**
   * @param {GexCells} cells @param {number} slot
   * @param {import("./tables.js").Tables} tables
   */
  #paintGex(cells, slot, tables) {
    const { gex_call: call, gex_put: put, background } = tables.colour;
    const { rows, values, alphas, isPut, layers } = cells;
    for (let i = 0; i < rows.length; i++) {
      const alpha = tables.gexAlpha(this.gexMax > 0 ? values[i] / this.gexMax : 0);
      if (alpha === alphas[i]) continue;
      alphas[i] = alpha;
      const first = i * LAYERS.length;
      layers[first + GEX] = withAlpha(isPut[i] ? put : call, alpha);
      let colour = background;
      for (let layer = 0; layer < LAYERS.length; layer++) {
        const over = layers[first + layer];
        if (over !== 0) colour = blend(colour, over);
      }
      this.colours[rows[i] * this.ring.size + slot] = colour;
    }
  }

  /** @param {import("./tables.js").Tables} tables */
  #compositeFuture(tables) {
    const { ring, shown } = this;
    let newest = ring.end;
    while (newest > ring.start && !ring.slice(newest, "snap")) newest--;
    const levels = shown.has("levels") ? ring.slice(newest, "levels") : undefined;
    const strikes = shown.has("strikes") ? ring.newest("gex", ring.size) : undefined;
    const hasSpot = shown.has("spot") && !Number.isNaN(this.spotTick);
    for (const [withoutDashes, target] of this.future.entries()) {
      // seconds 0 to 3 of eight draw dashes, 4 to 7 leave them out
      this.column.clear(withoutDashes ? 4 : 0, this.lowTick);
      this.column.spotTick = hasSpot ? this.spotTick : null;
      if (shown.has("grid")) this.column.grid(tables);
      if (levels) this.column.levels(levels, tables);
      if (hasSpot) this.column.spot(tables);
      const lines = this.column.layers[LAYERS.indexOf("trades")];
      if (strikes) markStrikes(strikes, this.column, lines, tables);
      const [grid, level, spot] = ["grid", "levels", "spot"].map(
        (name) => this.column.layers[LAYERS.indexOf(name)],
      );
      for (let row = 0; row < this.height; row++) {
        let colour = tables.colour.background;
        for (const layer of [grid, lines, level, spot]) {
          if (layer[row] !== 0) colour = blend(colour, layer[row]);
        }
        target[row] = colour;
      }
    }
  }
}

/**
 * @param {import("../ring.js").Slice} slice @param {ColumnCells} column
 * @param {Uint32Array} lines @param {import("./tables.js").Tables} tables
 */
function markStrikes({ columns, from, to }, column, lines, tables) {
  for (let i = from; i < to; i++) {
    const row = column.row(columns.strike_tick[i]);
    if (row >= 0) lines[row] = tables.colour.strike_line;
  }
}

/** @param {import("../ring.js").Slice | undefined} snap @returns {number | null} spot in ticks */
export function spotOf(snap) {
  if (!snap) return null;
  const tick = snap.columns.spot_tick[snap.from];
  return tick === NULL_INT ? null : tick;
}
