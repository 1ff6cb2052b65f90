/** A cell in nine lines of words, from what the ring holds. */
import { city, count, isMissing, localTime, NOT_KNOWN, priceOf, short, tickWords, utcTime } from "./format.js";
import { levelName, rowsOf } from "./panels/rows.js";

/** What the surfaces do not hold is said in the same words as what is not known. */
const SIDES = /** @type {[number, string][]} */ ([[0, "asks"], [1, "bids"]]);

/**
 * @param {import("./player.js").Player} player @param {number} second @param {number} tick
 * @param {[string, string][]} breaks words of the breaks that are marked here
 * @returns {[string, string][]} nine names with their words; further ones for further breaks
 */
export function cellWords(player, second, tick, breaks) {
  const { ring, tickInt, day, wallReach } = player;
  const at = (/** @type {string} */ surface, /** @type {string} */ key) =>
    rowsOf(ring.slice(second, surface)).filter((row) => row[key] === tick);
  const [snap] = rowsOf(ring.slice(second, "snap"));
  const spot = snap?.spot_tick ?? null;
  const isMeasured =
    ring.slice(second, "wall") !== undefined && spot !== null && Math.abs(tick - spot) <= wallReach;
  const wall = at("wall", "tick");
  const flow = (/** @type {string} */ column) => sideWords(wall, column, isMeasured);
  return [
    ["Price", `${priceOf(tick, tickInt)}, ${placeWords(tick, spot)}`],
    ["Time", day ? `${localTime(day.dt, second)} ${city()}, ${utcTime(second)} UTC` : NOT_KNOWN],
    ["Rests", flow("depth_qty_end")],
    ["Came", flow("add_qty")],
    ["Went", flow("pull_qty")],
    ["Filled", flow("fill_qty")],
    ["Usual size", usualWords(ring, second, tick, spot)],
    ["Gamma", gammaWords(ring, second, tick)],
    ["Here", hereWords(at("levels", "level_tick"), at("trades", "tick"))],
    ...breaks,
  ];
}

/** @param {number} tick @param {number | null} spot @returns {string} */
function placeWords(tick, spot) {
  if (spot === null) return `spot ${NOT_KNOWN}`;
  if (tick === spot) return "at spot";
  return `${tickWords(Math.abs(tick - spot))} ${tick > spot ? "above" : "below"} spot`;
}

/**
 * @param {Record<string, any>[]} wall rows of the cell @param {string} column contracts
 * @param {boolean} isMeasured whether a missing row means zero
 * @returns {string} contracts of each side that has some
 */
function sideWords(wall, column, isMeasured) {
  const parts = SIDES.flatMap(([isBid, side]) => {
    const row = wall.find((candidate) => candidate.is_bid === isBid);
    if (row && isMissing(row[column])) return [`${side} ${NOT_KNOWN}`];
    return row && row[column] !== 0 ? [`${count(row[column])} ${side}`] : [];
  });
  if (parts.length) return parts.join(", ");
  return wall.length || isMeasured ? "nothing" : NOT_KNOWN;
}

/**
 * @param {import("./ring.js").Ring} ring @param {number} second @param {number} tick
 * @param {number | null} spot @returns {string} usual depth of a price on the side of the cell
 */
function usualWords(ring, second, tick, spot) {
  const [row] = rowsOf(ring.slice(second, "usual"));
  if (!row || spot === null || tick === spot) return NOT_KNOWN;
  const qty = tick > spot ? row.ask_usual_qty : row.bid_usual_qty;
  return isMissing(qty) ? NOT_KNOWN : `${short(qty)} a price on this side of spot`;
}

/** @param {import("./ring.js").Ring} ring @param {number} second @param {number} tick @returns {string} */
function gammaWords(ring, second, tick) {
  const strikes = rowsOf(ring.slice(second, "gex"));
  if (!strikes.length) return NOT_KNOWN;
  const here = strikes.filter((row) => row.strike_tick === tick);
  if (!here.length) return "no strike here";
  return here
    .map((row) =>
      isMissing(row.gex_abs)
        ? NOT_KNOWN
        : `${short(row.gex_abs)}: calls ${short(row.gex_call_abs)}, puts ${short(row.gex_put_abs)}`,
    )
    .join("; ");
}

/** @param {Record<string, any>[]} levels @param {Record<string, any>[]} trades @returns {string} */
function hereWords(levels, trades) {
  const parts = levels.map((row) => levelName(row.level_id));
  for (const [aggressor, words] of /** @type {[number, string][]} */ ([[1, "bought"], [-1, "sold"], [0, "traded by nobody's order"]])) {
    const qty = trades.filter((row) => row.aggressor === aggressor).reduce((sum, row) => sum + row.qty, 0);
    if (qty) parts.push(`${count(qty)} ${words}`);
  }
  return parts.length ? parts.join(", ") : "no level, no trade";
}
