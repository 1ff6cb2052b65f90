/**
 * Trades as bubbles by size, over the cells, where rows are high enough. `spymaster.hud.bubbles` has
 * the rule; both draw in the order of seconds and prices.
 */
import { blend, withAlpha } from "./tables.js";

export class Bubbles {
  /** @param {any} grid constants of the picture, of paint.json */
  constructor(grid) {
    this.grid = grid;
  }

  /** @param {number} qty contracts @param {number} highQty @param {number} tickPx @returns {number} 0 for none */
  radius(qty, highQty, tickPx) {
    const { bubbles_of_depth: ofDepth, bubble_rows: rows } = this.grid;
    const radius = Math.floor(Math.sqrt(Math.floor((qty * ofDepth * tickPx * tickPx) / highQty)));
    return radius >= tickPx ? Math.min(radius, rows * tickPx) : 0;
  }

  /**
   * @param {ImageData} image @param {Uint32Array} pixels of it
   * @param {import("./cells.js").Cells} cells @param {import("../view/view.js").View} view
   */
  draw(image, pixels, cells, view) {
    const { ring, tables } = cells;
    const tickPx = Math.floor(view.tickPx);
    if (!tables || tickPx < this.grid.bubble_tick_px) return;
    const reach = this.grid.bubble_rows * tickPx;
    const beyond = Math.ceil(reach / view.secondPx);
    const first = Math.max(ring.start, view.leftSecond - beyond);
    const last = Math.min(ring.end, view.rightSecond + beyond);
    for (let second = first; second <= last; second++) {
      const surfaces = ring.at(second);
      const trades = surfaces.has("snap") ? surfaces.get("trades") : undefined;
      if (!trades) continue;
      for (const [tick, sides] of [...bySide(trades)].sort(([one], [other]) => one - other)) {
        if (Math.abs(tick - cells.spotTick) > cells.reach) continue;
        const radius = this.radius(sides[0] + sides[1] + sides[2], tables.highQty, tickPx);
        if (!radius) continue;
        const most = sides.indexOf(Math.max(...sides));
        const { buy, sell, no_aggressor: none } = tables.colour;
        const colour = withAlpha([buy, sell, none][most], this.grid.bubble_alpha);
        const x = view.x(second) + Math.floor(view.secondPx / 2);
        disc(image, pixels, x, view.y(tick) + Math.floor(tickPx / 2), radius, colour);
      }
    }
  }
}

/** @param {import("../ring.js").Slice} slice @returns {Map<number, number[]>} price -> bought, sold, neither */
function bySide({ columns, from, to }) {
  /** @type {Map<number, number[]>} */
  const found = new Map();
  for (let i = from; i < to; i++) {
    let sides = found.get(columns.tick[i]);
    if (!sides) found.set(columns.tick[i], (sides = [0, 0, 0]));
    const aggressor = columns.aggressor[i];
    sides[aggressor === 1 ? 0 : aggressor === -1 ? 1 : 2] += columns.qty[i];
  }
  return found;
}

/**
 * @param {ImageData} image @param {Uint32Array} pixels @param {number} x @param {number} y middle
 * @param {number} radius @param {number} colour
 */
function disc({ width, height }, pixels, x, y, radius, colour) {
  for (let down = -radius; down <= radius; down++) {
    const line = y + down;
    if (line < 0 || line >= height) continue;
    const half = Math.floor(Math.sqrt(radius * radius - down * down));
    const end = Math.min(width - 1, x + half);
    for (let at = Math.max(0, x - half); at <= end; at++) {
      pixels[line * width + at] = blend(pixels[line * width + at], colour);
    }
  }
}
