/** The axes: prices at the right of the grid, local and UTC time below it. */
import { clearSheet, setAttribute, sheetById } from "../dom.js";
import { city, localTime, priceOf, utcTime } from "../format.js";

/** least distance of two labels, in sizes of the font */
const PRICE_GAP = 2.2;
const TIME_GAP = 8;
const PRICE_STEPS = [1, 2, 4, 8, 20, 40, 100, 200, 400, 1000];
const TIME_STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200];

/** @param {number[]} steps @param {number} least @returns {number} */
function step(steps, least) {
  return steps.find((candidate) => candidate >= least) ?? steps[steps.length - 1];
}

/** share of the axis that the mark of the largest exposure takes */
const GEX_SHARE = 0.12;
/** half the height of a level's mark, in sizes of the font */
const LEVEL_REACH = 0.34;

/** @typedef {{text: string, faint: string, panel: string, font: string, px: number}} Ink */
/**
 * @typedef {{levels: {tick: number, isFinal: boolean}[], gex: {tick: number, share: number,
 *   isPut: boolean}[], level: string, call: string, put: string}} PriceMarks lines of the newest
 *   second and their colours; share of the largest exposure, 0 to 1 as the lines show it
 */

export class Axes {
  constructor() {
    this.prices = sheetById("prices");
    this.times = sheetById("times");
  }

  /**
   * @param {import("./view.js").View} view @param {number} tickInt @param {Ink} ink
   * @param {string} spotColour @param {PriceMarks} marks
   */
  drawPrices(view, tickInt, ink, spotColour, marks) {
    const { width, ratio } = clearSheet(this.prices);
    const { context } = this.prices;
    context.font = `${ink.px * ratio}px ${ink.font}`;
    context.textBaseline = "middle";
    const every = step(PRICE_STEPS, (PRICE_GAP * ink.px * ratio) / view.tickPx);
    const low = view.tickAt(view.height - 1);
    drawMarks(context, view, width, ink.px * ratio, marks);
    context.fillStyle = ink.text;
    for (let tick = Math.ceil(low / every) * every; tick <= view.topTick; tick += every) {
      const y = view.y(tick) + view.tickPx / 2;
      context.fillRect(0, Math.round(y), 4 * ratio, Math.max(1, ratio));
      // a label that the edge would cut is left out
      const isWhole = y > 0.6 * ink.px * ratio && y < view.height - 0.6 * ink.px * ratio;
      if (isWhole) context.fillText(priceOf(tick, tickInt), 8 * ratio, y);
    }
    if (Number.isNaN(view.spotTick)) return;
    const y = view.y(view.spotTick) + view.tickPx / 2;
    const half = (ink.px * ratio) / 2 + 3 * ratio;
    context.fillStyle = spotColour;
    context.fillRect(0, y - half, width, 2 * half);
    context.fillStyle = ink.panel;
    context.fillText(priceOf(view.spotTick, tickInt), 8 * ratio, y);
  }

  /** @param {import("./view.js").View} view @param {string} dt @param {Ink} ink */
  drawTimes(view, dt, ink) {
    const { ratio } = clearSheet(this.times);
    const { context } = this.times;
    context.font = `${ink.px * ratio}px ${ink.font}`;
    context.textBaseline = "top";
    const every = step(TIME_STEPS, (TIME_GAP * ink.px * ratio) / view.secondPx);
    const left = view.leftSecond;
    const nameWidth = Math.max(5.6 * ink.px, context.measureText(city()).width / ratio + 8) * ratio;
    setAttribute(this.times.canvas, "aria-label", `Time in ${city()} and UTC`);
    for (let second = Math.ceil(left / every) * every; second < view.rightSecond; second += every) {
      const x = view.x(second);
      context.fillStyle = ink.text;
      context.fillRect(x, 0, Math.max(1, ratio), 4 * ratio);
      if (x < nameWidth || x > view.width - 4.8 * ink.px * ratio) continue;
      context.fillText(localTime(dt, second), x + 3 * ratio, 4 * ratio);
      context.fillStyle = ink.faint;
      context.fillText(utcTime(second), x + 3 * ratio, (6 + ink.px) * ratio);
    }
    context.fillStyle = ink.text;
    context.fillText(city(), 4 * ratio, 4 * ratio);
    context.fillStyle = ink.faint;
    context.fillText("UTC", 4 * ratio, (6 + ink.px) * ratio);
  }
}

/**
 * Mark strikes by a bar from the right and levels by a triangle at the grid: what their thin lines
 * leave to depth.
 * @param {CanvasRenderingContext2D} context @param {import("./view.js").View} view
 * @param {number} width @param {number} fontPx @param {PriceMarks} marks
 */
function drawMarks(context, view, width, fontPx, marks) {
  const height = Math.max(2, Math.min(view.tickPx, fontPx * 0.5));
  for (const { tick, share, isPut } of marks.gex) {
    const length = Math.max(2, share * GEX_SHARE * width);
    context.fillStyle = isPut ? marks.put : marks.call;
    context.fillRect(width - length, view.y(tick) + (view.tickPx - height) / 2, length, height);
  }
  const reach = LEVEL_REACH * fontPx;
  context.fillStyle = context.strokeStyle = marks.level;
  context.lineWidth = Math.max(1, fontPx / 10);
  for (const { tick, isFinal } of marks.levels) {
    const y = view.y(tick) + view.tickPx / 2;
    context.beginPath();
    context.moveTo(0, y - reach);
    context.lineTo(1.5 * reach, y);
    context.lineTo(0, y + reach);
    context.closePath();
    if (isFinal) context.fill();
    else context.stroke();
  }
}
