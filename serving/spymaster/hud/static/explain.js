/** "Explain this cell": what a number means, its SQL, its inputs and the records behind it. */
import { byId, element, reasonOf } from "./dom.js";
import { city, isMissing, localTime, NOT_LOADED, NOT_SHOWN, pointsOf, priceOf } from "./format.js";
import { levelName, rowsOf } from "./panels/rows.js";
import { getExplanation, toNs, toSecond } from "./wire/api.js";

/** sections of an explanation in the order of reading, with their headings */
const SECTIONS = [
  ["definition", "What it means"],
  ["value", "Value"],
  ["unit", "Unit"],
  ["recomputed", "Computed again"],
  ["notes", "Notes"],
  ["neighbors", "Most similar approaches"],
  ["sum", "Sum"],
  ["made_by", "How it is made"],
  ["inputs", "Inputs"],
  ["orders", "Orders"],
  ["n_records", "Number of records"],
  ["records", "Records behind it"],
  ["steps", "Steps before"],
  ["key", "Row"],
  ["relation", "Relation"],
  ["column", "Column"],
];
/** columns of a row that its button stands for */
const OF_LINK = new Set(["link", "window_end_ts_ns"]);
/** what a click on a strip explains: column, words */
const SCORE_QUESTIONS = [
  ["score_smooth", "Score"],
  ["signal", "Signal"],
  ["state", "Barrier"],
  ["imbalance", "Tape"],
  ["net_dealer_gamma", "Fuel"],
];
/** rows of a table that are shown at first */
const SHOWN_ROWS = 30;

/**
 * @typedef {{surface: string, column: string, words: string, second: number, tick?: number,
 *   side?: string, level_id?: string, horizon_id?: string, strike_points?: number}} Question
 */

export class Explainer {
  /**
   * @param {import("./player.js").Player} player
   * @param {(symbol: string, dt: string, second: number) => void} visit go to a moment
   */
  constructor(player, visit) {
    this.player = player;
    this.visit = visit;
    this.panel = byId("explain");
    this.asked = 0;
  }

  close() {
    this.asked++;
    this.panel.hidden = true;
  }

  /**
   * Explain a cell of the grid: its depth, with its other numbers to choose from.
   * @param {number} second @param {number} tick @param {Set<string>} layers that are shown
   */
  cell(second, tick, layers) {
    const { ring } = this.player;
    if (second > ring.end || !ring.isLoaded(second)) {
      this.#show("Explain", [paragraph(second > ring.end ? "Not yet." : NOT_LOADED)]);
      return;
    }
    const questions = questionsOf(this.player.ring, second, tick, layers);
    if (questions.length) this.#ask(questions[0], questions);
    else this.#show("Explain", [paragraph("This cell has no number: nothing is known of it.")]);
  }

  /** Explain the score of a level, or what it is made of. @param {number} second @param {string} levelId */
  score(second, levelId) {
    const row = rowsOf(this.player.ring.slice(second, "scores")).find((candidate) => candidate.level_id === levelId);
    if (!row) {
      this.#show("Explain", [paragraph("This level has no score in this second.")]);
      return;
    }
    const questions = SCORE_QUESTIONS.map(([column, words]) => ({
      surface: "scores", column, words: `${words}, ${levelName(levelId)}`, second, level_id: levelId,
    }));
    this.#ask(questions[0], questions);
  }

  /** @param {string} levelId whose odds are explained */
  odds(levelId) {
    const { ring } = this.player;
    for (let second = ring.end; second > ring.end - 5; second--) {
      const slice = ring.slice(second, "odds");
      if (!slice) continue;
      const place = slice.columns.level_id.indexOf(levelId, slice.from);
      if (place < 0 || place >= slice.to) continue;
      const questions = ["break", "reject", "chop"].map((outcome) => ({
        surface: "odds", column: `p_${outcome}`, words: `Odds of ${outcome} at ${levelId.replaceAll("_", " ")}`,
        second, level_id: levelId, horizon_id: slice.columns.horizon_id[place],
      }));
      this.#ask(questions[0], questions);
      return;
    }
  }

  /** @param {Question} question @param {Question[]} questions */
  async #ask(question, questions) {
    const { day, tickInt } = this.player;
    if (!day) return;
    const mine = ++this.asked;
    const choices = questions.length < 2 ? [] : [
      element(
        "p", { className: "choices" },
        ...questions.map((other) =>
          element("button", {
            type: "button", className: "small", textContent: other.words,
            aria: { pressed: String(other === question) },
            onclick: () => this.#ask(other, questions),
          }),
        ),
      ),
    ];
    const price = question.tick === undefined ? question.strike_points && pointsOf(question.strike_points) : priceOf(question.tick, tickInt);
    const where = `${day.symbol} ${day.dt}, ${localTime(day.dt, question.second)} ${city()}${price === undefined ? "" : `, ${price}`}`;
    const heading = [paragraph(where, "faint figure"), ...choices];
    this.#show(question.words, [...heading, paragraph("Asking…", "faint")]);
    let content;
    try {
      const { symbol, dt } = day;
      const answer = await getExplanation({
        symbol, dt, surface: question.surface, column: question.column,
        window_end_ts_ns: toNs(dt, question.second), price_int: question.tick === undefined ? undefined : String(BigInt(question.tick) * BigInt(tickInt)),
        side: question.side, level_id: question.level_id, horizon_id: question.horizon_id,
        strike_price_int: strikeInt(question.strike_points),
      });
      content = this.#sections(answer);
    } catch (error) {
      content = [paragraph(`No explanation: ${reasonOf(error)}`, "warning")];
    }
    if (mine === this.asked) this.#show(question.words, [...heading, ...content]);
  }

  /** @param {string} title @param {Node[]} content */
  #show(title, content) {
    const close = element("button", {
      type: "button", className: "close", textContent: "Close", onclick: () => this.close(),
    });
    const wasHidden = this.panel.hidden;
    this.panel.replaceChildren(element("h3", { textContent: title }), close, ...content);
    this.panel.hidden = false;
    if (wasHidden) close.focus();
  }

  /** @param {any} answer @returns {Node[]} */
  #sections(answer) {
    const known = SECTIONS.map(([name]) => name);
    const others = Object.keys(answer).filter((name) => !known.includes(name));
    return [...SECTIONS, ...others.map((name) => [name, words(name)])]
      .filter(([name]) => !isEmpty(answer[name]))
      .map(([name, title]) =>
        element("section", {}, element("h2", { textContent: title }), this.#value(name, answer[name])),
      );
  }

  /** @param {string} name @param {any} value @returns {Node} */
  #value(name, value) {
    if (isEmpty(value)) return paragraph(NOT_SHOWN);
    if (Array.isArray(value)) {
      if (value.every((entry) => entry !== null && typeof entry === "object" && !Array.isArray(entry))) {
        return this.#table(value);
      }
      return element("ul", {}, ...value.map((entry) => element("li", {}, this.#value(name, entry))));
    }
    if (typeof value === "object") return this.#pairs(value);
    const text = plain(value);
    if (text.includes("\n") || name.endsWith("sql")) return element("pre", { textContent: text });
    return paragraph(text);
  }

  /** @param {Record<string, any>} object @returns {HTMLElement} */
  #pairs(object) {
    const known = Object.entries(object).filter(([, value]) => !isEmpty(value));
    const entries = known.flatMap(([name, value]) => [
      element("dt", { textContent: words(name) }),
      element("dd", {}, this.#value(name, value)),
    ]);
    return element("dl", { className: "pairs" }, ...entries);
  }

  /** @param {Record<string, any>[]} rows @returns {HTMLElement} */
  #table(rows) {
    const nested = (/** @type {any} */ value) => value !== null && typeof value === "object";
    if (rows.some((row) => Object.values(row).some((value) => nested(value) || String(value).length > 80))) {
      const items = rows.map((row) => element("li", {}, this.#pairs(row)));
      return element("ul", { className: "blocks" }, ...items);
    }
    const isLinked = rows.some((row) => this.#link(row));
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))].filter(
      (name) => !isLinked || !OF_LINK.has(name),
    );
    const head = element("tr", {}, ...columns.map((name) => element("th", { scope: "col", textContent: words(name) })));
    const line = (/** @type {Record<string, any>} */ row) => {
      const cells = columns.map((name) =>
        element("td", { textContent: isEmpty(row[name]) ? NOT_SHOWN : plain(row[name]) }),
      );
      const link = this.#link(row);
      return element("tr", {}, ...(link ? [...cells, element("td", {}, link)] : cells));
    };
    const body = element("tbody", {}, ...rows.slice(0, SHOWN_ROWS).map(line));
    const table = element("table", { className: "figure" }, element("thead", {}, head), body);
    const box = element("div", { className: "scroll" }, table);
    if (rows.length > SHOWN_ROWS) {
      const more = element("button", {
        type: "button", className: "small", textContent: `Show all ${rows.length} rows`,
        onclick: () => {
          body.append(...rows.slice(SHOWN_ROWS).map(line));
          more.remove();
        },
      });
      box.append(more);
    }
    return box;
  }

  /** @param {Record<string, any>} row @returns {HTMLElement | null} link to the moment of a row */
  #link(row) {
    const { symbol, dt, window_end_ts_ns: ns } = row;
    if (typeof symbol !== "string" || typeof dt !== "string" || !/^\d+$/.test(String(ns ?? ""))) return null;
    return element("button", {
      type: "button", className: "small", textContent: "Go there",
      title: `${dt} ${localTime(dt, toSecond(dt, String(ns)))} ${city()}; Back of the browser returns`,
      onclick: () => {
        this.close();
        this.visit(symbol, dt, toSecond(dt, String(ns)));
      },
    });
  }
}

/**
 * The numbers of a cell that can be explained, depth first.
 * @param {import("./ring.js").Ring} ring @param {number} second @param {number} tick
 * @param {Set<string>} layers @returns {Question[]}
 */
export function questionsOf(ring, second, tick, layers) {
  /** @type {Question[]} */
  const questions = [];
  const add = (/** @type {string} */ layer, /** @type {string} */ surface, /** @type {string} */ key, /** @type {(row: (name: string) => any) => Question | null} */ make) => {
    const slice = ring.slice(second, surface);
    if (!layers.has(layer) || !slice) return;
    for (let i = slice.from; i < slice.to; i++) {
      if (slice.columns[key][i] !== tick) continue;
      const question = make((name) => slice.columns[name][i]);
      if (question) questions.push(question);
    }
  };
  const side = (/** @type {number} */ isBid) => (isBid ? "B" : "A");
  add("wall", "wall", "tick", (row) => ({
    surface: "wall", column: "depth_qty_end", words: row("is_bid") ? "Depth, bids" : "Depth, asks",
    second, tick, side: side(row("is_bid")),
  }));
  add("gex", "gex", "strike_tick", (row) => ({
    surface: "gex", column: "gex_abs", words: "Gamma", second,
    strike_points: row("strike_points"),
  }));
  add("physics", "physics_surface", "tick", (row) => isMissing(row("ease_signed")) ? null : {
    surface: "physics_surface", column: "ease_signed", words: "Ease", second, tick,
    side: side(row("is_bid")),
  });
  add("vacuum", "vacuum", "tick", (row) => isMissing(row("vacuum_score")) ? null : {
    surface: "vacuum", column: "vacuum_score", words: "Vacuum", second, tick,
    side: side(row("is_bid")),
  });
  add("levels", "levels", "level_tick", (row) => ({
    surface: "levels", column: "k_ticks", words: row("level_id").replaceAll("_", " "), second,
    level_id: row("level_id"),
  }));
  return questions;
}

/** @param {number | undefined} points @returns {string | undefined} in 1e-9 points */
function strikeInt(points) {
  return points === undefined ? undefined : String(BigInt(Math.round(points * 1000)) * 1_000_000n);
}

/** @param {string} name @returns {string} */
function words(name) {
  return name.replaceAll("_", " ");
}

/** @param {any} value @returns {string} */
function plain(value) {
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && !Number.isInteger(value)) return String(+value.toPrecision(6));
  return String(value);
}

/** @param {any} value @returns {boolean} whether it says nothing, as a list or object of nothing */
function isEmpty(value) {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.values(value).every(isEmpty);
}

/** @param {string} text @param {string} [className] @returns {HTMLElement} */
function paragraph(text, className = "") {
  return element("p", { className, textContent: text });
}
