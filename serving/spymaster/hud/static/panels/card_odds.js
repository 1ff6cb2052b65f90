/** The odds of the card: one bar with the usual shares as marks, or in its place why there are none. */
import { element, setAttribute, setText } from "../dom.js";
import { count, wholePercents } from "../format.js";

const OUTCOMES = ["break", "reject", "chop"];
/** sides that break and reject lead to, by the direction of the course */
const ARROWS = { up: ["↑", "↓", ""], down: ["↓", "↑", ""] };

/** @typedef {Record<string, any>} Row */

export class CardOdds {
  constructor() {
    this.parts = OUTCOMES.map((name) => element("i", { className: `part ${name}` }));
    this.marks = [0, 1].map(() => element("i", { className: "base-mark" }));
    const bar = element("div", { className: "odds-bar" }, ...this.parts, ...this.marks);
    this.labels = OUTCOMES.map((name) => element("span", { data: { outcome: name } }));
    this.usual = OUTCOMES.map(() => element("span"));
    this.counts = element("span");
    this.verdict = element("strong");
    this.known = element("div", {}, bar,
      element("p", { className: "odds-labels" }, ...this.labels),
      element("p", { className: "odds-usual", title: "The marks on the bar" }, ...this.usual),
      element("p", { className: "odds-support" }, this.counts, this.verdict));
    this.reason = element("p", { className: "odds-reason" });
    this.root = element("div", { className: "odds" }, this.known, this.reason);
  }

  /** @param {Row | null} course @param {string} why there is none */
  set(course, why) {
    const has = course !== null && course.p_break !== null;
    this.known.hidden = !has;
    this.reason.hidden = has;
    this.root.title = course ? [course.odds_words, course.support_words].filter(Boolean).join("\n") : "";
    // the time of the answer stands in the title
    setText(this.reason, has ? "" : (course?.odds_words.split(", as of")[0] ?? why));
    if (!has) return;
    const arrows = course.direction === "up" ? ARROWS.up : ARROWS.down;
    const shares = wholePercents(OUTCOMES.map((name) => course[`p_${name}`]));
    const usual = wholePercents(OUTCOMES.map((name) => course[`base_${name}`]));
    OUTCOMES.forEach((name, i) => {
      this.parts[i].style.width = `${100 * course[`p_${name}`]}%`;
      setText(this.labels[i], `${name}${arrows[i]} ${shares[i]}`);
      setText(this.usual[i], i ? usual[i] : `usually ${usual[i]}`);
    });
    const [first, second] = [course.base_break, course.base_break + course.base_reject];
    this.marks.forEach((mark, i) => {
      mark.hidden = course.base_break === null;
      mark.style.left = `${100 * (i ? second : first)}%`;
    });
    const { n_distinct_episodes: episodes, n_distinct_days: days } = course;
    setText(
      this.counts,
      `${count(episodes)} ${episodes === 1 ? "approach" : "approaches"}, ${count(days)} ${days === 1 ? "day" : "days"}: `,
    );
    setText(this.verdict, course.verdict ?? "not evaluated");
    setAttribute(this.root, "data-phase", course.phase);
  }
}
