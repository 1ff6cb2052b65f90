/** The break score of a level and the readings behind it in words. */
import { count, decimal, isMissing, NOT_KNOWN, NOT_SHOWN, signed, tickWords } from "../format.js";
import { levelName, truth } from "./rows.js";

/** @param {Record<string, any>} row of `scores` @returns {[string, string][]} words and numbers */
export function scoreNumbers(row) {
  const known = (/** @type {number | null} */ value, /** @type {string} */ words) =>
    isMissing(value) ? NOT_KNOWN : words;
  const flow = `${count(row.barrier_depth_in_zone)} there; change ${signed(row.barrier_delta_liq, 0)}: added ${count(row.barrier_added)}, taken away ${count(row.barrier_canceled)}, filled ${count(row.barrier_filled)}`;
  return [
    ["Score", known(row.score_smooth, `${decimal(row.score_smooth, 1)} of 100, raw ${decimal(row.score_raw, 1)}`)],
    ["Signal", signalWithDirection(row) || (row.signal ?? NOT_KNOWN)],
    ["Confidence", row.confidence ?? NOT_KNOWN],
    ["Barrier", row.barrier_state ?? NOT_KNOWN],
    ["Depth", known(row.barrier_delta_liq, flow)],
    ["Tape", tapeWords(row)],
    ["Fuel", fuelWords(row)],
    ["Parts", known(row.s_l, `barrier ${decimal(row.s_l, 0)}, fuel ${decimal(row.s_h, 0)}, tape ${decimal(row.s_t, 0)}`)],
  ];
}

/**
 * @param {Record<string, any>} row of `scores`
 * @returns {string} its signal with the direction that it means; nothing when neutral or not known
 */
export function signalWithDirection({ signal, signal_means: means, direction }) {
  if (signal === null || signal === "NEUTRAL") return "";
  if (means) return means;
  if (direction === null || signal === "CONTESTED") return signal;
  // a level above price breaks upwards and rejects downwards
  return signal + ((direction === "RESISTANCE") === (signal === "BREAK") ? "↑" : "↓");
}

/** @param {Record<string, any>} row of `scores` @returns {string} */
export function tapeWords(row) {
  const velocity = row.tape_velocity_ticks_s;
  const pace = isMissing(velocity) ? `pace ${NOT_KNOWN}` : `${signed(velocity, 1)} ticks/s`;
  const sweep = row.tape_sweep_direction === null
    ? "no sweep"
    : `sweep ${row.tape_sweep_direction === "UP" ? "up" : "down"} ${decimal(row.tape_sweep_age_s, 0)} s ago`;
  return `bought ${count(row.tape_buy_vol)}, sold ${count(row.tape_sell_vol)}; ${pace}; ${sweep}`;
}

/** @param {Record<string, any>} row of `scores` @returns {string} */
export function fuelWords(row) {
  if (!truth(row.fuel_available)) return NOT_KNOWN;
  return `${row.fuel_effect}, dealers' gamma ${signed(row.fuel_net_dealer_gamma, 0)}`;
}

/** @param {Record<string, any>} row of `scores` @returns {string} what lies beyond the level */
export function runwayWords(row) {
  const way = row.direction === "RESISTANCE" ? "Above" : row.direction === "SUPPORT" ? "Below" : "Beyond";
  const quality = row.runway_quality === null ? NOT_KNOWN : row.runway_quality === "CLEAR" ? "clear" : "obstructed";
  const next = row.runway_next_level_id === null
    ? "no further level"
    : `${levelName(row.runway_next_level_id)} in ${tickWords(row.runway_ticks)}`;
  return `${way}: ${quality}, ${next}`;
}

/** @param {Record<string, any>} level without a score @returns {string} why it has none */
export function noScore(level) {
  if (truth(level.is_provisional)) return `${NOT_SHOWN}, as the level is provisional`;
  if (level.stacked_with) return `${NOT_SHOWN} here: the first of the stacked levels has it`;
  return level.k_ticks === null ? NOT_SHOWN : `${NOT_SHOWN}, as price is too far away`;
}
