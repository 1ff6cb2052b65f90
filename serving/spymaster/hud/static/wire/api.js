/** The HTTP answers of the server. Nanoseconds are texts, as a number would lose digits. */
import { readRows, readSurface } from "./arrow.js";
import { readParts } from "./multipart.js";
import { answered, get, post } from "./request.js";

const NS_PER_S = 1_000_000_000n;

/**
 * @typedef {{symbol: string, dt: string}} Day
 * @typedef {Day & {first_window_end_ts_ns: string, last_window_end_ts_ns: string, seconds: number}}
 *   DayRange
 * @typedef {{surfaces: string[], maxTicks: number}} Query surfaces, and their ticks around spot
 */

/** Surfaces that the page draws or prints. */
export const SURFACES = [
  "snap", "wall", "vacuum", "physics", "physics_surface", "gex", "levels", "pressure", "trades",
  "turns", "odds", "signals", "strikes", "gex_summary", "gaps", "scores",
  "usual", "courses", "ladder",
];
/** Surfaces that only these layers of the picture draw. */
const OF_LAYERS = { physics_surface: "physics", vacuum: "vacuum" };
/** Surfaces of the picture; panels and strips have the others. */
const PICTURE = ["snap", "wall", "vacuum", "physics", "physics_surface", "gex", "levels", "trades", "gaps"];
/** The surface that is computed when it is read: asked for by itself, or streamed. */
export const LADDER = "ladder";

/**
 * @param {string[]} surfaces @param {Set<string>} layers that are shown
 * @returns {string[]} those without which there is no picture
 */
export function pictureSurfaces(surfaces, layers) {
  const isDrawn = (/** @type {string} */ name) => {
    const layer = OF_LAYERS[/** @type {keyof OF_LAYERS} */ (name)];
    return layer === undefined || layers.has(layer);
  };
  return surfaces.filter((name) => PICTURE.includes(name) && isDrawn(name));
}

/** @param {string} dt @returns {bigint} midnight UTC */
export function baseNs(dt) {
  return BigInt(Date.parse(`${dt}T00:00:00Z`)) * 1_000_000n;
}

/** @param {string} dt @param {number} second from midnight UTC @returns {string} */
export function toNs(dt, second) {
  return String(baseNs(dt) + BigInt(second) * NS_PER_S);
}

/** @param {string} dt @param {string} ns @returns {number} second from midnight UTC */
export function toSecond(dt, ns) {
  return Number((BigInt(ns) - baseNs(dt)) / NS_PER_S);
}

/** @returns {Promise<DayRange[]>} */
export async function getDays() {
  return (await get("days")).json();
}

/** @param {Day} day @returns {Promise<any>} */
export async function getMeta({ symbol, dt }) {
  return answered((await get("meta", { symbol, dt })).json());
}

/**
 * @param {Day} day @param {number} second approaches' outcomes are hidden after it
 * @returns {Promise<any[]>}
 */
export async function getApproaches({ symbol, dt }, second) {
  return (await get("approaches", { symbol, dt, until_ts_ns: toNs(dt, second) })).json();
}

/**
 * @param {Day} day @param {number} second steps of retests are hidden after it
 * @returns {Promise<any[]>}
 */
export async function getRetests({ symbol, dt }, second) {
  return (await get("retests", { symbol, dt, until_ts_ns: toNs(dt, second) })).json();
}

/**
 * @param {Day} day @param {number} from @param {number} to seconds, both included
 * @param {Query} query @param {AbortSignal} signal
 * @returns {Promise<Map<string, import("./arrow.js").Surface>>}
 */
export async function getSeconds({ symbol, dt }, from, to, query, signal) {
  const answer = await get(
    "bootstrap",
    {
      symbol,
      dt,
      end_ts_ns: toNs(dt, to),
      windows: to - from + 1,
      max_ticks: query.maxTicks,
      layout: "compact",
      surfaces: query.surfaces.join(","),
    },
    signal,
  );
  const body = new Uint8Array(await answered(answer.arrayBuffer()));
  const parts = readParts(body, answer.headers.get("content-type") ?? "");
  return new Map([...parts].map(([name, bytes]) => [name, readSurface(bytes)]));
}

/**
 * @param {Day} day @param {string} name of a surface @param {number} second
 * @param {AbortSignal} signal
 * @returns {Promise<import("./arrow.js").Surface>} compact rows of one second
 */
export async function getSurface({ symbol, dt }, name, second, signal) {
  const [start, end] = [toNs(dt, second), toNs(dt, second + 1)];
  const range = { symbol, dt, surface: name, start_ts_ns: start, end_ts_ns: end, layout: "compact" };
  const answer = await get("surfaces", range, signal);
  return readSurface(new Uint8Array(await answered(answer.arrayBuffer())));
}

/**
 * @param {Day} day @param {string} surface @param {number} second
 * @param {AbortSignal} signal
 * @returns {Promise<Record<string, any>[]>} whole rows of one second
 */
export async function getRows({ symbol, dt }, surface, second, signal) {
  const start = toNs(dt, second);
  const end = toNs(dt, second + 1);
  const range = { symbol, dt, surface, start_ts_ns: start, end_ts_ns: end, layout: "full" };
  const answer = await get("surfaces", range, signal);
  return readRows(new Uint8Array(await answer.arrayBuffer()));
}

/**
 * Write an own level.
 * @param {string} symbol @param {string} name @param {string} price in points
 * @param {string} dt UTC date @param {number} second from its midnight, from which the level is known
 * @returns {Promise<{name: string, price: string}>} as it is written
 */
export async function addLevel(symbol, name, price, dt, second) {
  const known_from = new Date(Number(baseNs(dt) / 1_000_000n) + second * 1000).toISOString();
  return (await post("levels", { symbol, name, price, known_from })).json();
}

/** @param {Record<string, string | number | undefined>} question @returns {Promise<any>} */
export async function getExplanation(question) {
  return (await get("explain", question)).json();
}
