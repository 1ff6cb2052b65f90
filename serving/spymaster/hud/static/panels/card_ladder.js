/** The ladder of the card: what rests on the rungs around a level, highest first, and what it does. */
import { element, setAttribute, setText } from "../dom.js";
import { count, NOT_SHOWN, priceOf, short, signed } from "../format.js";

const HEADINGS = ["", "bids", "points  price", "asks", "", "options"];
/** what happens on a rung, in a word */
const STATES = new Map([
  ["wall_holds", "holds"], ["wall_pulled", "pulled"], ["wall_eaten", "eaten"], ["thin", "thin"],
  ["building", "building"], ["pulled", "pulled"], ["eaten", "eaten"],
]);
const OPTIONS = [
  ["call_physics", "call", "demand for calls"], ["put_physics", "put", "demand for puts"],
  ["gex_call_abs", "call", "gamma of calls"], ["gex_put_abs", "put", "gamma of puts"],
];
/** @typedef {Record<string, any>} Row */

/** One side of a rung: a bar with its number, and what is usual as a mark. */
class Depth {
  /** @param {"bid" | "ask"} side */
  constructor(side) {
    this.side = side;
    this.number = element("span", { className: "figure" });
    this.bar = element("i", { className: `depth-bar ${side}` });
    this.usual = element("i", { className: "usual-mark" });
    const track = element("span", { className: "depth-track" }, this.bar, this.usual);
    this.state = element("span", { className: "rung-state" });
    this.root = element("span", { className: `depth ${side}` }, this.number, track);
  }

  /** @param {Row} row @param {number} most contracts at the end of a bar */
  set(row, most) {
    const { side } = this;
    const [depth, usual, state] = [`${side}_depth`, `${side}_usual_depth`, `${side}_state`].map((name) => row[name]);
    // without a state, zero means that the other side stands there
    const words = depth === null ? "?" : depth === 0 && state === null ? "" : rounded(depth);
    setText(this.number, words);
    this.bar.style.width = `${(100 * (depth ?? 0)) / most}%`;
    this.usual.hidden = usual === null || words === "";
    this.usual.style[side === "bid" ? "right" : "left"] = `${Math.min(98, (100 * (usual ?? 0)) / most)}%`;
    setText(this.state, STATES.get(state) ?? "");
    setAttribute(this.state, "data-state", state ?? "");
    this.root.title = words === "" ? "" : `${side}s: ${depth === null ? NOT_SHOWN : count(depth)}, usually ${usual === null ? NOT_SHOWN : count(Math.round(usual))}`;
  }
}

export class CardLadder {
  constructor() {
    this.root = element("div", { className: "card-ladder" });
    this.spot = element("i", { className: "rung-spot" });
    this.none = element("p", { className: "no-ladder" });
    /** @type {{bid: Depth, ask: Depth, price: HTMLElement}[]} highest first */
    this.rungs = [];
    /** @type {HTMLElement[]} a cell of options for each strike, across its rungs */
    this.strikes = [];
    HEADINGS.forEach((words, i) => {
      const heading = element("span", { className: "rung-heading", textContent: words });
      heading.style.gridArea = `1 / ${i + 1}`;
      this.root.append(heading);
    });
    const column = element("div", { className: "rung-column" }, this.spot);
    this.column = column;
    this.root.append(column, this.none);
  }

  /** @param {Row[]} rows rungs of the level @param {number} tickInt @param {string} why there are none */
  set(rows, tickInt, why) {
    rows.sort((one, other) => other.point_offset - one.point_offset);
    this.none.hidden = rows.length > 0;
    setText(this.none, rows.length ? "" : why);
    setAttribute(this.root, "data-empty", String(!rows.length));
    while (this.rungs.length < rows.length) this.#add();
    const numbers = rows.flatMap((row) => [row.bid_depth, row.ask_depth, row.bid_usual_depth, row.ask_usual_depth]);
    const most = Math.max(1, ...numbers.filter((value) => value !== null));
    this.rungs.forEach(({ bid, ask, price }, i) => {
      const row = rows[i];
      for (const part of [bid.root, bid.state, ask.root, ask.state, price]) part.hidden = !row;
      if (!row) return;
      bid.set(row, most);
      ask.set(row, most);
      const [offset, number] = price.children;
      setText(offset, row.point_offset === 0 ? "" : signed(row.point_offset, 0));
      setText(number, priceOf(row.level_tick + row.point_offset * row.rung_ticks, tickInt));
      setAttribute(price, "data-level", String(row.point_offset === 0));
    });
    this.#placeSpot(rows);
    this.#setStrikes(rows);
  }

  #add() {
    const line = this.rungs.length + 2;
    const price = element("span", { className: "rung-price" },
      element("span", { className: "rung-offset" }), element("span", { className: "figure" }));
    const rung = { bid: new Depth("bid"), ask: new Depth("ask"), price };
    [rung.bid.state, rung.bid.root, rung.price, rung.ask.root, rung.ask.state].forEach((part, i) => {
      part.style.gridArea = `${line} / ${i + 1}`;
      this.root.append(part);
    });
    this.rungs.push(rung);
    this.column.style.gridArea = `2 / 2 / ${line + 1} / 5`;
  }

  /** Draw spot across the rung it lies on. @param {Row[]} rows highest first */
  #placeSpot(rows) {
    const [top] = rows;
    const place = top ? top.point_offset + 1 - (0.5 - top.k_ticks) / top.rung_ticks : NaN;
    this.spot.hidden = !(place >= 0 && place <= rows.length);
    if (!this.spot.hidden) this.spot.style.top = `${(100 * place) / rows.length}%`;
  }

  /** One cell for each strike, across the rungs that share it. @param {Row[]} rows highest first */
  #setStrikes(rows) {
    /** @type {{row: Row, from: number, to: number}[]} */
    const runs = [];
    rows.forEach((row, i) => {
      const last = runs[runs.length - 1];
      if (row.strike_points === null) return;
      if (last?.to === i && last.row.strike_points === row.strike_points) last.to = i + 1;
      else runs.push({ row, from: i, to: i + 1 });
    });
    const gamma = runs.flatMap(({ row }) => [row.gex_call_abs, row.gex_put_abs]).filter((value) => value !== null);
    const most = Math.max(...gamma, Number.MIN_VALUE);
    while (this.strikes.length > runs.length) this.strikes.pop()?.remove();
    while (this.strikes.length < runs.length) {
      this.strikes.push(emptyStrike());
      this.root.append(this.strikes[this.strikes.length - 1]);
    }
    runs.forEach(({ row, from, to }, i) => {
      const cell = this.strikes[i];
      const [name, bars] = cell.children;
      cell.style.gridArea = `${from + 2} / 6 / ${to + 2} / 7`;
      setText(name, String(row.strike_points));
      setAttribute(cell, "data-shared", String(to - from > 1));
      cell.title = OPTIONS.map(([column, , words]) =>
        `${words}: ${column.startsWith("gex") ? short(row[column]) : signed(row[column], 2)}`).join("\n");
      OPTIONS.forEach(([column], place) => {
        const bar = /** @type {HTMLElement} */ (bars.children[place].firstElementChild);
        const value = row[column] ?? 0;
        // demand goes to both sides of the middle, gamma from the left
        const isGamma = column.startsWith("gex");
        bar.style.left = isGamma ? "0%" : `${50 + 50 * Math.min(0, value)}%`;
        bar.style.width = `${isGamma ? (100 * value) / most : 50 * Math.abs(value)}%`;
      });
    });
  }
}

/** @param {number} contracts @returns {string} in at most four places up to a million */
function rounded(contracts) {
  return contracts < 1e4 ? String(contracts) : `${Math.round(contracts / 1e3)}k`;
}

/** @returns {HTMLElement} */
function emptyStrike() {
  const bars = OPTIONS.map(([column, right]) =>
    element("i", { className: `option-track ${column.startsWith("gex") ? "gamma" : "demand"}` },
      element("i", { className: `option-bar ${right}` })));
  const name = element("span", { className: "figure" });
  return element("div", { className: "strike-cell" }, name, element("div", { className: "option-bars" }, ...bars));
}
