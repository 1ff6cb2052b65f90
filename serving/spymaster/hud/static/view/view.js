/**
 * Which seconds and prices the canvas shows: whole pixels a cell from one pixel on, nearest neighbor
 * below. Sizes are in pixels of the device.
 */

export const ZOOM_MIN = 0.1;
export const ZOOM_MAX = 10;
/** ticks that the canvas shows at zoom 1, 20 points of ES */
const DEFAULT_TICKS = 80;
const FUTURE_SHARE = 0.15;

export class View {
  /** @param {any} grid constants of the picture, of paint.json */
  constructor(grid) {
    this.secondColumns = grid.second_columns;
    this.futureColumns = grid.future_columns;
    this.reach = grid.reach_ticks;
    this.width = 1;
    this.height = 1;
    this.zoomTime = 1;
    this.zoomPrice = 1;
    this.followsSpot = true;
    /** seconds between the newest second and the one at the separator's place; 0 or less */
    this.pan = 0;
    this.centerTick = 0;
    this.end = NaN;
    this.spotTick = NaN;
  }

  /** @param {number} width @param {number} height */
  resize(width, height) {
    this.width = Math.max(1, width);
    this.height = Math.max(1, height);
    this.#clampPan();
  }

  /** @param {number} end newest second @param {number} spotTick spot now, NaN if unknown */
  update(end, spotTick) {
    this.end = end;
    this.spotTick = spotTick;
    if ((this.followsSpot || !this.centerTick) && !Number.isNaN(spotTick)) {
      this.centerTick = spotTick;
    }
  }

  /** @returns {number} pixels of a second at zoom 1; so many that the seconds fill the width */
  get baseSecondPx() {
    return Math.ceil(this.width / (this.secondColumns + this.futureColumns));
  }

  /** @returns {number} pixels of a tick at zoom 1 */
  get baseTickPx() {
    return Math.max(1, Math.floor(this.height / DEFAULT_TICKS));
  }

  /** @returns {number} */
  get secondPx() {
    return wholeFromOne(this.baseSecondPx * this.zoomTime);
  }

  /** @returns {number} */
  get tickPx() {
    return wholeFromOne(this.baseTickPx * this.zoomPrice);
  }

  /** @returns {number} future columns in sight when nothing is panned */
  get futureInSight() {
    const columns = Math.round((this.width / this.secondPx) * FUTURE_SHARE);
    return Math.min(this.futureColumns, columns);
  }

  /** @returns {number} second after the rightmost one */
  get rightSecond() {
    return this.end + 1 + this.futureInSight + this.pan;
  }

  /** @returns {number} second at the left edge */
  get leftSecond() {
    return this.secondAt(0);
  }

  /** @returns {number} price of the top row, in ticks */
  get topTick() {
    return this.centerTick + Math.floor(this.height / this.tickPx / 2);
  }

  /** @param {number} x @returns {number} second */
  secondAt(x) {
    return this.rightSecond - 1 - Math.floor((this.width - 1 - x) / this.secondPx);
  }

  /** @param {number} y @returns {number} price in ticks */
  tickAt(y) {
    return this.topTick - Math.floor(y / this.tickPx);
  }

  /** @param {number} second @returns {number} left edge of its column */
  x(second) {
    return Math.round(this.width - (this.rightSecond - second) * this.secondPx);
  }

  /** @param {number} tick @returns {number} upper edge of its row */
  y(tick) {
    return Math.round((this.topTick - tick) * this.tickPx);
  }

  /**
   * @param {"time" | "price"} axis
   * @param {number} steps of the wheel; positive enlarges
   * @param {number} at pixel that keeps its second or price
   */
  zoom(axis, steps, at) {
    if (axis === "time") {
      const second = this.secondAt(at);
      this.zoomTime = nextZoom(this.zoomTime, this.baseSecondPx, steps);
      this.pan += second - this.secondAt(at);
      this.#clampPan();
    } else {
      const tick = this.tickAt(at);
      this.zoomPrice = nextZoom(this.zoomPrice, this.baseTickPx, steps);
      if (!this.followsSpot) this.centerTick += tick - this.tickAt(at);
    }
  }

  /** @param {number} seconds to the left @param {number} ticks upwards */
  move(seconds, ticks) {
    this.pan -= seconds;
    this.#clampPan();
    if (ticks !== 0) {
      this.followsSpot = false;
      this.centerTick += ticks;
    }
  }

  /** Show the default range again, with spot in the middle. */
  reset() {
    this.zoomTime = 1;
    this.zoomPrice = 1;
    this.pan = 0;
    this.follow(true);
  }

  /** @param {boolean} follows keep spot in the middle */
  follow(follows) {
    this.followsSpot = follows;
    if (follows && !Number.isNaN(this.spotTick)) this.centerTick = this.spotTick;
  }

  #clampPan() {
    const inSight = Math.ceil(this.width / this.secondPx) - this.futureInSight;
    this.pan = Math.min(
      this.futureColumns - this.futureInSight,
      Math.max(this.pan, Math.min(0, inSight - this.secondColumns)),
    );
  }
}

/** @param {number} pixels @returns {number} */
function wholeFromOne(pixels) {
  return pixels >= 1 ? Math.floor(pixels + 1e-9) : pixels;
}

/**
 * One step is a fifth, and at least one pixel where cells have whole pixels.
 * @param {number} zoom @param {number} base pixels at zoom 1 @param {number} steps
 * @returns {number}
 */
function nextZoom(zoom, base, steps) {
  let pixels = wholeFromOne(base * zoom);
  for (let i = 0; i < Math.abs(steps); i++) {
    if (steps > 0) pixels = pixels >= 1 ? pixels + Math.max(1, Math.round(pixels / 5)) : pixels * 1.25;
    else pixels = pixels > 1 ? Math.max(1, pixels - Math.max(1, Math.round(pixels / 6))) : pixels / 1.25;
    if (pixels > 0.99 && pixels < 1.01) pixels = 1;
  }
  return Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, pixels / base));
}
