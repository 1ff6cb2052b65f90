/** Below the grid, on the same columns: a strip of scores per level, and its numbers now. */
import { byId, element, setAttribute, setText } from "../dom.js";
import { decimal, NOT_KNOWN } from "../format.js";
import { FUTURE_SEPARATOR } from "../paint/canvas.js";
import { levelName, rowsOf } from "../panels/rows.js";
import { signalWithDirection } from "../panels/scores.js";

/** font size at which a row of cells has one pixel */
const ROW_FONT_PX = 13;

export class StripsView {
  constructor() {
    this.box = byId("strips");
    this.legend = byId("strips-legend");
    this.canvas = /** @type {HTMLCanvasElement} */ (byId("strips-canvas"));
    const options = { alpha: false, willReadFrequently: true };
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d", options));
    this.image = this.context.createImageData(1, 1);
    /** pixels of the device that a row of cells has */
    this.rowPx = 1;
    /** @type {string[]} level of each strip, from above */
    this.levelIds = [];
    this.rows = 1;
  }

  /**
   * Make room for some strips, none to hide them all.
   * @param {number} strips @param {number} rows of a strip @param {number} width of the grid
   */
  resize(strips, rows, width) {
    this.rows = rows;
    this.box.hidden = this.legend.hidden = strips === 0;
    const ratio = window.devicePixelRatio || 1;
    this.rowPx = pixelsOfRow();
    const height = Math.max(1, strips * rows * this.rowPx);
    if (this.image.width === width && this.image.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.style.width = `${width / ratio}px`;
    this.box.style.height = this.canvas.style.height = `${height / ratio}px`;
    this.image = this.context.createImageData(width, height);
  }

  /** @param {number} rows of a strip @returns {number} its height in CSS pixels */
  stripHeight(rows) {
    return (rows * pixelsOfRow()) / (window.devicePixelRatio || 1);
  }

  /**
   * @param {import("../paint/strips.js").StripCells} cells
   * @param {Int32Array} slots of the columns, as the grid has placed them
   */
  draw(cells, slots) {
    const { image, rowPx } = this;
    if (!cells.tables || this.box.hidden) return;
    this.levelIds = cells.levelIds;
    const { background, separator } = cells.tables.colour;
    const pixels = new Uint32Array(image.data.buffer);
    const { size } = cells.ring;
    const filled = cells.levelIds.length * cells.rows;
    for (let y = 0; y < image.height; y += rowPx) {
      const row = y / rowPx;
      const start = y * image.width;
      for (let x = 0; x < slots.length; x++) {
        const slot = slots[x];
        let colour = slot === FUTURE_SEPARATOR ? separator : background;
        if (slot >= 0 && row < filled) colour = cells.colours[row * size + slot];
        pixels[start + x] = colour;
      }
      for (let copy = 1; copy < rowPx; copy++) {
        pixels.copyWithin(start + copy * image.width, start, start + image.width);
      }
    }
    this.context.putImageData(image, 0, 0);
  }

  /** @param {number} y in CSS pixels of the page @returns {string | null} level of the strip there */
  levelAt(y) {
    const ratio = window.devicePixelRatio || 1;
    const row = Math.floor(((y - this.box.getBoundingClientRect().top) * ratio) / this.rowPx);
    return this.levelIds[Math.floor(row / this.rows)] ?? null;
  }

  /** Write the numbers of the newest second beside the strips. @param {import("../ring.js").Ring} ring */
  name(ring) {
    const { legend, levelIds } = this;
    if (this.box.hidden) return;
    const height = `${(this.rows * this.rowPx) / (window.devicePixelRatio || 1)}px`;
    const now = new Map(rowsOf(ring.slice(ring.end, "scores")).map((row) => [row.level_id, row]));
    while (legend.childElementCount > levelIds.length) legend.lastElementChild?.remove();
    levelIds.forEach((levelId, i) => {
      const line = /** @type {HTMLElement} */ (legend.children[i] ?? legend.appendChild(emptyLine()));
      const [name, score, state, signal] = [...line.children];
      const row = now.get(levelId);
      if (line.style.height !== height) line.style.height = height;
      setText(name, levelName(levelId));
      const known = row && row.score_smooth !== null;
      setText(score, known ? decimal(row.score_smooth, 0) : "");
      const says = known ? signalWithDirection(row) : "";
      // a signal needs the room; the colour tells the state
      setText(state, says ? "" : known ? row.barrier_state : row ? NOT_KNOWN : "not near");
      setAttribute(state, "data-state", known ? row.barrier_state : "");
      setText(signal, says);
      setAttribute(signal, "data-signal", known ? row.signal : "");
    });
  }
}

/** @returns {number} pixels of the device: more where the font is larger */
function pixelsOfRow() {
  const font = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.max(1, Math.round(((window.devicePixelRatio || 1) * font) / ROW_FONT_PX));
}

/** @returns {HTMLElement} */
function emptyLine() {
  const parts = ["level", "figure score", "barrier", "mark-of-signal"];
  return element("p", { className: "strip" }, ...parts.map((className) => element("span", { className })));
}
