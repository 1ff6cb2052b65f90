/**
 * The colours of `paint.json` as packed pixels, and the rules by which a number becomes one. The
 * headless renderer follows the same rules in Python (`spymaster.hud.paint`).
 */

/**
 * A packed pixel has red in its lowest byte, as a little-endian ImageData has.
 * @param {number[]} colour red, green, blue, alpha
 * @returns {number} uint32
 */
export function pack([red, green, blue, alpha]) {
  return (red | (green << 8) | (blue << 16) | (alpha << 24)) >>> 0;
}

/** @param {number} colour packed @param {number} alpha @returns {number} uint32 */
export function withAlpha(colour, alpha) {
  return ((colour & 0xffffff) | (alpha << 24)) >>> 0;
}

/**
 * Lay a colour over an opaque one, rounded to the nearest integer.
 * @param {number} under packed, opaque
 * @param {number} over packed
 * @returns {number} uint32, opaque
 */
export function blend(under, over) {
  const alpha = over >>> 24;
  if (alpha === 255) return over;
  const rest = 255 - alpha;
  const red = (over & 255) * alpha + (under & 255) * rest + 127;
  const green = ((over >>> 8) & 255) * alpha + ((under >>> 8) & 255) * rest + 127;
  const blue = ((over >>> 16) & 255) * alpha + ((under >>> 16) & 255) * rest + 127;
  // ((x + 1) * 257) >> 16 is x / 255 rounded down, for every x that occurs
  return (
    ((((red + 1) * 257) >>> 16) |
      ((((green + 1) * 257) >>> 16) << 8) |
      ((((blue + 1) * 257) >>> 16) << 16) |
      0xff000000) >>>
    0
  );
}

/** @param {ArrayLike<number>} steps ascending @param {number} value @returns {number} steps <= value */
export function countSteps(steps, value) {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (steps[middle] <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** contracts up to which depth is looked up in a table */
const TABLE_QTY = 8192;

export class Tables {
  /**
   * @param {any} paint contents of paint.json
   * @param {"dark" | "light"} theme
   * @param {number} lowQty contracts that take the first colour of the wall
   * @param {number} highQty contracts that take the last
   */
  constructor(paint, theme, lowQty, highQty) {
    const { ramps, ...colours } = paint.themes[theme];
    /** @type {Record<string, number>} packed colours by name */
    this.colour = Object.fromEntries(
      Object.entries(colours).map(([name, colour]) => [name, pack(colour)]),
    );
    /** @type {Record<string, number[]>} red, green, blue, alpha by name */
    this.channels = colours;
    this.ramps = {
      ask: Uint32Array.from(ramps.ask, pack),
      bid: Uint32Array.from(ramps.bid, pack),
      ease: Uint32Array.from(ramps.ease, pack),
    };
    this.depthSteps = Float64Array.from(paint.depth_steps);
    this.gexSteps = Float64Array.from(paint.gex_alpha_steps);
    this.gexZeroAlpha = paint.gex_zero_alpha;
    this.vacuumAlpha = paint.vacuum_alpha;
    this.vacuumZeroAlpha = paint.vacuum_zero_alpha;
    this.highQty = highQty;
    this.lowStep = countSteps(this.depthSteps, lowQty);
    this.highStep = Math.max(countSteps(this.depthSteps, highQty), this.lowStep + 1);
    this.depthIndices = new Uint8Array(TABLE_QTY);
    let step = 0;
    for (let qty = 0; qty < TABLE_QTY; qty++) {
      while (this.depthSteps[step] <= qty) step++;
      this.depthIndices[qty] = this.#depthIndex(step);
    }
  }

  /** @param {number} step of depth @returns {number} place on a ramp */
  #depthIndex(step) {
    const along = (step - this.lowStep) * 255;
    return clampIndex(Math.floor(along / (this.highStep - this.lowStep)));
  }

  /**
   * The side with more depth gives the hue, asks in a tie.
   * @param {number} askQty contracts @param {number} bidQty contracts @returns {number} packed
   */
  wall(askQty, bidQty) {
    const isAsk = askQty >= bidQty;
    const qty = isAsk ? askQty : bidQty;
    if (qty <= 0) return this.colour.zero_depth;
    const index = qty < TABLE_QTY ? this.depthIndices[qty] : this.#depthIndex(countSteps(this.depthSteps, qty));
    return isAsk ? this.ramps.ask[index] : this.ramps.bid[index];
  }

  /** @param {number} easeSigned -1 to 1 @returns {number} packed */
  ease(easeSigned) {
    return this.ramps.ease[clampIndex(Math.floor(easeSigned * 127.5 + 127.5 + 0.5))];
  }

  /** @param {number} ratio share of the largest exposure @returns {number} alpha */
  gexAlpha(ratio) {
    return this.gexZeroAlpha + countSteps(this.gexSteps, ratio);
  }

  /** @param {number} score 0 to 1 @returns {number} packed */
  vacuum(score) {
    const alpha = this.vacuumZeroAlpha + Math.floor(score * this.vacuumAlpha + 0.5);
    return withAlpha(this.colour.vacuum, alpha);
  }
}

/** @param {number} index @returns {number} 0 to 255 */
function clampIndex(index) {
  return index < 0 ? 0 : index > 255 ? 255 : index;
}
