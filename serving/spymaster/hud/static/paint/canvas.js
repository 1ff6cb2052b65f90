/** Copies the cells in sight, and the lines at the edges of their rows, to the canvas. */
import { Bubbles } from "./bubbles.js";
import { EdgeRule } from "./edges.js";

const FUTURE = -1;
/** Place of the column between the newest second and the future. */
export const FUTURE_SEPARATOR = -2;
const EMPTY = -3;

export class GridCanvas {
  /** @param {HTMLCanvasElement} canvas @param {any} grid constants of the picture */
  constructor(canvas, grid) {
    this.bubbles = new Bubbles(grid);
    this.canvas = canvas;
    const options = { alpha: false, willReadFrequently: true };
    this.context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d", options));
    this.image = this.context.createImageData(1, 1);
    this.pixels = new Uint32Array(1);
    this.slots = new Int32Array(1);
    /** place of each column's second in the period of dashes */
    this.places = new Uint8Array(1);
    this.#allocate();
  }

  /** @param {number} width @param {number} height in pixels of the device */
  resize(width, height) {
    if (this.canvas.width === width && this.canvas.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.#allocate();
  }

  #allocate() {
    const { width, height } = this.canvas;
    this.image = this.context.createImageData(width, height);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.slots = new Int32Array(width);
    this.places = new Uint8Array(width);
  }

  /** Show no cells. @param {number} background */
  blank(background) {
    this.pixels.fill(background);
    this.context.putImageData(this.image, 0, 0);
  }

  /**
   * @param {import("./cells.js").Cells} cells
   * @param {import("../view/view.js").View} view
   */
  draw(cells, view) {
    if (!cells.tables) return;
    const { width, height } = this.canvas;
    const rule = new EdgeRule(cells.grid, view.tickPx);
    this.#placeColumns(cells, view, rule);
    const background = cells.tables.colour.background;
    const gridLine = cells.shown.has("grid");
    const empty = [background, gridLine ? cells.emptyGridLine() : background];
    let y = 0;
    while (y < height) {
      const tick = view.tickAt(y);
      let next = y + 1;
      while (next < height && view.tickAt(next) === tick) next++;
      const start = y * width;
      const inside = Math.abs(tick - cells.spotTick) <= cells.reach;
      if (inside) this.#drawLine(start, cells, tick, empty[(tick & 3) === 0 ? 1 : 0]);
      else this.pixels.fill(background, start, start + width);
      for (let copy = y + 1; copy < next; copy++) {
        this.pixels.copyWithin(copy * width, start, start + width);
      }
      if (inside) this.#drawEdges(y, view.tickPx, cells, tick - cells.lowTick, rule);
      y = next;
    }
    if (cells.shown.has("trades")) this.bubbles.draw(this.image, this.pixels, cells, view);
    this.context.putImageData(this.image, 0, 0);
  }

  /**
   * @param {import("./cells.js").Cells} cells @param {import("../view/view.js").View} view
   * @param {EdgeRule} rule
   */
  #placeColumns(cells, view, rule) {
    const { ring, futureColumns } = cells;
    for (let x = 0; x < this.slots.length; x++) {
      const second = view.secondAt(x);
      this.places[x] = rule.place(second);
      if (ring.holds(second)) this.slots[x] = ring.slot(second);
      else if (second === ring.end + 1) this.slots[x] = FUTURE_SEPARATOR;
      else if (second > ring.end && second <= ring.end + futureColumns) this.slots[x] = FUTURE;
      else this.slots[x] = EMPTY;
    }
  }

  /**
   * @param {number} start first pixel of the line @param {import("./cells.js").Cells} cells
   * @param {number} tick @param {number} empty colour where nothing is
   */
  #drawLine(start, cells, tick, empty) {
    const { pixels, slots } = this;
    const { colours } = cells;
    const row = tick - cells.lowTick;
    const base = row * cells.ring.size;
    const future = cells.future[row];
    const separator = cells.tables ? cells.tables.colour.separator : 0;
    for (let x = 0; x < slots.length; x++) {
      const slot = slots[x];
      if (slot >= 0) pixels[start + x] = colours[base + slot];
      else if (slot === FUTURE) pixels[start + x] = future;
      else pixels[start + x] = slot === FUTURE_SEPARATOR ? separator : empty;
    }
  }
  /**
   * @param {number} top first line of the row @param {number} tickPx its height
   * @param {import("./cells.js").Cells} cells @param {number} row @param {EdgeRule} rule
   */
  #drawEdges(top, tickPx, cells, row, rule) {
    const { places, slots } = this;
    const levels = cells.levelLines.rows.get(row);
    const coming = cells.futureLines.rows.get(row);
    const gex = cells.gexLines.rows.get(row);
    const bottom = top + Math.max(1, Math.floor(tickPx)) - rule.thick;
    for (let x = 0; (levels || coming || gex) && x < slots.length; x++) {
      const slot = slots[x];
      const line = slot >= 0 ? levels : slot === FUTURE ? coming : undefined;
      const at = Math.max(0, slot);
      if (line && line.colours[at] && rule.drawsLevel(places[x], line.kinds[at])) {
        this.#drawLinePixel(x, top, rule.thick, line.colours[at]);
      }
      if (gex && slot >= 0 && gex.colours[slot] && rule.drawsGex(places[x])) {
        this.#drawLinePixel(x, bottom, rule.thick, gex.colours[slot]);
      }
    }
  }

  /** @param {number} x @param {number} y @param {number} thick @param {number} colour */
  #drawLinePixel(x, y, thick, colour) {
    const { width, height } = this.image;
    for (let line = y; line < Math.min(height, y + thick); line++) {
      this.pixels[line * width + x] = colour;
    }
  }
}
