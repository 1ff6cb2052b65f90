/** Over the cells, when they are wanted: candles of two minutes, and the mean price since the open. */
import { spotOf } from "../paint/cells.js";

const CANDLE_S = 120;

/**
 * @typedef {{from: number, open: number, high: number, low: number, close: number}} Candle first
 *   second, and prices in ticks
 */

/**
 * Candles of whole two minutes of the clock; the first and the last may be under way. A candle that
 * the ring does not hold from its start is left out, and one without a spot.
 * @param {import("../ring.js").Ring} ring @param {number} first second of the day
 * @returns {Candle[]}
 */
export function candles(ring, first) {
  /** @type {Candle[]} */
  const found = [];
  /** @type {Candle | null} */
  let candle = null;
  const from = Math.ceil((Math.max(ring.start, first) - 1) / CANDLE_S) * CANDLE_S + 1;
  for (let second = from; second <= ring.end; second++) {
    // a window is named after its end
    if ((second - 1) % CANDLE_S === 0) candle = null;
    const spot = spotOf(ring.slice(second, "snap"));
    if (spot === null) continue;
    if (!candle) {
      candle = { from: Math.floor((second - 1) / CANDLE_S) * CANDLE_S + 1, open: spot, high: spot, low: spot, close: spot };
      found.push(candle);
    }
    candle.close = spot;
    const slice = ring.slice(second, "trades");
    let [low, high] = [spot, spot];
    for (let i = slice?.from ?? 0; slice && i < slice.to; i++) {
      low = Math.min(low, slice.columns.tick[i]);
      high = Math.max(high, slice.columns.tick[i]);
    }
    candle.low = Math.min(candle.low, low);
    candle.high = Math.max(candle.high, high);
  }
  return found;
}

/**
 * @param {CanvasRenderingContext2D} context @param {import("./view.js").View} view
 * @param {Candle[]} found @param {{up: string, down: string}} colours
 */
export function drawCandles(context, view, found, colours) {
  const thick = Math.max(1, Math.round(window.devicePixelRatio || 1));
  const middle = (/** @type {number} */ tick) => Math.round(view.y(tick) + view.tickPx / 2);
  for (const { from, open, high, low, close } of found) {
    // one that is under way ends now
    const [left, right] = [view.x(from) + thick, view.x(Math.min(from + CANDLE_S, view.end + 1)) - thick];
    const [top, bottom] = [middle(Math.max(open, close)), middle(Math.min(open, close))];
    const x = Math.round((left + right) / 2);
    context.fillStyle = close >= open ? colours.up : colours.down;
    // outlines alone, so that depth stays readable
    context.fillRect(left, top, right - left, thick);
    context.fillRect(left, bottom, right - left, thick);
    context.fillRect(left, top, thick, bottom - top);
    context.fillRect(right - thick, top, thick, bottom - top + thick);
    context.fillRect(x, middle(high), thick, top - middle(high));
    context.fillRect(x, bottom, thick, middle(low) - bottom);
  }
}

/**
 * @param {CanvasRenderingContext2D} context @param {import("./view.js").View} view
 * @param {number} first second of the first value @param {Float64Array} values ticks; NaN if unknown
 * @param {string} colour
 */
export function drawLine(context, view, first, values, colour) {
  const thick = 2 * Math.max(1, Math.round(window.devicePixelRatio || 1));
  context.fillStyle = colour;
  let before = NaN;
  values.forEach((tick, i) => {
    const y = Math.round((view.topTick - tick + 0.5) * view.tickPx);
    if (y !== y) return;
    const x = view.x(first + i);
    context.fillRect(x, y, Math.max(1, view.x(first + i + 1) - x), thick);
    if (before === before && before !== y) context.fillRect(x, Math.min(before, y), thick, Math.abs(before - y));
    before = y;
  });
}
