/** Approaches of the day; what came of one stays hidden until it is past. */
import { byId, element, reasonOf } from "./dom.js";
import { newYorkTime } from "./format.js";
import { levelName } from "./panels/rows.js";
import { getApproaches, toSecond } from "./wire/api.js";

/** seconds before an approach at which a jump lands */
const LEAD_S = 30;
/** seconds after a jump in which the next jump back skips its start, as music players do */
const JUST_BEGUN_S = 3;

/** @typedef {{first: number, last: number, level: string, words: string, outcome: string}} Approach */

export class Approaches {
  /**
   * @param {import("./player.js").Player} player @param {(second: number) => void} seek
   * @param {(text: string) => void} note says it to the user
   */
  constructor(player, seek, note) {
    this.player = player;
    this.seek = seek;
    this.note = note;
    this.panel = byId("approaches");
    /** @type {Approach[]} */
    this.list = [];
    this.askedAt = NaN;
    byId("approaches-button").onclick = () => this.toggle();
  }

  /** Forget the day's approaches. */
  clear() {
    this.list = [];
    this.askedAt = NaN;
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
    const rows = await getApproaches(day, second);
    this.list = rows.map((row) => ({
      first: toSecond(day.dt, row.first_window_end_ts_ns),
      last: toSecond(day.dt, row.last_window_end_ts_ns),
      level: levelName(row.level_id),
      words: `${row.approach_dir === "approach_up" ? "coming up" : "coming down"}, attempt ${row.attempt_index}`,
      outcome: row.outcome_hidden ? "hidden until it is past" : (row.outcome ?? "no outcome").replaceAll("_", " ").toLowerCase(),
    }));
    this.list.sort((one, other) => one.first - other.first);
  }

  #show() {
    const { day, second } = this.player;
    const items = this.list.map((approach) => {
      const time = day ? newYorkTime(day.dt, approach.first) : "";
      const isNow = approach.first <= second && second <= approach.last;
      const jump = element("button", {
        type: "button", onclick: () => this.seek(approach.first - LEAD_S),
        textContent: `${time}  ${approach.level}, ${approach.words}`,
      });
      if (isNow) jump.setAttribute("aria-current", "true");
      const outcome = element("span", { className: "faint", textContent: approach.outcome });
      return element("li", {}, jump, outcome);
    });
    const close = element("button", {
      type: "button", className: "close", textContent: "Close", onclick: () => this.close(),
    });
    const none = element("p", { className: "faint", textContent: "No approach to a level on this day." });
    this.panel.replaceChildren(
      element("h3", { textContent: "Approaches to levels, New York time" }), close,
      items.length ? element("ul", { className: "approach-list" }, ...items) : none,
    );
  }

  /** Bring the last approach that has begun into sight. */
  #scrollToNow() {
    const begun = this.list.filter((approach) => approach.first <= this.player.second).length;
    this.panel.querySelectorAll("li")[Math.max(0, begun - 1)]?.scrollIntoView({ block: "center" });
  }

  /** Go to the approach before or after the second that is shown. @param {-1 | 1} direction */
  async step(direction) {
    if (!this.list.length) await this.refresh();
    const { second, playing } = this.player;
    const starts = this.list.map((approach) => approach.first - LEAD_S);
    const before = second - (playing ? JUST_BEGUN_S : 0);
    const target =
      direction > 0 ? starts.find((start) => start > second) : starts.findLast((start) => start < before);
    if (target !== undefined) this.seek(target);
    else this.note(direction > 0 ? "There is no later approach on this day." : "There is no earlier approach on this day.");
  }
}
