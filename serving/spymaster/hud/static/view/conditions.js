/**
 * Below the grid, on the same columns: which of the four conditions of a turn hold at the level in
 * question. From above: ahead retreats, ahead pulled, behind recedes, behind pulled; asks are ahead of
 * price on the way up, bids on the way down. A second in which a condition is not known has no colour.
 */
import { byId, element, setAttribute, setText } from "../dom.js";
import { NOT_KNOWN } from "../format.js";
import { FUTURE_SEPARATOR } from "../paint/canvas.js";
import { levelName, rowsOf, truth } from "../panels/rows.js";

/** conditions from above, on the way up and down */
const UP = ["c1", "c2", "c3", "c4"];
const DOWN = ["c3", "c4", "c1", "c2"];
const NAMES = ["ahead retreats", "ahead pulled", "behind recedes", "behind pulled"];
/** height of a condition, and the room below it, in sizes of the font */
const ROW_REM = 0.3;
const ROOM_REM = 0.08;
/** seconds whose states are kept: more than the grid is wide */
const KEPT_SECONDS = 7200;

export class ConditionsView {
  constructor() {
    this.box = byId("conditions");
    this.canvas = /** @type {HTMLCanvasElement} */ (byId("conditions-canvas"));
    const options = { alpha: false, willReadFrequently: true };
    this.context = /** @type {CanvasRenderingContext2D} */ (this.canvas.getContext("2d", options));
    this.image = this.context.createImageData(1, 1);
    this.level = element("strong");
    this.marks = NAMES.map((name) => element("span", { className: "condition", title: name }));
    this.words = element("span", { className: "faint" });
    byId("conditions-legend").append(this.level, ...this.marks, this.words);
    /** @type {string | null} level that is shown */
    this.levelId = null;
    /** conditions from above, in the direction of the approach in question */
    this.order = UP;
    /** pixels of a condition and of the room below it */
    this.rowPx = 1;
    this.roomPx = 1;
    /** window and pixel ratio of the measured font: reading styles while drawing is slow */
    this.measured = "";
    /**
     * states of the level in question by second, and the columns that they were read from
     * @type {Map<number, { columns: object, states: (boolean | null)[] }>}
     */
    this.states = new Map();
  }

  /** @param {number} width of the grid, in pixels of the device */
  #resize(width) {
    const ratio = window.devicePixelRatio || 1;
    const measured = `${window.innerWidth} ${window.innerHeight} ${ratio} ${width}`;
    if (measured === this.measured) return;
    this.measured = measured;
    const font = parseFloat(getComputedStyle(document.documentElement).fontSize) * ratio;
    this.rowPx = Math.max(2, Math.round(ROW_REM * font));
    this.roomPx = Math.max(1, Math.round(ROOM_REM * font));
    const height = NAMES.length * (this.rowPx + this.roomPx);
    if (this.image.width === width && this.image.height === height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    this.canvas.style.width = `${width / ratio}px`;
    this.box.style.height = this.canvas.style.height = `${height / ratio}px`;
    this.image = this.context.createImageData(width, height);
  }

  /**
   * @param {import("../ring.js").Ring} ring @param {import("../question.js").Asked | null} asked
   * @param {Int32Array} slots of the columns of the grid @param {(x: number) => number} secondAt @param {Record<string, number>} colour packed, by name
   */
  draw(ring, asked, slots, secondAt, colour) {
    this.#resize(slots.length);
    const levelId = asked ? asked.level.level_id : null;
    const order = asked?.direction === "down" ? DOWN : UP;
    if (levelId !== this.levelId || order !== this.order || this.states.size > KEPT_SECONDS) this.states.clear();
    this.levelId = levelId;
    this.order = order;
    const { image, rowPx, roomPx } = this;
    const pixels = new Uint32Array(image.data.buffer);
    pixels.fill(colour.background);
    for (let x = 0; x < slots.length; x++) {
      if (slots[x] === FUTURE_SEPARATOR) {
        for (let y = 0; y < image.height; y++) pixels[y * image.width + x] = colour.separator;
      }
      if (slots[x] < 0) continue;
      this.#states(ring, secondAt(x)).forEach((state, place) => {
        if (state === null) return;
        const top = place * (rowPx + roomPx);
        const shown = state ? colour.condition_met : colour.condition_not_met;
        for (let y = top; y < top + rowPx; y++) pixels[y * image.width + x] = shown;
      });
    }
    this.context.putImageData(image, 0, 0);
    this.#name(ring);
  }

  /**
   * @param {import("../ring.js").Ring} ring @param {number} second
   * @returns {(boolean | null)[]} whether each condition holds, from above; null where not known
   */
  #states(ring, second) {
    const slice = ring.slice(second, "snap") && ring.slice(second, "turns");
    if (!slice || this.levelId === null) return [];
    const { columns } = slice;
    const known = this.states.get(second);
    if (known && known.columns === columns) return known.states;
    for (let i = slice.from; i < slice.to; i++) {
      if (columns.level_id[i] !== this.levelId) continue;
      const states = this.order.map((name) => truth(columns[name][i]));
      this.states.set(second, { columns, states });
      return states;
    }
    return [];
  }

  /** Write the newest second beside the strips. @param {import("../ring.js").Ring} ring */
  #name(ring) {
    setText(this.level, this.levelId === null ? "No active level" : levelName(this.levelId));
    const states = this.#states(ring, ring.end);
    this.marks.forEach((mark, i) => {
      const state = states[i] ?? null;
      setAttribute(mark, "data-met", String(state));
      setText(mark, state === null ? "?" : state ? "✓" : "·");
    });
    const [row] = rowsOf(ring.slice(ring.end, "turns")).filter(({ level_id: id }) => id === this.levelId);
    const met = states.filter((state) => state === true).length;
    setText(this.words, row && states.every((state) => state !== null) ? `${met} of 4` : NOT_KNOWN);
  }
}
