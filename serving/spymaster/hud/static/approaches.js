/** Approaches and retests of the day; what came of one stays hidden until it is past. */
import { ApproachFilters } from "./approach_filters.js";
import { byId, element, reasonOf } from "./dom.js";
import { city, isMissing, localTime, NOT_SHOWN, pointsOf } from "./format.js";
import { levelName } from "./panels/rows.js";
import { retestSection } from "./retests.js";
import { getApproaches, getRetests, toSecond } from "./wire/api.js";

/** seconds before an approach at which a jump lands */
const LEAD_S = 30;
/** seconds after a jump in which the next jump back skips its start, as music players do */
const JUST_BEGUN_S = 3;

/** outcomes in words; others are said as they are */
const OUTCOMES = new Map([["CENSORED", "the day ended first"]]);

/**
 * @typedef {{first: number, last: number, levelId: string, level: string, words: string,
 *   touched: boolean, outcome: string, isKnown: boolean, hour: string}} Approach hour of the lake's clock
 */

export class Approaches {
  /**
   * @param {import("./player.js").Player} player
   * @param {{seek: (second: number) => void, goToApproach: (second: number, level: string) => void,
   *   note: (text: string) => void}} actions goes to a second, goes to one and keeps the level that
   *   price approaches, says a text to the user
   */
  constructor(player, actions) {
    this.player = player;
    this.actions = actions;
    this.panel = byId("approaches");
    /** @type {Approach[]} */
    this.list = [];
    /** @type {any[]} breaks of levels that have happened, as the server lists them */
    this.retests = [];
    this.askedAt = NaN;
    /** whether approaches that are still to come are listed too */
    this.showsLater = false;
    this.filters = new ApproachFilters(() => this.#show());
    byId("approaches-button").onclick = () => this.toggle();
  }

  /** Forget the day's approaches. */
  clear() {
    this.list = [];
    this.retests = [];
    this.askedAt = NaN;
    this.filters.clear();
  }

  toggle() {
    this.panel.hidden = !this.panel.hidden;
    if (this.panel.hidden) return;
    this.panel.replaceChildren();
    this.refresh();
  }

  close() {
    this.panel.hidden = true;
  }

  /** Ask again while the list is open and another second is shown. */
  update() {
    if (!this.panel.hidden && Math.abs(this.player.second - this.askedAt) >= 5) this.refresh();
  }

  async refresh() {
    const isFirst = !this.panel.childElementCount;
    try {
      await this.#load();
      const { scrollTop } = this.panel;
      this.#show();
      if (isFirst) this.#scrollToNow();
      else this.panel.scrollTop = scrollTop;
    } catch (error) {
      this.panel.replaceChildren(element("p", { textContent: `Approaches are not shown: ${reasonOf(error)}` }));
    }
  }

  async #load() {
    const { day, second } = this.player;
    if (!day || Number.isNaN(second)) return;
    this.askedAt = second;
    const [rows, retests] = await Promise.all([getApproaches(day, second), getRetests(day, second)]);
    this.retests = retests;
    this.list = rows.map((row) => ({
      first: toSecond(day.dt, row.first_window_end_ts_ns),
      last: toSecond(day.dt, row.last_window_end_ts_ns),
      levelId: row.level_id,
      level: levelName(row.level_id),
      words: `${isMissing(row.level_price) ? `price ${NOT_SHOWN}` : pointsOf(row.level_price)}, ${row.approach_dir === "approach_up" ? "coming up" : "coming down"}, attempt ${row.attempt_index}`,
      touched: row.touched === true,
      outcome: outcomeWords(row),
      isKnown: !row.outcome_hidden && row.outcome !== null,
      hour: localTime(day.dt, toSecond(day.dt, row.first_window_end_ts_ns)).slice(0, 2),
    }));
    this.list.sort((one, other) => one.first - other.first);
  }

  #show() {
    const { day, second } = this.player;
    const { depth } = this;
    this.filters.offer(this.list.filter((approach) => this.showsLater || approach.first <= second));
    const passing = this.list.filter((approach) => this.filters.pass(approach, depth));
    const later = passing.filter((approach) => approach.first > second).length;
    const listed = passing.filter((approach) => this.showsLater || approach.first <= second);
    const items = listed.map((approach) => {
      const time = day ? localTime(day.dt, approach.first) : "";
      const isNow = approach.first <= second && second <= approach.last;
      const jump = element("button", {
        type: "button", onclick: () => this.#choose(approach),
        textContent: `${time}  ${approach.level}, ${approach.words}`,
      });
      if (isNow) jump.setAttribute("aria-current", "true");
      // whether price touches the level is known at the end
      const touched = approach.touched && approach.last <= second ? "touched; " : "";
      const outcome = element("span", { className: "faint", textContent: touched + approach.outcome });
      return element("li", {}, jump, outcome);
    });
    const close = element("button", {
      type: "button", className: "close", textContent: "Close", onclick: () => this.close(),
    });
    const more = element("button", {
      type: "button", className: "small", hidden: later === 0,
      textContent: this.showsLater ? "Hide what is still to come" : `${later} more later`,
      title: "Approaches that are still to come name levels and directions",
      onclick: () => {
        this.showsLater = !this.showsLater;
        this.#show();
      },
    });
    const none = element("p", {
      className: "faint",
      textContent: this.filters.isUsed ? "No approach passes the filters." : `No approach to a level ${later ? "until now" : "on this day"}.`,
    });
    this.panel.replaceChildren(
      element("h3", { textContent: `Approaches to levels, ${city()} time` }), close, this.filters.root,
      items.length ? element("ul", { className: "approach-list" }, ...items) : none,
      more,
      ...(day ? retestSection(this.retests, day.dt, (at) => this.#showBefore(at)) : []),
    );
  }

  /** @returns {[number, number] | null} first and last second with resting depth; null: none is known */
  get depth() {
    const { day, meta } = this.player;
    const [from, to] = [meta?.wall_first_window_end_ts_ns, meta?.wall_last_window_end_ts_ns];
    return day && from && to ? [toSecond(day.dt, from), toSecond(day.dt, to)] : null;
  }

  /** Show the beginning of an approach, and the picture that the list covers. @param {Approach} approach */
  #choose(approach) {
    this.close();
    this.actions.goToApproach(approach.first - LEAD_S, approach.levelId);
  }

  /** Show the seconds before one, and the picture that the list covers. @param {number} second */
  #showBefore(second) {
    this.close();
    this.actions.seek(second - LEAD_S);
  }

  /** Bring the last approach that has begun into sight. */
  #scrollToNow() {
    const begun = this.list.filter((approach) => approach.first <= this.player.second).length;
    this.panel.querySelectorAll("li")[Math.max(0, begun - 1)]?.scrollIntoView({ block: "center" });
  }

  /**
   * The second at which a day opens that is replayed from its beginning: before its first approach
   * after the open that has resting depth, else before any that has, else where depth begins.
   * @param {import("./wire/api.js").Day} day @param {any} meta of the day @returns {Promise<number | "start">}
   */
  async opening(day, meta) {
    const ns = meta.wall_first_window_end_ts_ns;
    if (!ns) return "start";
    const wall = toSecond(day.dt, ns);
    try {
      const rows = await getApproaches(day, wall);
      const starts = rows
        .map((row) => toSecond(day.dt, row.first_window_end_ts_ns) - LEAD_S)
        .filter((start) => start >= wall)
        .sort((one, other) => one - other);
      const open = meta.open_window_end_ts_ns ? toSecond(day.dt, meta.open_window_end_ts_ns) : wall;
      return starts.find((start) => start + LEAD_S >= open) ?? starts[0] ?? wall;
    } catch {
      // the build left approaches out
      return wall;
    }
  }

  /** Go to the approach before or after the second that is shown. @param {-1 | 1} direction */
  async step(direction) {
    // the second at the press: a play goes on while the list is fetched
    const { second, playing } = this.player;
    if (!this.list.length) await this.refresh();
    const passing = this.list.filter((approach) => this.filters.pass(approach, this.depth));
    const before = second - (playing ? JUST_BEGUN_S : 0);
    const target =
      direction > 0
        ? passing.find(({ first }) => first - LEAD_S > second)
        : passing.findLast(({ first }) => first - LEAD_S < before);
    if (target) this.actions.goToApproach(target.first - LEAD_S, target.levelId);
    else this.actions.note(direction > 0 ? "There is no later approach on this day." : "There is no earlier approach on this day.");
  }
}

/** @param {any} row of the server's list @returns {string} */
function outcomeWords({ outcome, outcome_hidden: isHidden }) {
  if (isHidden) return "hidden until it is past";
  return OUTCOMES.get(outcome) ?? (outcome ?? "no outcome").replaceAll("_", " ").toLowerCase();
}
