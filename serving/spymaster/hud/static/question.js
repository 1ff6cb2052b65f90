/**
 * The level in question: that of the course under way nearest to spot, else the one whose course has
 * just ended, else the nearest active one; or the one that the user chose.
 */
import { rowsOf, truth } from "./panels/rows.js";

/** seconds for which the end of a course is said */
const ENDING_S = 20;
/** ends that are said of other levels too */
const DECIDED = ["BREAK", "REJECT"];

/**
 * @typedef {Record<string, any>} Row
 * @typedef {{level: Row, course: Row | null, direction: "up" | "down" | null, ending: Row | null,
 *   elsewhere: Row | null}} Asked
 *   rows of `levels` and of `courses`; the direction of the course, else the side of the level; how the
 *   last course ended, for a while; and which other level broke or turned price back meanwhile
 */

/** @param {Row} course @returns {boolean} whether this is its last row */
function hasEnded(course) {
  return course.resolved !== null || course.ended_by !== null;
}

/** @param {import("./ring.js").Ring} ring @returns {Row[]} ends of courses, newest first */
function endingsOf(ring) {
  const found = [];
  for (let second = ring.end; second > ring.end - ENDING_S; second--) {
    found.push(...rowsOf(ring.slice(second, "courses")).filter(hasEnded));
  }
  return found;
}

/** @param {import("./ring.js").Ring} ring @returns {Row[]} active levels with a distance, nearest first */
function activeLevels(ring) {
  return rowsOf(ring.slice(ring.end, "levels"))
    .filter((row) => row.k_ticks !== null && truth(row.is_provisional) !== true)
    .sort(
      (one, other) =>
        Math.abs(one.k_ticks) - Math.abs(other.k_ticks) || (one.level_id < other.level_id ? -1 : 1),
    );
}

export class Question {
  constructor() {
    /** @type {string | null} level that the user chose */
    this.chosen = null;
    this.isPinned = false;
    /** @type {string | null} level in question when the user chose */
    this.insteadOf = null;
  }

  /** Forget the choice. */
  clear() {
    this.chosen = null;
    this.isPinned = false;
  }

  /**
   * A choice that is not pinned ends when another level comes into question.
   * @param {import("./ring.js").Ring} ring
   * @returns {Asked | null} of the newest second; null without an active level
   */
  at(ring) {
    const levels = activeLevels(ring);
    const courses = rowsOf(ring.slice(ring.end, "courses")).filter((row) => !hasEnded(row));
    const endings = endingsOf(ring);
    const automatic = automaticLevel(levels, courses, endings);
    if (this.chosen !== null && !this.isPinned && automatic && automatic.level_id !== this.insteadOf) {
      this.chosen = null;
    }
    const level = levels.find((row) => row.level_id === this.chosen) ?? (this.isPinned ? null : automatic);
    if (!level) return null;
    const isOfLevel = (/** @type {Row} */ row) => row.level_id === level.level_id;
    const course = courses.find(isOfLevel) ?? null;
    const side = level.k_ticks > 0 ? "up" : level.k_ticks < 0 ? "down" : null;
    const ending = endings.find(isOfLevel) ?? null;
    const elsewhere = endings.find((row) => !isOfLevel(row) && DECIDED.includes(row.resolved)) ?? null;
    return { level, course, direction: course?.direction ?? side, ending, elsewhere };
  }

  /**
   * Choose the next active level in order of price.
   * @param {import("./ring.js").Ring} ring @param {1 | -1} way 1 is upwards
   */
  step(ring, way) {
    const levels = activeLevels(ring).sort(
      (one, other) => one.level_tick - other.level_tick || (one.level_id < other.level_id ? -1 : 1),
    );
    if (!levels.length) return;
    const now = this.at(ring)?.level.level_id;
    const place = levels.findIndex((row) => row.level_id === now);
    const next = Math.max(0, Math.min(levels.length - 1, place + way));
    const endings = endingsOf(ring);
    const courses = rowsOf(ring.slice(ring.end, "courses")).filter((row) => !hasEnded(row));
    this.insteadOf = automaticLevel(activeLevels(ring), courses, endings)?.level_id ?? null;
    this.chosen = levels[next].level_id;
  }

  /** Keep a level in question. @param {string} level */
  keep(level) {
    this.chosen = level;
    this.isPinned = true;
  }

  /** Keep the level that is shown, or stop to keep it. @param {import("./ring.js").Ring} ring */
  togglePin(ring) {
    const now = this.at(ring)?.level.level_id ?? null;
    this.isPinned = !this.isPinned && now !== null;
    this.chosen = this.isPinned ? now : null;
  }
}

/**
 * @param {Row[]} levels nearest first @param {Row[]} courses under way @param {Row[]} endings
 * @returns {Row | null}
 */
function automaticLevel(levels, courses, endings) {
  const isNamed = (/** @type {Row[]} */ rows) => (/** @type {Row} */ level) =>
    rows.some((row) => row.level_id === level.level_id);
  return levels.find(isNamed(courses)) ?? levels.find(isNamed(endings.slice(0, 1))) ?? levels[0] ?? null;
}
