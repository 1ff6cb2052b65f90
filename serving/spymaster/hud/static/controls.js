/** Layers, contrast, zoom, and the pointer over the grid. */
import { byId, element, setAttribute, setText } from "./dom.js";
import { spotOf } from "./paint/cells.js";
import { FAR_TICKS, NEAR_TICKS } from "./player.js";

/** layer, name, its key (a letter of the name where one is free), what it shows */
export const LAYER_BUTTONS = [
  ["physics", "Physics", "p", "How easily price moves through a tick: up yellow, down blue"],
  ["wall", "Wall", "w", "Resting depth: asks red to orange, bids blue to violet"],
  ["gex", "Gamma", "g", "Gamma exposure at the strikes: calls green, puts pink"],
  ["vacuum", "Vacuum", "v", "Where depth is thinning out"],
  ["grid", "Grid", "r", "A line every four ticks"],
  ["strikes", "Strikes", "k", "Strikes, ahead of price"],
  ["levels", "Levels", "l", "Price levels; provisional ones are dashed"],
  ["spot", "Spot", "s", "Price now and then"],
  ["trades", "Trades", "t", "Trades: buyers green, sellers pink"],
  ["candles", "Candles", "e", "Candles of two minutes: up in the colour of buyers, down in that of sellers"],
  ["vwap", "VWAP", "o", "Mean price by contracts since the open"],
  ["quality", "Quality", "q", "Hatched: seconds that cannot be trusted, and gaps of the recording"],
  ["scores", "Scores", "c", "Break score of each level near price: bars in the colour of its barrier, signals on top"],
];
/** layers that are off at first: they change the colours of depth, or lie over it */
const OFF_AT_FIRST = new Set(["physics", "vacuum", "candles", "vwap"]);
/** layers of a moment that names none */
export const DEFAULT_LAYERS = LAYER_BUTTONS.map(([layer]) => layer).filter((layer) => !OFF_AT_FIRST.has(layer));
/** pixels that the pointer may move in a click */
const CLICK_PX = 4;

export class Controls {
  /**
   * @param {import("./screen.js").Screen} screen
   * @param {import("./crosshair.js").Crosshair} crosshair
   * @param {{explain: (cell: import("./crosshair.js").Cell, isShifted: boolean) => void, changed: () => void}} actions
   */
  constructor(screen, crosshair, actions) {
    this.screen = screen;
    this.crosshair = crosshair;
    this.actions = actions;
    this.low = /** @type {HTMLInputElement} */ (byId("low-qty"));
    this.high = /** @type {HTMLInputElement} */ (byId("high-qty"));
    this.zoom = byId("zoom");
    this.follow = byId("follow");
    /** @type {Map<string, HTMLElement>} */
    this.buttons = new Map(LAYER_BUTTONS.map((entry) => [entry[0], this.#button(entry)]));
    byId("layer-buttons").append(...this.buttons.values());
    this.auto = byId("depth-auto");
    this.low.onchange = this.high.onchange = () => this.#contrast();
    for (const field of [this.low, this.high]) {
      // keys are for the page again
      field.onkeydown = (event) => event.key === "Enter" && field.blur();
    }
    this.auto.onclick = () => this.fixDepth(screen.depthRange.isFixed ? null : this.#typed());
    this.follow.onclick = () => this.toggleFollow();
    byId("zoom-in").onclick = () => this.zoomBoth(1);
    byId("zoom-out").onclick = () => this.zoomBoth(-1);
    byId("zoom-reset").onclick = () => this.reset();
    this.#followPointer(screen.grid.canvas, false);
    this.#followPointer(screen.strips.canvas, true);
    this.#wheelOver(screen.axes.prices.canvas, "price");
    this.#wheelOver(screen.axes.times.canvas, "time");
  }

  /** @param {string[]} entry of LAYER_BUTTONS @returns {HTMLElement} */
  #button([layer, name, letter, words]) {
    const at = name.toLowerCase().indexOf(letter);
    // a key that is no letter of the name stands in the title alone
    const parts = at < 0 ? [name] : [name.slice(0, at), element("u", { textContent: name[at] }), name.slice(at + 1)];
    return element(
      "button",
      {
        type: "button", data: { layer }, onclick: () => this.toggleLayer(layer),
        title: `${words} (${letter.toUpperCase()})`,
      },
      ...parts,
    );
  }

  /** @param {Iterable<string>} layers that are shown */
  setLayers(layers) {
    const shown = new Set(layers);
    for (const [layer, button] of this.buttons) {
      setAttribute(button, "aria-pressed", String(shown.has(layer)));
    }
    this.screen.show(shown);
    this.actions.changed();
  }

  /** @param {string} layer */
  toggleLayer(layer) {
    const layers = new Set(this.screen.layers);
    if (!layers.delete(layer)) layers.add(layer);
    this.setLayers(layers);
  }

  #contrast() {
    this.fixDepth(this.#typed());
  }

  /** @returns {[number, number]} contracts in the two fields */
  #typed() {
    const low = Math.max(1, Math.round(Number(this.low.value) || 1));
    return [low, Math.max(low + 1, Math.round(Number(this.high.value) || low + 1))];
  }

  /** @param {[number, number] | null} range contracts of the ends of the wall's colours; null: of what is in sight */
  fixDepth(range) {
    this.screen.fixDepth(range);
    this.showDepth();
    this.actions.changed();
  }

  /** Show the range of depth, unless the user is typing one. */
  showDepth() {
    const { lowQty, highQty, isFixed } = this.screen.depthRange;
    setAttribute(this.auto, "aria-pressed", String(!isFixed));
    if (document.activeElement === this.low || document.activeElement === this.high) return;
    this.low.value = String(lowQty);
    this.high.value = String(highQty);
  }

  toggleFollow() {
    this.screen.view.follow(!this.screen.view.followsSpot);
    this.update();
  }

  reset() {
    this.screen.view.reset();
    this.update();
  }

  /** @param {number} steps positive enlarges */
  zoomBoth(steps) {
    const { view } = this.screen;
    view.zoom("time", steps, view.x(view.end));
    view.zoom("price", steps, view.height / 2);
    this.update();
  }

  /** Show zoom and follow, and draw. */
  update() {
    const { view } = this.screen;
    setText(this.zoom, `${view.zoomPrice.toFixed(1)} × ${view.zoomTime.toFixed(1)}`);
    setAttribute(this.follow, "aria-pressed", String(view.followsSpot));
    this.screen.request();
    this.actions.changed();
  }

  /** Ask for far ticks as soon as some second in sight has them in sight; they stay. */
  checkReach() {
    const { view, player } = this.screen;
    if (player.maxTicks >= FAR_TICKS || player.loading) return;
    const { ring } = player;
    const [top, bottom] = [view.topTick, view.tickAt(view.height - 1)];
    for (let second = Math.max(ring.start, view.leftSecond); second <= ring.end; second++) {
      const spot = spotOf(ring.slice(second, "snap"));
      if (spot !== null && Math.max(top - spot, spot - bottom) > NEAR_TICKS) {
        player.reach(FAR_TICKS);
        return;
      }
    }
  }

  /** @param {HTMLElement} target @param {"time" | "price" | "both"} axis */
  #wheelOver(target, axis) {
    target.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const delta = event.deltaY || event.deltaX;
        if (delta === 0) return;
        const steps = delta < 0 ? 1 : -1;
        const ratio = window.devicePixelRatio || 1;
        const bounds = target.getBoundingClientRect();
        const { view } = this.screen;
        const priceOnly = axis === "price" || event.ctrlKey;
        const timeOnly = axis === "time" || event.shiftKey;
        if (!priceOnly) view.zoom("time", steps, Math.floor((event.clientX - bounds.left) * ratio));
        if (!timeOnly) view.zoom("price", steps, Math.floor((event.clientY - bounds.top) * ratio));
        this.update();
      },
      { passive: false },
    );
  }

  /** @param {HTMLCanvasElement} canvas @param {boolean} isStrips whose rows are no prices */
  #followPointer(canvas, isStrips) {
    this.#wheelOver(canvas, isStrips ? "time" : "both");
    /** @type {{x: number, y: number, seconds: number, ticks: number, moved: boolean} | null} */
    let drag = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      drag = { x: event.clientX, y: event.clientY, seconds: 0, ticks: 0, moved: false };
    });
    canvas.addEventListener("pointermove", (event) => {
      this.crosshair.move(event.clientX, event.clientY, isStrips);
      if (!drag) return;
      const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
      if (!drag.moved && Math.hypot(dx, dy) < CLICK_PX) return;
      drag.moved = true;
      canvas.classList.add("dragged");
      const { view } = this.screen;
      const ratio = window.devicePixelRatio || 1;
      const seconds = Math.round((dx * ratio) / view.secondPx);
      // a drag that is nearly level moves time alone, so that spot stays followed
      const isLevel = isStrips || (view.followsSpot && Math.abs(dy) < 24);
      const ticks = isLevel ? 0 : Math.round((dy * ratio) / view.tickPx);
      view.move(seconds - drag.seconds, ticks - drag.ticks);
      drag.seconds = seconds;
      drag.ticks = ticks;
      this.update();
    });
    canvas.addEventListener("pointerup", (event) => {
      canvas.classList.remove("dragged");
      const clicked = drag && !drag.moved;
      drag = null;
      this.crosshair.move(event.clientX, event.clientY, isStrips);
      const { cell } = this.crosshair;
      if (clicked && cell) this.actions.explain(cell, event.shiftKey);
    });
    canvas.addEventListener("pointercancel", () => (drag = null));
    canvas.addEventListener("pointerleave", () => this.crosshair.leave());
  }
}
