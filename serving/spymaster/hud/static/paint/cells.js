/**
 * The composited cells of the ring: one column a second, one row an absolute tick. A column is
 * composited once, and only where a layer puts something over the empty column, as most rows and at
 * first most seconds are empty; a change of the largest exposure changes the GEX cells alone, from
 * the layers that were kept of them.
 */
import { NULL_INT } from "../wire/arrow.js";
import { EdgeLines, FINAL } from "./edges.js";
import { ColumnCells, GEX, INSIDES, LAYERS, LEVELS } from "./layers.js";
import { blend, withAlpha } from "./tables.js";

/** what shows where the line of a level is drawn */
const WITH_LEVELS = [...INSIDES, LEVELS].sort((one, other) => one - other);
/** strikes exist in the future alone, and take the place of trades, but lie behind levels */
const STRIKES = LAYERS.indexOf("trades");
const FUTURE_LAYERS = [LAYERS.indexOf("grid"), STRIKES, LAYERS.indexOf("spot")];
const FUTURE_WITH_LEVELS = [LAYERS.indexOf("grid"), STRIKES, LEVELS, LAYERS.indexOf("spot")];
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
    this.grid = grid;
    this.reach = grid.reach_ticks;
    this.futureColumns = grid.future_columns;
    this.height = 2 * (this.reach + SLACK_TICKS) + 1;
    this.colours = new Uint32Array(this.height * ring.size);
    this.column = new ColumnCells(this.height);
    this.painted = new Float64Array(ring.size).fill(-1);
    /** rows from which and up to which the column of a slot differs from an empty one */
    this.filledFrom = new Int32Array(ring.size);
    this.filledTo = new Int32Array(ring.size);
    /** an empty column: background and lines of the grid */
    this.empty = new Uint32Array(this.height);
    this.isOutdated = true;
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
    /** lines of levels and of gamma, by the slots of the ring */
    this.levelLines = new EdgeLines(ring.size);
    this.gexLines = new EdgeLines(ring.size);
    /** a column of the future, and the lines of levels in it */
    this.future = new Uint32Array(this.height);
    this.futureLines = new EdgeLines(1);
  }

  /** Composite every column anew at the next update. */
  invalidate() {
    this.isOutdated = true;
    this.painted.fill(-1);
    this.levelLines.clear();
    this.gexLines.clear();
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
    this.placeSpot();
    if (this.isOutdated) this.#empty(tables);
    let count = 0;
    for (let second = ring.start; second <= ring.end; second++) {
      const slot = ring.slot(second);
      if (this.painted[slot] === ring.stamps[slot]) continue;
      this.painted[slot] = ring.stamps[slot];
      const isEmpty = this.filledFrom[slot] === this.filledTo[slot] && ring.at(second).size === 0;
      if (isEmpty && this.gexCells[slot] === null) continue;
      this.#composite(second, slot, tables);
      count++;
    }
    this.#scaleGex(tables);
    this.#compositeFuture(tables);
    return count;
  }

  /** Empty every column. @param {import("./tables.js").Tables} tables */
  #empty({ colour }) {
    const { size } = this.ring;
    const line = this.shown.has("grid") ? this.emptyGridLine() : colour.background;
    for (let row = 0; row < this.height; row++) {
      this.empty[row] = ((this.lowTick + row) & 3) === 0 ? line : colour.background;
      this.colours.fill(this.empty[row], row * size, (row + 1) * size);
    }
    this.filledFrom.fill(0);
    this.filledTo.fill(0);
    this.gexCells.fill(null);
    this.isOutdated = false;
  }

  /** @returns {number} colour of a grid line over the background */
  emptyGridLine() {
    if (!this.tables) return 0;
    return blend(this.tables.colour.background, this.tables.colour.grid_line);
  }

  /** Find spot now, and move the rows if it has left the middle. */
  placeSpot() {
    const { ring } = this;
    if (Number.isNaN(ring.end)) return;
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
      for (const layer of INSIDES) layers[i * LAYERS.length + layer] = this.column.layers[layer][row];
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
    const { colours, column, empty } = this;
    const { size } = this.ring;
    const layers = INSIDES.map((layer) => column.layers[layer]);
    // rows that another second has filled in this slot
    for (let row = this.filledFrom[slot]; row < this.filledTo[slot]; row++) {
      colours[row * size + slot] = empty[row];
    }
    const { from, to } = column;
    for (let row = from; row < to; row++) {
      let colour = background;
      for (let layer = 0; layer < layers.length; layer++) {
        const over = layers[layer][row];
        if (over !== 0) colour = blend(colour, over);
      }
      colours[row * size + slot] = colour;
    }
    this.filledFrom[slot] = from;
    this.filledTo[slot] = to;
    this.levelLines.clearSlot(slot);
    this.gexLines.clearSlot(slot);
    for (const [row, kind] of column.levelKinds) {
      this.levelLines.set(row, slot, column.blended(row, background, WITH_LEVELS), kind);
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
      this.gexLines.set(rows[i], slot, colour, FINAL);
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
    const { column } = this;
    column.clear(0, this.lowTick);
    column.spotTick = hasSpot ? this.spotTick : null;
    if (shown.has("grid")) column.grid(tables);
    if (levels) column.levels(levels, tables);
    if (hasSpot) column.spot(tables);
    if (strikes) markStrikes(strikes, column, column.layers[STRIKES], tables);
    const { background } = tables.colour;
    for (let row = 0; row < this.height; row++) {
      this.future[row] = column.blended(row, background, FUTURE_LAYERS);
    }
    this.futureLines.clear();
    for (const [row, kind] of column.levelKinds) {
      this.futureLines.set(row, 0, column.blended(row, background, FUTURE_WITH_LEVELS), kind);
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
