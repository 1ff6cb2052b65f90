/** Rows of the newest second as objects, for the panels; NULL is null. */
import { isMissing } from "../format.js";

/**
 * @param {import("../ring.js").Slice | undefined} slice
 * @returns {Record<string, any>[]}
 */
export function rowsOf(slice) {
  if (!slice) return [];
  const rows = [];
  const entries = Object.entries(slice.columns);
  for (let i = slice.from; i < slice.to; i++) {
    /** @type {Record<string, any>} */
    const row = {};
    for (const [name, values] of entries) row[name] = isMissing(values[i]) ? null : values[i];
    rows.push(row);
  }
  return rows;
}

/** @param {number | null} value of a boolean column @returns {boolean | null} */
export function truth(value) {
  return value === 1 ? true : value === 0 ? false : null;
}

/** @param {string} levelId @returns {string} */
export function levelName(levelId) {
  return levelId.replaceAll("_", " ");
}
