/** Numbers and times as a trader writes them. */
import { NULL_INT } from "./wire/arrow.js";

export const NOT_SHOWN = "not shown";
/** of a score or a state that the engines do not know */
export const NOT_KNOWN = "not known";
export const NOTHING_RECORDED = "Nothing is recorded in this second.";
/** of a second that the page has not got from the server */
export const NOT_LOADED = "This second is not loaded.";

/** the lake's clock and the word beside its times; UTC until a day is described */
let clock = clockOf("UTC");
let cityName = "UTC";
const whole = new Intl.NumberFormat("en-GB");

/** @param {number} second from midnight UTC @returns {string} */
export function utcTime(second) {
  const day = ((second % 86400) + 86400) % 86400;
  const pair = (/** @type {number} */ value) => String(Math.floor(value)).padStart(2, "0");
  return `${pair(day / 3600)}:${pair((day % 3600) / 60)}:${pair(day % 60)}`;
}

/** @param {string} zone @returns {Intl.DateTimeFormat} */
function clockOf(zone) {
  return new Intl.DateTimeFormat("en-GB", {
    timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
  });
}

/** Show local times of a zone from now on. @param {string} zone @param {string} city */
export function useZone(zone, city) {
  clock = clockOf(zone);
  cityName = city;
}

/** @returns {string} the word beside local times */
export function city() {
  return cityName;
}

/** @param {string} dt UTC date @param {number} second from its midnight @returns {string} */
export function localTime(dt, second) {
  return clock.format(Date.parse(`${dt}T00:00:00Z`) + second * 1000);
}

/** @param {number} tick @param {number} tickInt nano-points a tick @returns {string} */
export function priceOf(tick, tickInt) {
  return ((tick * tickInt) / 1e9).toFixed(decimalsOf(tickInt));
}

/** @param {number} price in points, on a tick @returns {string} */
export function pointsOf(price) {
  const [, decimals = ""] = String(Number(price.toFixed(9))).split(".");
  return price.toFixed(Math.max(2, decimals.length));
}

/** @param {number} tickInt @returns {number} decimals that a tick needs, at least two */
function decimalsOf(tickInt) {
  let decimals = 9;
  while (decimals > 2 && tickInt % 10 ** (10 - decimals) === 0) decimals--;
  return decimals;
}

/** @param {number | bigint | null | undefined} value @returns {boolean} */
export function isMissing(value) {
  return value === null || value === undefined || value === NULL_INT || value !== value;
}

/** @param {number | null | undefined} value @returns {string} a count, or that it is not shown */
export function count(value) {
  return isMissing(value) ? NOT_SHOWN : whole.format(/** @type {number} */ (value));
}

/** @param {number | null | undefined} value @param {number} digits @returns {string} */
export function decimal(value, digits) {
  return isMissing(value) ? NOT_SHOWN : signless(/** @type {number} */ (value).toFixed(digits));
}

/** @param {number | null | undefined} value @param {number} digits @returns {string} */
export function signed(value, digits) {
  if (isMissing(value)) return NOT_SHOWN;
  const text = signless(/** @type {number} */ (value).toFixed(digits));
  return text.startsWith("−") || Number(text) === 0 ? text : `+${text}`;
}

/** @param {number | null | undefined} value @returns {string} */
export function percent(value) {
  return isMissing(value) ? NOT_SHOWN : `${Math.round(/** @type {number} */ (value) * 100)}%`;
}

/**
 * @param {(number | null)[]} shares of one @returns {string[]} in whole percent that add up to 100: the
 *   largest remainders round up; with a share that is not known each is said alone
 */
export function wholePercents(shares) {
  if (shares.some(isMissing)) return shares.map(percent);
  const known = /** @type {number[]} */ (shares);
  const whole = known.map((share) => Math.floor(100 * share));
  const byRemainder = known.map((_, i) => i).sort((i, j) => whole[i] - 100 * known[i] - (whole[j] - 100 * known[j]) || i - j);
  const sum = (/** @type {number[]} */ numbers) => numbers.reduce((all, one) => all + one, 0);
  for (const i of byRemainder.slice(0, Math.round(100 * sum(known)) - sum(whole))) whole[i]++;
  return whole.map((share) => `${share}%`);
}

/** @param {number | null | undefined} value @returns {string} large numbers in thousands and more */
export function short(value) {
  if (isMissing(value)) return NOT_SHOWN;
  const number = /** @type {number} */ (value);
  const size = Math.abs(number);
  if (size >= 1e9) return `${(number / 1e9).toFixed(1)} bn`;
  if (size >= 1e6) return `${(number / 1e6).toFixed(1)} m`;
  if (size >= 1e4) return `${(number / 1e3).toFixed(1)} k`;
  return size >= 100 ? number.toFixed(0) : number.toFixed(1);
}

/** @param {number} ticks @returns {string} */
export function tickWords(ticks) {
  return `${ticks} ${Math.abs(ticks) === 1 ? "tick" : "ticks"}`;
}

/** @param {string} text @returns {string} with a true minus sign; minus zero is zero */
function signless(text) {
  return /^-0(\.0*)?$/.test(text) ? text.slice(1) : text.replace("-", "−");
}
