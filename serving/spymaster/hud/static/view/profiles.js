/** Beside the grid, row by row: depth now, and contracts traded in the seconds in sight. */
import { byId, clearSheet, setText, sheetById } from "../dom.js";
import { count, NOT_KNOWN, priceOf, short } from "../format.js";
import { rowsOf } from "../panels/rows.js";

/** share of its sheet that the profile of the session takes */
const SESSION_SHARE = 0.4;

/** @typedef {{ask: string, bid: string, buy: string, sell: string, none: string}} ProfileInk */

export class Profiles {
  /** @param {() => void} onPoint the pointer is over another bar */
  constructor(onPoint) {
    this.depth = sheetById("depth");
    this.volume = sheetById("volume");
    /** @type {Map<number, [number, number, number]>} tick -> bought, sold, neither */
    this.traded = new Map();
    this.number = byId("depth-number");
    /** @type {number | null} pointer over the bars of depth, in CSS pixels of the page */
    this.pointer = null;
    const { canvas } = this.depth;
    canvas.addEventListener("pointermove", (event) => {
      this.pointer = event.clientY;
      onPoint();
    });
    canvas.addEventListener("pointerleave", () => {
      this.pointer = null;
      onPoint();
    });
  }

  /**
   * Write the numbers of the bar under the pointer.
   * @param {import("../player.js").Player} player @param {import("./view.js").View} view
   */
  showNumber({ ring, tickInt, wallReach }, view) {
    this.number.hidden = this.pointer === null || Number.isNaN(ring.end);
    if (this.pointer === null) return;
    const bounds = this.depth.canvas.getBoundingClientRect();
    const ratio = window.devicePixelRatio || 1;
    const tick = view.tickAt(Math.floor((this.pointer - bounds.top) * ratio));
    const rows = rowsOf(ring.slice(ring.end, "wall")).filter((row) => row.tick === tick && row.depth_qty_end !== 0);
    const [snap] = rowsOf(ring.slice(ring.end, "snap"));
    const spot = snap?.spot_tick ?? null;
    const isMeasured =
      ring.slice(ring.end, "wall") !== undefined && spot !== null && Math.abs(tick - spot) <= wallReach;
    const words = rows.map((row) => `${count(row.depth_qty_end)} ${row.is_bid ? "bids" : "asks"}`);
    const depth = words.join(", ") || (isMeasured ? "nothing" : NOT_KNOWN);
    setText(this.number, `${priceOf(tick, tickInt)}: ${depth}`);
    const y = bounds.top + (view.y(tick) + view.tickPx / 2) / ratio - this.number.offsetHeight / 2;
    this.number.style.transform = `translate(${bounds.left - this.number.offsetWidth - 4}px, ${y}px)`;
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
   * @param {Map<number, number> | null} session contracts by price since the open
   */
  drawVolume(ring, view, colours, ink, session) {
    const { width: whole, ratio } = clearSheet(this.volume);
    const width = Math.round(session ? whole * (1 - SESSION_SHARE) : whole);
    if (session) this.#drawSession(view, session, whole, ink);
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

  /**
   * From the right edge to the left, so that the two profiles are not taken for one.
   * @param {import("./view.js").View} view @param {Map<number, number>} session
   * @param {number} width @param {import("./axes.js").Ink} ink
   */
  #drawSession(view, session, width, ink) {
    const [low, high] = [view.tickAt(view.height - 1), view.topTick];
    const inSight = [...session].filter(([tick]) => tick >= low && tick <= high);
    const most = Math.max(1, ...inSight.map(([, qty]) => qty));
    const height = barHeight(view);
    this.volume.context.fillStyle = ink.faint;
    for (const [tick, qty] of inSight) {
      const length = Math.max(1, (qty / most) * SESSION_SHARE * width - 2);
      this.volume.context.fillRect(width - length, view.y(tick), length, height);
    }
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
