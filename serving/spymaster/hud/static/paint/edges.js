/**
 * Thin lines at the edges of a row: a level at the upper edge, gamma exposure at the lower one. Where
 * one pixel is much of a row, a line is drawn in some seconds only: `spymaster.hud.edges` has the
 * rule. Here are the colours of lines by row and slot, and the seconds in which they are drawn.
 */

/** kinds of lines; an opaque colour comes with them */
export const PROVISIONAL = 1;
export const FINAL = 2;

/** Lines of one layer: the colour of each pixel that a line may take, 0 where there is none. */
export class EdgeLines {
  /** @param {number} size slots of a row */
  constructor(size) {
    this.size = size;
    /** @type {Map<number, {colours: Uint32Array, kinds: Uint8Array}>} by row of the picture */
    this.rows = new Map();
  }

  clear() {
    this.rows.clear();
  }

  /** @param {number} slot whose second is composited anew */
  clearSlot(slot) {
    for (const { colours } of this.rows.values()) colours[slot] = 0;
  }

  /** @param {number} row @param {number} slot @param {number} colour opaque @param {number} kind */
  set(row, slot, colour, kind) {
    let line = this.rows.get(row);
    if (!line) {
      line = { colours: new Uint32Array(this.size), kinds: new Uint8Array(this.size) };
      this.rows.set(row, line);
    }
    line.colours[slot] = colour;
    line.kinds[slot] = kind;
  }
}

/** How lines are drawn in rows of some height. */
export class EdgeRule {
  /** @param {any} grid constants of the picture, of paint.json @param {number} tickPx height of a row */
  constructor(grid, tickPx) {
    const pixels = Math.max(1, Math.floor(tickPx));
    this.period = grid.dash_period_s;
    /** pixels that a line is high */
    this.thick = Math.max(1, Math.floor(pixels / grid.line_share));
    const drawn = (/** @type {number} */ share) => Math.min(this.period, Math.floor((this.period * pixels) / share));
    const level = drawn(grid.level_share);
    /** seconds of a period in which a level is drawn, by kind */
    this.level = [0, Math.floor(level / 2), level];
    this.gex = drawn(grid.gex_share);
  }

  /** @param {number} second @returns {number} its place in the period of levels */
  place(second) {
    return ((second % this.period) + this.period) % this.period;
  }

  /** @param {number} place of a second @param {number} kind @returns {boolean} */
  drawsLevel(place, kind) {
    return place < this.level[kind];
  }

  /** @param {number} place of a second @returns {boolean} where a level's line is not first */
  drawsGex(place) {
    return (place + this.period / 2) % this.period < this.gex;
  }
}
