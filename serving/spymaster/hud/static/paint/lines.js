/**
 * Lines over time, pixel by pixel: a browser without a GPU takes fifty milliseconds for smooth ones.
 */
import { byId } from "../dom.js";

export class LineSheet {
  /** @param {string} id of its canvas */
  constructor(id) {
    this.canvas = /** @type {HTMLCanvasElement} */ (byId(id));
    const context = this.canvas.getContext("2d", { willReadFrequently: true });
    this.context = /** @type {CanvasRenderingContext2D} */ (context);
    this.image = this.context.createImageData(1, 1);
    this.pixels = new Uint32Array(this.image.data.buffer);
    this.thickness = 1;
  }

  /** @returns {{width: number, height: number, ratio: number}} pixels of the device, and per CSS pixel */
  clear() {
    const { canvas } = this;
    const ratio = window.devicePixelRatio || 1;
    const width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    const height = Math.max(1, Math.round(canvas.clientHeight * ratio));
    if (this.image.width !== width || this.image.height !== height) {
      canvas.width = width;
      canvas.height = height;
      this.image = this.context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    } else {
      this.pixels.fill(0);
    }
    this.thickness = Math.max(1, Math.round(ratio));
    return { width, height, ratio };
  }

  /** Bring what was drawn to the screen. */
  show() {
    this.context.putImageData(this.image, 0, 0);
  }

  /** @param {number} left @param {number} top @param {number} right @param {number} bottom @param {number} colour */
  #fill(left, top, right, bottom, colour) {
    const { width, height } = this.image;
    const [from, to] = [Math.max(0, left), Math.min(width, right)];
    const last = Math.min(height, bottom);
    for (let y = Math.max(0, top); y < last; y++) this.pixels.fill(colour, y * width + from, y * width + to);
  }

  /** @param {number} y @param {number} colour of a line across the sheet */
  rule(y, colour) {
    this.#fill(0, y, this.image.width, y + this.thickness, colour);
  }

  /**
   * A line that holds the value of each second for its width, and breaks where a value is unknown.
   * @param {import("../view/view.js").View} view @param {number} first second of values[0]
   * @param {Float64Array} values NaN if unknown @param {number} colour packed
   * @param {{top: number, height: number}} band @param {number} low value at its bottom
   * @param {number} high value at its top
   */
  steps(view, first, values, colour, band, low, high) {
    const { thickness } = this;
    const scale = (band.height - thickness) / (high - low || 1);
    let before = NaN;
    for (let i = 0; i < values.length; i++) {
      const y = Math.round(band.top + (high - values[i]) * scale);
      if (y === y) {
        const x = view.x(first + i);
        this.#fill(x, y, Math.max(x + thickness, view.x(first + i + 1)), y + thickness, colour);
        if (before === before) {
          this.#fill(x, Math.min(before, y), x + thickness, Math.max(before, y) + thickness, colour);
        }
      }
      before = y;
    }
  }
}
