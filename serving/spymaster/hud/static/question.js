/** The level in question: for now the active level nearest to spot. */
import { rowsOf, truth } from "./panels/rows.js";

/**
 * @param {import("./ring.js").Ring} ring
 * @returns {Record<string, any> | null} its row of `levels` in the newest second; null without one
 */
export function levelInQuestion(ring) {
  const active = rowsOf(ring.slice(ring.end, "levels")).filter(
    (row) => row.k_ticks !== null && truth(row.is_provisional) !== true,
  );
  active.sort(
    (one, other) =>
      Math.abs(one.k_ticks) - Math.abs(other.k_ticks) || (one.level_id < other.level_id ? -1 : 1),
  );
  return active[0] ?? null;
}
