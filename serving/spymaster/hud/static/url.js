/** The address of a moment: contract, day, second, zoom, layers and the kept level after the #. */

/** least time between two changes of the address, as browsers limit them */
const PAUSE_MS = 1000;

/**
 * @typedef {{symbol?: string, dt?: string, ts?: string, zoom?: [number, number], layers?: string[],
 *   speed?: number, depth?: [number, number], level?: string}} Moment ts in ns since 1970; depth is a range
 *   that is fixed, contracts; level is the one that the card keeps
 */

/** @param {string} text of a location: its hash or its search @returns {Moment} */
export function readMoment(text) {
  const parameters = new URLSearchParams(text.replace(/^[#?]/, ""));
  /** @type {Moment} */
  const moment = {};
  const [symbol, dt, ts] = ["symbol", "dt", "ts"].map((name) => parameters.get(name) ?? "");
  if (symbol) moment.symbol = symbol.slice(0, 40);
  // a day that is no date is unknown, and said to be
  if (dt) moment.dt = dt.slice(0, 40);
  if (/^\d{1,19}$/.test(ts)) moment.ts = ts;
  const zoom = (parameters.get("zoom") ?? "").split(",").map(Number);
  if (zoom.length === 2 && zoom.every((value) => value >= 0.1 && value <= 10)) {
    moment.zoom = [zoom[0], zoom[1]];
  }
  const layers = parameters.get("layers");
  if (layers !== null) moment.layers = layers.split(",").filter(Boolean);
  const speed = parameters.get("speed") ?? "";
  if (/^\d+(\.\d+)?$/.test(speed)) moment.speed = Number(speed);
  const depth = (parameters.get("depth") ?? "").split(",").map(Number);
  if (depth.length === 2 && depth.every(Number.isInteger) && depth[0] >= 1 && depth[1] > depth[0]) {
    moment.depth = [depth[0], depth[1]];
  }
  const level = parameters.get("level") ?? "";
  if (/^\w{1,40}$/.test(level)) moment.level = level;
  return moment;
}

/** @returns {Moment} of the address of the page; what stands after the # comes first */
export function addressMoment() {
  return { ...readMoment(location.search), ...readMoment(location.hash) };
}

/** @param {Moment} moment @returns {string} with its # */
export function writeMoment({ symbol, dt, ts, zoom, layers, speed, depth, level }) {
  const parameters = new URLSearchParams();
  if (symbol) parameters.set("symbol", symbol);
  if (dt) parameters.set("dt", dt);
  if (ts) parameters.set("ts", ts);
  if (zoom) parameters.set("zoom", zoom.map((value) => String(+value.toFixed(3))).join(","));
  if (layers) parameters.set("layers", layers.join(","));
  if (speed !== undefined && speed !== 1) parameters.set("speed", String(speed));
  if (depth) parameters.set("depth", depth.join(","));
  if (level) parameters.set("level", level);
  return `#${parameters.toString().replaceAll("%2C", ",")}`;
}

export class Address {
  /** @param {() => Moment} current */
  constructor(current) {
    this.current = current;
    this.written = location.hash;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** Write the moment into the address soon. */
  refresh() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.write();
    }, PAUSE_MS);
  }

  /** Leave this moment for another: Back of the browser returns to it. @param {Moment} moment */
  leave(moment) {
    this.write();
    this.written = writeMoment({ ...this.current(), ...moment });
    history.pushState(null, "", this.written);
  }

  /** @returns {string} the whole address of this moment */
  write() {
    this.written = writeMoment(this.current());
    if (this.written !== location.hash) history.replaceState(null, "", this.written);
    return location.href;
  }
}
