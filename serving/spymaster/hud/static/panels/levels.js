/** One card per active level, nearest first: where it is, what waits there, and the odds. */
import { byId, element, setAttribute, setText } from "../dom.js";
import { count, decimal, NOT_SHOWN, percent, priceOf, tickWords, utcTime } from "../format.js";
import { ShareBar } from "./bars.js";
import { levelName, rowsOf, truth } from "./rows.js";
import { fuelWords, noScore, runwayWords, tapeWords } from "./scores.js";

/** seconds from a decision to the next: so long odds and pressures hold */
export const DECISION_S = 5;
/** independent episodes below which odds are shown in grey */
const THIN_SUPPORT = 20;
/** pressure of a side on which as much gives way as holds */
const NEUTRAL_PRESSURE = 0.5;
const PRESSURE_TITLE =
  "0 to 1: how much this side of the book gives way before price; 0.5 is neutral, less holds";
const APPROACHES = new Map([
  ["approach_up", "price comes up to it"],
  ["approach_down", "price comes down to it"],
  ["approach_none", "no approach"],
]);
const BLOCKED = new Map([
  ["beyond_barrier", "price is too far away"],
  ["too_far", "price is too far away"],
  ["too_few_neighbors", "too few neighbors"],
  ["not_similar", "nothing like it"],
  ["top_is_chop", "chop is the likeliest outcome"],
  ["no_feasible_threshold", "no threshold was worth its cost"],
  ["p_low", "the odds are too low"],
  ["margin_low", "the lead over the second outcome is too small"],
  ["chop_high", "chop is too likely"],
  ["risk_high", "the move against is too large"],
  ["resolve_low", "too often nothing is decided in time"],
  ["whipsaw_high", "price too often goes both ways"],
  ["not_above_base", "the odds are not above the usual ones"],
  ["edge_low", "the gain does not cover the cost"],
  ["verdict_not_useful", "such odds did not prove useful"],
  ["verdict_too_new", "the verdict is too new"],
  ["record_low", "the record of the four conditions is too weak"],
  ["direction_flip", "the direction has just changed"],
  ["cooldown", "a signal came shortly before"],
  ["episode_fired", "this approach already gave a signal"],
]);
/** phases of decisions that come after price has been at the level */
const REACHED = new Set(["at", "through", "back"]);
const STATES = new Map([
  ["IDLE", "idle"], ["WATCH", "watch"], ["TRACK", "track"], ["ARMED", "armed"], ["FIRE", "fires"],
]);

/**
 * @typedef {{level: Record<string, any>, odds?: Record<string, any>, signal?: Record<string, any>,
 *   pressure?: Record<string, any>, score?: Record<string, any>, hasScores: boolean}} LevelFacts
 */

class LevelCard {
  /** @param {string} levelId @param {(levelId: string) => void} explain */
  constructor(levelId, explain) {
    /** @type {Record<string, any> | null} of the last second */
    this.level = null;
    this.title = element("h3", { textContent: levelName(levelId) });
    this.price = element("span", { className: "figure" });
    this.place = element("p");
    this.stack = element("p", { className: "faint" });
    this.up = new ShareBar("Asks give way", "above");
    this.down = new ShareBar("Bids give way", "below");
    this.up.root.title = this.down.root.title = PRESSURE_TITLE;
    this.score = element("p");
    this.barrier = element("p");
    this.readings = element("p", { className: "faint" });
    this.condition = element("p");
    this.outcomes = ["break", "reject", "chop"].map((name) => new ShareBar(name, name));
    this.reason = element("p", { className: "reason" });
    this.support = element("p", { className: "faint" });
    this.verdict = element("p");
    this.signal = element("p");
    this.why = element("button", {
      type: "button", className: "small", textContent: "Explain", onclick: () => explain(levelId),
      title: "Show how these odds came about, and the approaches behind them",
    });
    const heading = element("div", { className: "level-heading" }, this.title, this.price, this.why);
    this.bars = element("div", { className: "outcomes" }, this.condition, ...this.outcomes.map((bar) => bar.root));
    this.root = element(
      "article", { className: "level-card", data: { level: levelId } }, heading, this.place,
      this.stack, this.up.root, this.down.root, this.score, this.barrier, this.readings, this.bars, this.reason, this.support, this.verdict,
      this.signal,
    );
  }

  /** @param {number | null} ticks from spot to the level, between two seconds */
  move(ticks) {
    if (this.level) this.#place({ ...this.level, k_ticks: ticks });
  }

  /** @param {Record<string, any>} level */
  #place(level) {
    setText(this.place, placeWords(level));
    setAttribute(this.root, "data-side", Math.sign(level.k_ticks ?? 0) > 0 ? "above" : "below");
  }

  /** @param {LevelFacts} facts @param {number} tickInt @param {number} second that is shown */
  set({ level, odds, signal, pressure, score, hasScores }, tickInt, second) {
    setText(this.price, priceOf(level.level_tick, tickInt));
    this.level = level;
    this.#place(level);
    const stacked = level.stacked_with ? `stacked with ${stackWords(level.stacked_with)}` : "";
    const provisional = truth(level.is_provisional) ? "provisional" : "";
    setText(this.stack, [provisional, stacked].filter(Boolean).join(", "));
    this.stack.hidden = this.stack.textContent === "";
    const [above, below] = [pressure?.pressure_above_score ?? null, pressure?.pressure_below_score ?? null];
    this.up.set(above, decimal(above, 2), above === null ? null : NEUTRAL_PRESSURE);
    this.down.set(below, decimal(below, 2), below === null ? null : NEUTRAL_PRESSURE);
    this.#setScore(level, score, hasScores);
    this.#setOdds(level, odds, second);
    setText(this.signal, signalWords(signal, pressure) + heldSince(signal, second));
  }

  /**
   * @param {Record<string, any>} level @param {Record<string, any> | undefined} score
   * @param {boolean} hasScores whether the lake has any
   */
  #setScore(level, score, hasScores) {
    this.score.hidden = !hasScores;
    this.barrier.hidden = this.readings.hidden = !score;
    if (!score) {
      setText(this.score, `Rule of thumb: break score ${noScore(level)}`);
      return;
    }
    const confidence = score.confidence === null ? "" : `, confidence ${score.confidence}`;
    setText(this.score, `Rule of thumb: break ${score.score_words}${confidence}`);
    setText(this.barrier, `Barrier: ${score.barrier_words}`);
    setText(this.readings, `Tape: ${tapeWords(score)}. Fuel: ${fuelWords(score)}. ${runwayWords(score)}`);
  }

  /**
   * @param {Record<string, any>} level @param {Record<string, any> | undefined} odds
   * @param {number} second that is shown
   */
  #setOdds(level, odds, second) {
    const reason = odds ? noOdds(odds) : noDecision(level);
    const has = reason === "";
    this.bars.hidden = !has;
    this.reason.hidden = has;
    this.support.hidden = !has;
    this.verdict.hidden = !has;
    this.why.hidden = !odds;
    this.root.title = odds?.words ?? "";
    if (!has || !odds) {
      setText(this.reason, `Odds: ${reason}${heldSince(odds, second)}`);
      return;
    }
    const isThin = !(odds.n_eff >= THIN_SUPPORT);
    setAttribute(this.bars, "data-thin", String(isThin));
    setText(this.condition, conditionWords(odds));
    ["break", "reject", "chop"].forEach((name, i) => {
      const [share, base] = [odds[`p_${name}`], odds[`base_${name}`]];
      this.outcomes[i].set(share, usually(share, base), base);
    });
    setText(
      this.support,
      `${count(odds.n_distinct_episodes)} episodes on ${count(odds.n_distinct_days)} days, worth ` +
        `${decimal(odds.n_eff, 0)} independent ones${isThin ? ": thin support" : ""}${heldSince(odds, second)}`,
    );
    setText(this.verdict, `Verdict: ${odds.verdict ?? "not evaluated"}`);
  }
}

/** @param {Record<string, any>} level without a decision @returns {string} why it has no odds */
function noDecision(level) {
  if (truth(level.is_provisional)) return `${NOT_SHOWN}, as the level is provisional`;
  const stacked = level.stacked_with ? `; see also ${stackWords(level.stacked_with)}, which it is stacked with` : "";
  if (level.approach_dir === "approach_none") return `${NOT_SHOWN}, as price does not approach the level${stacked}`;
  return NOT_SHOWN + stacked;
}

/** @param {Record<string, any>} odds @returns {string} why there are none, or nothing */
export function noOdds(odds) {
  // the server's words say from how far away a moment is judged
  if (truth(odds.is_judged) === false) return odds.words.replace(/^No odds: /, "").replace(/\.$/, "");
  if (truth(odds.neighbors_ok) === false) return "too few neighbors";
  if (truth(odds.is_similar) === false) return "nothing like it";
  return odds.p_break === null ? NOT_SHOWN : "";
}

/** @param {Record<string, any>} odds @returns {string} on what the outcomes depend, and what they are */
function conditionWords(odds) {
  const minutes = `${odds.horizon_s % 60 ? `${odds.horizon_s} s` : `${odds.horizon_s / 60} min`}`;
  const barrier = `${tickWords(odds.barrier_ticks)} through, back or neither`;
  if (REACHED.has(odds.decision_phase)) return `price came to it; within ${minutes}: ${barrier}`;
  if (Math.abs(odds.k_ticks) <= odds.reach_ticks) return `price is there; within ${minutes}: ${barrier}`;
  return `reaches it ${usually(odds.p_reached, odds.base_reached)}; then within ${minutes}: ${barrier}`;
}

/** @param {number | null} share @param {number | null} base @returns {string} */
function usually(share, base) {
  return `${percent(share)} (usually ${percent(base)})`;
}

/** @param {Record<string, any> | undefined} row @param {number} second @returns {string} */
function heldSince(row, second) {
  return row && row.second < second ? `, as of ${utcTime(row.second)} UTC` : "";
}

/** @param {string} stackedWith @returns {string} */
function stackWords(stackedWith) {
  return stackedWith.split("+").map(levelName).join(", ");
}

/** @param {Record<string, any>} level @returns {string} */
function placeWords(level) {
  const ticks = level.k_ticks;
  const parts = [];
  if (ticks === null) parts.push(`distance ${NOT_SHOWN}`);
  else if (ticks === 0) parts.push("price is at it");
  else parts.push(`price is ${tickWords(Math.abs(ticks))} ${ticks > 0 ? "below" : "above"}`);
  parts.push(APPROACHES.get(level.approach_dir) ?? `approach ${NOT_SHOWN}`);
  const pace = level.closing_speed_15s;
  if (pace === null) parts.push(`pace ${NOT_SHOWN}`);
  else if (Math.round(pace * 60) === 0) parts.push("not moving");
  else parts.push(`${pace < 0 ? "moving away" : "closing"} at ${decimal(Math.abs(pace) * 60, 0)} ticks/min`);
  if (level.secs_to_touch !== null && level.approach_dir !== "approach_none") {
    parts.push(`a touch in ${decimal(level.secs_to_touch, 0)} s at this pace`);
  }
  return parts.join(", ");
}

/**
 * @param {Record<string, any> | undefined} signal
 * @param {Record<string, any> | undefined} pressure @returns {string}
 */
function signalWords(signal, pressure) {
  const state = STATES.get(pressure?.signal_state) ?? pressure?.signal_state ?? NOT_SHOWN;
  if (!signal) return `Signal: ${state}`;
  if (truth(signal.fire_flag)) return `Signal: ${signal.signal}, ${state}`;
  const reason = BLOCKED.get(signal.block_reason) ?? signal.block_reason ?? NOT_SHOWN;
  return `Signal: ${state}; none, because ${reason}`;
}

export class LevelsPanel {
  /** @param {(levelId: string) => void} explain @param {() => boolean} hasScores */
  constructor(explain, hasScores) {
    this.explain = explain;
    this.hasScores = hasScores;
    this.list = element("div");
    this.none = element("p", { className: "faint" });
    byId("levels-panel").append(this.none, this.list);
    /** @type {Map<string, LevelCard>} */
    this.cards = new Map();
  }

  /** @param {import("../live.js").Snap} snap between two seconds */
  move({ levels }) {
    for (const { id, distance } of levels) this.cards.get(id)?.move(distance);
  }

  /** @param {import("../ring.js").Ring} ring @param {number} tickInt */
  update(ring, tickInt) {
    const held = (/** @type {string} */ surface) =>
      new Map(rowsOf(ring.newest(surface, DECISION_S)).map((row) => [row.level_id, row]));
    const [odds, signals, pressures] = [held("odds"), held("signals"), held("pressure")];
    const scores = new Map(rowsOf(ring.slice(ring.end, "scores")).map((row) => [row.level_id, row]));
    const levels = rowsOf(ring.slice(ring.end, "levels"));
    levels.sort((one, other) => farness(one) - farness(other));
    this.none.hidden = levels.length > 0;
    const isRecorded = ring.slice(ring.end, "snap") !== undefined;
    setText(this.none, isRecorded ? "No active level." : `Levels: ${NOT_SHOWN}`);
    const present = new Set(levels.map((level) => level.level_id));
    for (const [levelId, card] of this.cards) {
      if (present.has(levelId)) continue;
      card.root.remove();
      this.cards.delete(levelId);
    }
    levels.forEach((level, i) => {
      const { level_id: levelId } = level;
      let card = this.cards.get(levelId);
      if (!card) this.cards.set(levelId, (card = new LevelCard(levelId, this.explain)));
      card.set(
        {
          level, odds: odds.get(levelId), signal: signals.get(levelId),
          pressure: pressures.get(levelId), score: scores.get(levelId), hasScores: this.hasScores(),
        },
        tickInt,
        ring.end,
      );
      if (this.list.children[i] !== card.root) this.list.insertBefore(card.root, this.list.children[i] ?? null);
    });
  }
}

/** @param {Record<string, any>} level @returns {number} */
function farness(level) {
  return level.k_ticks === null ? Infinity : Math.abs(level.k_ticks);
}
