/**
 * The WebSocket of the stream. A dropped connection is made again after a pause that doubles, and
 * goes on at the second after the last one that arrived.
 */
import { toNs, toSecond } from "./api.js";
import { readSurface } from "./arrow.js";

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 8000;

/**
 * @typedef {"closed" | "connecting" | "open" | "lost"} Connection
 * @typedef {{seq: number, second: number, skipped: number,
 *   surfaces: Map<string, import("./arrow.js").Surface>}} Batch
 * @typedef {{onBatch: (batch: Batch) => void, onState: (state: Connection) => void,
 *   onEnd: () => void, onPublished: () => void, onError: (reason: string) => void,
 *   onNews: (message: any) => void}} Listener onNews takes what a run says besides rows
 */

export class Stream {
  /** @param {Listener} listener */
  constructor(listener) {
    this.listener = listener;
    /** @type {WebSocket | null} */
    this.socket = null;
    /** @type {{symbol: string, dt: string} | null} */
    this.day = null;
    this.nextSecond = 0;
    this.speed = 1;
    /** @type {import("./api.js").Query} */
    this.query = { surfaces: [], maxTicks: 0 };
    /** whether each new second of a day that goes on is wanted at once */
    this.follows = false;
    this.paused = false;
    this.pauseMs = FIRST_PAUSE_MS;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.retry = undefined;
    /** @type {Batch | null} */
    this.batch = null;
    this.surface = "";
  }

  /** @returns {boolean} whether a connection exists or is about to be made */
  get isOpen() {
    return this.socket !== null || this.retry !== undefined;
  }

  /**
   * @param {{symbol: string, dt: string}} day @param {number} second first one to be sent
   * @param {number} speed 0 is as fast as possible
   * @param {import("./api.js").Query} query
   * @param {{follows: boolean, paused: boolean}} how
   */
  open(day, second, speed, query, { follows, paused }) {
    this.close();
    this.day = day;
    this.nextSecond = second;
    this.speed = speed;
    this.query = query;
    this.follows = follows;
    this.paused = paused;
    this.pauseMs = FIRST_PAUSE_MS;
    this.#connect();
  }

  close() {
    clearTimeout(this.retry);
    this.retry = undefined;
    const { socket } = this;
    this.socket = null;
    this.batch = null;
    if (socket) socket.close();
    this.listener.onState("closed");
  }

  /** @param {number} speed 0 is as fast as possible */
  setSpeed(speed) {
    this.speed = speed;
    this.#send({ type: "speed", value: speed });
  }

  pause() {
    this.paused = true;
    this.follows = false;
    this.#send({ type: "pause" });
  }

  resume() {
    this.paused = false;
    this.#send({ type: "resume" });
  }

  /** @param {number} seq batch that was drawn */
  acknowledge(seq) {
    this.#send({ type: "ack", seq });
  }

  /** @param {object} message */
  #send(message) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
  }

  #connect() {
    const { day } = this;
    if (!day) return;
    this.retry = undefined;
    this.batch = null;
    this.listener.onState("connecting");
    const { paused } = this;
    const query = new URLSearchParams({
      symbol: day.symbol,
      dt: day.dt,
      start_ts_ns: toNs(day.dt, this.nextSecond),
      speed: String(this.speed),
      surfaces: this.query.surfaces.join(","),
      layout: "compact",
      max_ticks: String(this.query.maxTicks),
      follow: this.follows ? "1" : "0",
      paused: paused ? "1" : "0",
    });
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/v1/hud/stream?${query}`);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    socket.onopen = () => {
      if (socket !== this.socket) return;
      this.listener.onState("open");
      if (this.paused !== paused) this.#send({ type: this.paused ? "pause" : "resume" });
    };
    socket.onmessage = ({ data }) => {
      if (socket === this.socket) this.#receive(data);
    };
    socket.onclose = () => {
      if (socket === this.socket) this.#reconnectLater();
    };
  }

  #reconnectLater() {
    this.socket = null;
    this.listener.onState("lost");
    this.retry = setTimeout(() => this.#connect(), this.pauseMs);
    this.pauseMs = Math.min(2 * this.pauseMs, LONGEST_PAUSE_MS);
  }

  /** @param {string | ArrayBuffer} data */
  #receive(data) {
    if (typeof data !== "string") {
      this.batch?.surfaces.set(this.surface, readSurface(new Uint8Array(data)));
      return;
    }
    const message = JSON.parse(data);
    if (message.type === "surface_header") this.surface = message.surface;
    else if (message.type === "batch_start") this.#begin(message);
    else if (message.type === "batch_end") this.#finish();
    else if (message.type === "end") this.listener.onEnd();
    else if (message.type === "published") this.listener.onPublished();
    else if (message.type === "error") this.listener.onError(message.reason);
    else this.listener.onNews(message);
  }

  /** @param {{seq: number, window_end_ts_ns: string, skipped: number}} message */
  #begin({ seq, window_end_ts_ns: ns, skipped }) {
    const second = this.day ? toSecond(this.day.dt, ns) : 0;
    this.batch = { seq, second, skipped, surfaces: new Map() };
  }

  #finish() {
    const { batch } = this;
    if (!batch) return;
    this.batch = null;
    this.nextSecond = batch.second + 1;
    this.pauseMs = FIRST_PAUSE_MS;
    this.listener.onBatch(batch);
  }
}
