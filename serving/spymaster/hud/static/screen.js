/** Draws what the player holds: the cells on every change, the panels some ten times a second. */
import { byId, css, element, setText } from "./dom.js";
import { Cells } from "./paint/cells.js";
import { GridCanvas } from "./paint/canvas.js";
import { DepthRange } from "./paint/range.js";
import { StripCells } from "./paint/strips.js";
import { countSteps, Tables } from "./paint/tables.js";
import { levelName, rowsOf, truth } from "./panels/rows.js";
import { Question } from "./question.js";
import { SessionTrades } from "./session.js";
import { Axes } from "./view/axes.js";
import { ConditionsView } from "./view/conditions.js";
import { Flow } from "./view/flow.js";
import { candles, drawCandles, drawLine } from "./view/market_lines.js";
import { Profiles } from "./view/profiles.js";
import { RetestMarks } from "./view/retests.js";
import { StripsView } from "./view/strips.js";

/** least time between two updates of the panels */
const PANEL_MS = 100;
/** a hidden page gets no frames; it goes on drawing at this pace, so that the stream does too */
const HIDDEN_MS = 250;

/** least share of the window's height that the grid keeps beside the strips */
const GRID_SHARE = 0.61;

/** @typedef {{update: () => void}} Part of the page that follows the newest second */

export class Screen {
  /**
   * @param {import("./player.js").Player} player
   * @param {import("./view/view.js").View} view
   * @param {any} paint contents of paint.json
   * @param {() => "dark" | "light"} theme
   */
  constructor(player, view, paint, theme) {
    this.player = player;
    this.view = view;
    this.paint = paint;
    this.theme = theme;
    this.cells = new Cells(player.ring, paint.grid);
    this.stripCells = new StripCells(player.ring, paint.grid);
    this.strips = new StripsView();
    this.grid = new GridCanvas(/** @type {HTMLCanvasElement} */ (byId("grid")), paint.grid);
    this.box = byId("grid-box");
    this.names = byId("level-names");
    this.message = byId("message");
    this.axes = new Axes();
    this.profiles = new Profiles(() => this.request());
    this.question = new Question();
    this.conditions = new ConditionsView();
    this.flow = new Flow();
    this.session = new SessionTrades(player, () => this.request());
    this.retestMarks = new RetestMarks(player, () => this.request());
    /** @type {Part[]} */
    this.parts = [];
    this.depthRange = new DepthRange(paint, () => this.#paintAnew());
    /** @type {Set<string>} */
    this.layers = new Set();
    this.isAsked = false;
    this.panelsAt = -Infinity;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.panelTimer = undefined;
    this.drawn = 0;
    this.drawMs = 0;
    new ResizeObserver(() => this.resize()).observe(this.box);
  }

  /** @param {Set<string>} layers */
  show(layers) {
    this.layers = layers;
    this.#paintAnew();
  }

  /** @param {[number, number] | null} range contracts of the ends of the wall's colours; null: of what is in sight */
  fixDepth(range) {
    this.depthRange.fix(range);
    this.request();
  }

  #paintAnew() {
    const { lowQty, highQty } = this.depthRange;
    const tables = new Tables(this.paint, this.theme(), lowQty, highQty);
    this.cells.show(tables, this.layers);
    this.stripCells.show(tables);
    this.request();
  }

  /** Take over another theme. */
  retheme() {
    if (this.layers.size) this.#paintAnew();
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const width = Math.round(this.box.clientWidth * ratio);
    const height = Math.round(this.box.clientHeight * ratio);
    this.grid.resize(width, height);
    this.grid.canvas.style.width = `${width / ratio}px`;
    this.grid.canvas.style.height = `${height / ratio}px`;
    this.view.resize(width, height);
    this.request();
  }

  /** Draw with the next frame. */
  request() {
    if (this.isAsked) return;
    this.isAsked = true;
    if (document.hidden) setTimeout(() => this.draw(), HIDDEN_MS);
    else requestAnimationFrame(() => this.draw());
  }

  draw() {
    const started = performance.now();
    const { player, view, cells } = this;
    this.isAsked = false;
    if (cells.wallReach !== player.wallReach) {
      cells.wallReach = player.wallReach;
      cells.invalidate();
    }
    cells.placeSpot();
    this.#fitStrips();
    if (!Number.isNaN(player.ring.end)) {
      view.update(player.ring.end, cells.spotTick);
      this.depthRange.update(player, view, cells.reach);
    }
    cells.update();
    if (!Number.isNaN(player.ring.end)) {
      this.grid.draw(cells, view);
      this.#drawMarket();
      const asked = this.question.at(player.ring);
      this.#drawStrips(asked);
      this.#drawAround(asked);
    }
    if (!player.day && cells.tables) this.grid.blank(cells.tables.colour.background);
    player.acknowledgeDrawn();
    this.#panelsSoon();
    this.drawn++;
    this.drawMs = performance.now() - started;
  }

  /** Make room for the levels of the day, so that the grid keeps its size, and most of the window. */
  #fitStrips() {
    const { player, strips, stripCells } = this;
    if (!player.meta) return;
    const isShown = this.layers.has("scores") && player.surfaces.includes("scores");
    const room = this.box.clientHeight + strips.box.offsetHeight - GRID_SHARE * innerHeight;
    const fitting = Math.max(0, Math.floor(room / strips.stripHeight(stripCells.rows)));
    const count = isShown ? Math.min(this.paint.grid.strips, player.meta.levels.length, fitting) : 0;
    stripCells.most = count;
    strips.resize(count, stripCells.rows, this.grid.canvas.width);
  }

  /** Draw the lines that are switched on over the cells. */
  #drawMarket() {
    const { player, view, cells, layers } = this;
    if (!cells.tables) return;
    const { buy, sell, vwap } = cells.tables.channels;
    const { context } = this.grid;
    if (layers.has("candles")) {
      drawCandles(context, view, candles(player.ring, player.first), { up: css(buy), down: css(sell) });
    }
    const means = layers.has("vwap") ? this.session.vwap() : null;
    if (means) drawLine(context, view, player.ring.start, means, css(vwap));
  }

  /** @param {import("./question.js").Asked | null} asked */
  #drawStrips(asked) {
    if (this.strips.box.hidden) return;
    this.stripCells.update(this.cells.spotTick, asked?.level.level_id ?? null);
    this.strips.draw(this.stripCells, this.grid.slots);
    this.strips.name(this.player.ring);
  }

  /** @param {import("./question.js").Asked | null} asked */
  #drawAround(asked) {
    const { player, view, cells } = this;
    if (!player.day || !cells.tables) return;
    const channels = cells.tables.channels;
    const style = getComputedStyle(document.documentElement);
    const ink = {
      text: css(channels.text), faint: css(channels.faint_text),
      panel: style.getPropertyValue("--panel"), font: style.getPropertyValue("--figures"),
      px: parseFloat(style.fontSize) * 0.88,
    };
    this.axes.drawPrices(view, player.tickInt, ink, css(channels.spot), this.#priceMarks(channels));
    this.axes.drawTimes(view, player.day.dt, ink);
    const bars = {
      ask: style.getPropertyValue("--ask"), bid: style.getPropertyValue("--bid"),
      buy: css(channels.buy), sell: css(channels.sell), none: css(channels.no_aggressor),
    };
    this.profiles.drawDepth(player.ring, view, bars, ink);
    this.profiles.showNumber(player, view);
    this.profiles.drawVolume(player.ring, view, bars, ink, this.session.profile());
    this.conditions.draw(player.ring, asked, this.grid.slots, (x) => view.secondAt(x), cells.tables.colour);
    const { spot: cvd, frame: axis, ...scores } = cells.tables.colour;
    this.flow.draw(player.ring, view, { cvd, axis, ...scores });
    this.#nameLevels();
    this.retestMarks.draw(view, this.layers.has("levels"));
  }

  /**
   * @param {Record<string, number[]>} channels
   * @returns {import("./view/axes.js").PriceMarks} of the layers that are shown
   */
  #priceMarks(channels) {
    const { player, layers, cells } = this;
    const { ring } = player;
    const tables = /** @type {Tables} */ (cells.tables);
    const levels = layers.has("levels") ? rowsOf(ring.slice(ring.end, "levels")) : [];
    const gex = layers.has("gex") ? rowsOf(ring.slice(ring.end, "gex")) : [];
    const share = (/** @type {number} */ value) =>
      cells.gexMax > 0 ? countSteps(tables.gexSteps, value / cells.gexMax) / tables.gexSteps.length : 0;
    return {
      levels: levels.map((row) => ({ tick: row.level_tick, isFinal: truth(row.is_provisional) !== true })),
      gex: gex
        .filter((row) => row.gex_abs !== null)
        .map((row) => ({ tick: row.strike_tick, share: share(row.gex_abs), isPut: row.gex_put_abs > row.gex_call_abs })),
      level: css([...channels.level.slice(0, 3), 255]), call: css(channels.gex_call), put: css(channels.gex_put),
    };
  }

  /** Write the name of each level at the right edge of its line. */
  #nameLevels() {
    const { player, view, layers } = this;
    const levels = layers.has("levels") ? rowsOf(player.ring.slice(player.ring.end, "levels")) : [];
    /** @type {Map<number, string>} */
    const names = new Map();
    for (const { level_id: id, level_tick: tick } of levels) {
      const others = names.get(tick);
      names.set(tick, others ? `${others}, ${levelName(id)}` : levelName(id));
    }
    const ratio = window.devicePixelRatio || 1;
    const inSight = [...names].filter(([tick]) => {
      const y = view.y(tick);
      return y >= 0 && y < view.height && Math.abs(tick - view.spotTick) <= view.reach;
    });
    while (this.names.childElementCount > inSight.length) this.names.lastElementChild?.remove();
    inSight.sort(([one], [other]) => other - one);
    let below = -Infinity;
    inSight.forEach(([tick, name], i) => {
      const label = /** @type {HTMLElement} */ (
        this.names.children[i] ?? this.names.appendChild(element("span", { className: "level-name" }))
      );
      setText(label, name);
      const height = 1.1 * parseFloat(getComputedStyle(label).fontSize);
      // above its line, and never over another name
      const y = Math.max(view.y(tick) / ratio - height - 3, below);
      below = y + height + 2;
      const place = `translateY(${Math.round(y)}px)`;
      if (label.style.transform !== place) label.style.transform = place;
    });
  }

  #panelsSoon() {
    if (this.panelTimer !== undefined) return;
    const wait = Math.max(0, this.panelsAt + PANEL_MS - performance.now());
    this.panelTimer = setTimeout(() => {
      this.panelTimer = undefined;
      this.panelsAt = performance.now();
      for (const part of this.parts) part.update();
      this.#showMessage();
    }, wait);
  }

  #showMessage() {
    const { player, cells } = this;
    let text = player.message;
    if (!text && player.day && player.state !== "loading" && Number.isNaN(cells.spotTick)) {
      text = "No price is known in these thirty minutes.";
    }
    if (player.state !== "playing" && player.state !== "following") this.depthRange.rest();
    this.message.hidden = text === "";
    setText(this.message, text);
  }
}
