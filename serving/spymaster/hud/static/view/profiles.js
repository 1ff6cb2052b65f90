/** Beside the grid, row by row: depth now, and contracts traded in the seconds in sight. */
import { clearSheet, sheetById } from "../dom.js";
import { short } from "../format.js";

/** @typedef {{ask: string, bid: string, buy: string, sell: string, none: string}} ProfileInk */

export class Profiles {
  constructor() {
    this.depth = sheetById("depth");
    this.volume = sheetById("volume");
    /** @type {Map<number, [number, number, number]>} tick -> bought, sold, neither */
    this.traded = new Map();
  }

  /**
   * @param {import("../ring.js").Ring} ring @param {import("./view.js").View} view
   * @param {ProfileInk} colours @param {import("./axes.js").Ink} ink
   */
  drawDepth(ring, view, colours, ink) {
    const { width, ratio } = clearSheet(this.depth);
    const wall = ring.slice(ring.end, "wall");
    if (!wall) return;
    const { columns, from, to } = wall;
    const [low, high] = [view.tickAt(view.height - 1), view.topTick];
    let most = 1;
    for (let i = from; i < to; i++) {
      const tick = columns.tick[i];
      if (tick >= low && tick <= high) most = Math.max(most, columns.depth_qty_end[i]);
    }
    const height = barHeight(view);
    for (let i = from; i < to; i++) {
      const qty = columns.depth_qty_end[i];
      const tick = columns.tick[i];
      if (qty <= 0 || tick < low || tick > high) continue;
      this.depth.context.fillStyle = columns.is_bid[i] ? colours.bid : colours.ask;
      this.depth.context.fillRect(0, view.y(tick), Math.max(1, (qty / most) * (width - 2)), height);
    }
    scaleWord(this.depth.context, most, width, ratio, ink);
  }

  /**
   * @param {import("../ring.js").Ring} ring @param {import("./view.js").View} view
   * @param {ProfileInk} colours @param {import("./axes.js").Ink} ink
   */
  drawVolume(ring, view, colours, ink) {
    const { width, ratio } = clearSheet(this.volume);
    this.#sumTrades(ring, view);
    const [low, high] = [view.tickAt(view.height - 1), view.topTick];
    let most = 1;
    for (const [tick, sides] of this.traded) {
      if (tick >= low && tick <= high) most = Math.max(most, sides[0] + sides[1] + sides[2]);
    }
    const height = barHeight(view);
    const inks = [colours.buy, colours.sell, colours.none];
    for (const [tick, sides] of this.traded) {
      if (tick < low || tick > high) continue;
      let x = 0;
      sides.forEach((qty, side) => {
        const length = (qty / most) * (width - 2);
        this.volume.context.fillStyle = inks[side];
        this.volume.context.fillRect(x, view.y(tick), length, height);
        x += length;
      });
    }
    if (this.traded.size) scaleWord(this.volume.context, most, width, ratio, ink);
  }

  /** @param {import("../ring.js").Ring} ring @param {import("./view.js").View} view */
  #sumTrades(ring, view) {
    this.traded.clear();
    const to = Math.min(ring.end, view.rightSecond - 1);
    for (let second = Math.max(ring.start, view.leftSecond); second <= to; second++) {
      if (!ring.isLoaded(second)) {
        // a sum of some seconds is not that of all in sight
        this.traded.clear();
        return;
      }
      const slice = ring.slice(second, "trades");
      if (!slice) continue;
      for (let i = slice.from; i < slice.to; i++) {
        const tick = slice.columns.tick[i];
        let sides = this.traded.get(tick);
        if (!sides) this.traded.set(tick, (sides = [0, 0, 0]));
        const aggressor = slice.columns.aggressor[i];
        sides[aggressor === 1 ? 0 : aggressor === -1 ? 1 : 2] += slice.columns.qty[i];
      }
    }
  }
}

/** @param {import("./view.js").View} view @returns {number} */
function barHeight(view) {
  return Math.max(1, view.tickPx >= 3 ? view.tickPx - 1 : view.tickPx);
}

/**
 * Write what the longest bar stands for.
 * @param {CanvasRenderingContext2D} context @param {number} most @param {number} width
 * @param {number} ratio @param {import("./axes.js").Ink} ink
 */
function scaleWord(context, most, width, ratio, ink) {
  context.font = `${ink.px * 0.9 * ratio}px ${ink.font}`;
  context.textBaseline = "top";
  context.textAlign = "right";
  const words = `max ${short(most).replace(/\.0$/, "")}`;
  const room = context.measureText(words).width + 6 * ratio;
  // bars of the top rows would cover the words
  context.clearRect(width - room, 0, room, ink.px * 1.3 * ratio);
  context.fillStyle = ink.faint;
  context.fillText(words, width - 3 * ratio, 3 * ratio);
}
