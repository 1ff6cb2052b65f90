/**
 * Which second is shown, and what brings the next: the ring is filled by HTTP, and goes on by the
 * stream. Seeking keeps the seconds that are still in sight and asks for the others alone.
 */
import { useZone } from "./format.js";
import { LADDER, SURFACES, getMeta, getSeconds, pictureSurfaces, toSecond } from "./wire/api.js";
import { NoAnswerError } from "./wire/request.js";
import { Stream } from "./wire/stream.js";

/** seconds of the first request, so that a picture comes soon */
const FIRST_SECONDS = 300;
/** pause before a server that does not answer is asked again */
const RETRY_S = 2;
/** what the page says meanwhile */
const NO_ANSWER = `The server does not answer; the page asks again every ${RETRY_S} s.`;
/** ticks around spot that are asked for, near and far */
export const NEAR_TICKS = 100;
export const FAR_TICKS = 400;

/**
 * @typedef {"playing" | "following" | "paused" | "loading" | "reconnecting" | "end of the day" | "failed"} State
 */

export class Player {
  /**
   * @param {import("./ring.js").Ring} ring
   * @param {{onChange: () => void, onPublished: () => void, onNews: (message: any) => void,
   *   layers: () => Set<string>}} listener and the layers that it draws
   */
  constructor(ring, listener) {
    this.ring = ring;
    this.listener = listener;
    /** @type {import("./wire/api.js").DayRange | null} */
    this.day = null;
    this.first = 0;
    this.last = 0;
    this.speed = 1;
    this.playing = false;
    /** whether the last second is shown while the day goes on */
    this.following = false;
    this.ended = false;
    this.reason = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} runs while the server does not answer */
    this.retry = undefined;
    /** @type {number | "end" | ((meta: any) => Promise<number | "start" | "end">)} where the day was opened */
    this.opening = "end";
    this.loading = false;
    this.skipped = 0;
    this.maxTicks = NEAR_TICKS;
    /** @type {string[]} surfaces that the lake has */
    this.surfaces = [];
    /** @type {any} */
    this.meta = null;
    /** @type {Map<string, Promise<any>>} answers that were asked for early, by day */
    this.prefetched = new Map();
    /** nano-points a tick; a point until a day is described */
    this.tickInt = 1_000_000_000;
    this.wallReach = NEAR_TICKS;
    /** @type {number[]} batches that arrived and are not drawn yet */
    this.undrawn = [];
    /** @type {import("./wire/stream.js").Connection} */
    this.connection = "closed";
    this.aborter = new AbortController();
    this.stream = new Stream({
      onBatch: (batch) => this.#take(batch),
      onState: (connection) => {
        this.connection = connection;
        listener.onChange();
      },
      onEnd: () => {
        this.ended = true;
        listener.onChange();
      },
      onPublished: () => {
        this.ended = false;
        listener.onPublished();
      },
      onError: (reason) => this.#fail(reason),
      onNews: (message) => this.#hear(message),
    });
  }

  /** @returns {State} */
  get state() {
    if (this.reason) return "failed";
    if (this.connection === "lost" || this.retry !== undefined) return "reconnecting";
    if (this.playing && this.ended) return "end of the day";
    if (this.loading) return "loading";
    if (this.playing && this.connection === "connecting") return "loading";
    if (this.playing && this.following) return "following";
    return this.playing ? "playing" : "paused";
  }

  /** @returns {boolean} whether seconds are still added to the day */
  get isLive() {
    return this.meta?.is_live === true;
  }

  /** @returns {string} why there is no picture, or nothing */
  get message() {
    return this.reason || (this.retry === undefined ? "" : NO_ANSWER);
  }

  /** @returns {boolean} whether the newest second, or more of it than the picture needs, is still to come */
  get isComing() {
    const { ring } = this;
    return !ring.isComplete(ring.end) && (ring.isLoaded(ring.end) || this.message === "");
  }

  /** @returns {number} newest second that is shown */
  get second() {
    return this.ring.end;
  }

  /**
   * Ask what a day has before it is opened.
   * @param {import("./wire/api.js").Day} day @returns {Promise<any>}
   */
  prefetch(day) {
    const known = this.prefetched.get(keyOf(day));
    if (known) return known;
    const answer = getMeta(day);
    // whoever opens the day sees the error
    answer.catch(() => {});
    this.prefetched.set(keyOf(day), answer);
    return answer;
  }

  /**
   * @param {import("./wire/api.js").DayRange} day
   * @param {number | "end" | ((meta: any) => Promise<number | "start" | "end">)} second or what finds it; the
   *   start is the first second that fills the screen
   * @param {boolean} playing
   */
  async open(day, second, playing) {
    this.stream.close();
    this.aborter.abort();
    this.#stopRetry();
    this.undrawn.length = 0;
    this.ring.clear();
    this.day = day;
    this.opening = second;
    this.meta = null;
    this.first = toSecond(day.dt, day.first_window_end_ts_ns);
    this.last = toSecond(day.dt, day.last_window_end_ts_ns);
    this.playing = playing;
    this.reason = "";
    const answer = this.prefetched.get(keyOf(day)) ?? getMeta(day);
    this.prefetched.clear();
    try {
      const meta = await answer;
      if (this.day !== day || this.opening !== second) return;
      this.meta = meta;
      this.tickInt = meta.tick_int;
      useZone(meta.local_tz, meta.city);
    } catch (error) {
      if (this.day !== day || this.opening !== second) return;
      this.#failOrRetry(error, () => this.open(day, second, this.playing));
      return;
    }
    this.surfaces = SURFACES.filter((name) => name in this.meta.surfaces);
    const found = typeof second === "function" ? await second(this.meta) : second;
    // another day, or another second, may have been asked for meanwhile
    if (this.day !== day || this.opening !== second || !Number.isNaN(this.ring.end)) return;
    const fullScreen = this.first + this.ring.size - 1;
    await this.seek(found === "start" ? fullScreen : found === "end" ? this.last : found);
  }

  /** @param {number} second newest one to be shown */
  async seek(second) {
    if (!this.day) return;
    if (!this.meta) return this.open(this.day, second, this.playing);
    this.#stopRetry();
    const target = Math.round(Math.min(this.last, Math.max(this.first, second)));
    this.following = this.isLive && this.playing && target === this.last;
    this.stream.close();
    this.undrawn.length = 0;
    this.ended = false;
    this.reason = "";
    this.ring.moveTo(target);
    this.listener.onChange();
    await this.#fill();
  }

  /** Ask for the seconds in sight that were not asked for yet, newest first. */
  async #fill() {
    const { day, ring } = this;
    if (!day) return;
    this.aborter.abort();
    this.#stopRetry();
    const aborter = (this.aborter = new AbortController());
    this.loading = true;
    let size = FIRST_SECONDS;
    try {
      for (let run = ring.missingRun(); run; run = ring.missingRun()) {
        const [from, to] = run;
        ring.markLoaded(from, Math.min(to, this.first - 1));
        if (to < this.first) continue;
        const start = Math.max(from, this.first, to - size + 1);
        const requests = this.#requests(from, to);
        for (const surfaces of requests) {
          const query = { surfaces, maxTicks: this.maxTicks };
          const answer = await getSeconds(day, start, to, query, aborter.signal);
          if (aborter.signal.aborted) return;
          for (const [name, surface] of answer) this.#put(name, surface);
          if (surfaces !== requests[requests.length - 1]) this.listener.onChange();
        }
        ring.markLoaded(start, to);
        size = ring.size;
        this.#follow();
        this.listener.onChange();
      }
    } catch (error) {
      if (aborter.signal.aborted) return;
      this.loading = false;
      this.#failOrRetry(error, () => this.#fill());
      return;
    }
    this.loading = false;
    this.#follow();
    this.listener.onChange();
  }

  /**
   * @param {number} from @param {number} to seconds that are missing
   * @returns {string[][]} surfaces of each request: on an empty screen those of the picture come first
   */
  #requests(from, to) {
    const { ring } = this;
    const isEmpty = from === ring.start && to === ring.end;
    const all = this.surfaces.filter((name) => name !== LADDER);
    const first = isEmpty ? pictureSurfaces(all, this.listener.layers()) : [];
    const rest = all.filter((name) => !first.includes(name));
    return [first, rest].filter((surfaces) => surfaces.length > 0);
  }

  /**
   * Go on by the stream once there is a picture, which it would delay. That of a day that goes on brings
   * its news to a page that stands still, too.
   */
  #follow() {
    if ((this.playing || this.isLive) && !this.stream.isOpen) this.#openStream();
  }

  /** @param {string} name @param {import("./wire/arrow.js").Surface} surface */
  #put(name, surface) {
    this.tickInt = Number(surface.metadata.get("tick_int") ?? this.tickInt);
    if (name === "wall") {
      this.wallReach = Number(surface.metadata.get("max_ticks") ?? this.wallReach);
    }
    this.ring.put(name, surface.columns);
  }

  /** @param {import("./wire/stream.js").Batch} batch */
  #take(batch) {
    const { ring } = this;
    this.undrawn.push(batch.seq);
    if (batch.second > ring.end) {
      const before = ring.end;
      // the ladder is shown for the newest second alone
      ring.drop(LADDER, before);
      ring.moveTo(batch.second);
      // skipped seconds exist and are fetched; seconds between that were not skipped do not exist
      const from = batch.skipped > 0 ? batch.second : before + 1;
      for (const [name, surface] of batch.surfaces) this.#put(name, surface);
      ring.markLoaded(from, batch.second);
      this.last = Math.max(this.last, batch.second);
      // whoever has caught up with the day follows it
      this.following = this.isLive && this.playing && batch.second === this.last;
      this.stream.follows = this.following;
    }
    if (batch.skipped > 0) {
      this.skipped += batch.skipped;
      this.#fill();
    }
    this.listener.onChange();
  }

  /** Tell the server that all that arrived is drawn. */
  acknowledgeDrawn() {
    for (const seq of this.undrawn) this.stream.acknowledge(seq);
    this.undrawn.length = 0;
  }

  #openStream() {
    if (!this.day) return;
    const query = { surfaces: this.surfaces, maxTicks: this.maxTicks };
    const how = { follows: this.following, paused: !this.playing };
    this.stream.open(this.day, this.ring.end + 1, this.speed, query, how);
  }

  /** Take what a run says. @param {any} message */
  #hear(message) {
    if (message.type === "run" && message.newest_ts_ns && this.day) {
      this.last = Math.max(this.last, toSecond(this.day.dt, message.newest_ts_ns));
    }
    this.listener.onNews(message);
  }

  /** Go to the end of a day that goes on, and follow it. */
  goToEnd() {
    this.playing = true;
    return this.seek(this.last);
  }

  /** Show no day. @param {string} reason */
  leave(reason) {
    this.aborter.abort();
    this.#stopRetry();
    this.ring.clear();
    this.day = null;
    this.#fail(reason);
  }

  play() {
    if (this.playing || !this.day) return;
    this.playing = true;
    this.reason = "";
    if (this.stream.isOpen) this.stream.resume();
    else if (!this.meta) this.open(this.day, this.opening, true);
    // seconds that a failure left out are asked for again; the stream goes on after them
    else if (!this.loading) this.#fill();
    this.listener.onChange();
  }

  pause() {
    this.playing = this.following = false;
    this.stream.pause();
    this.listener.onChange();
  }

  /** @param {number} speed 0 is as fast as possible */
  setSpeed(speed) {
    this.speed = speed;
    this.stream.setSpeed(speed);
    this.listener.onChange();
  }

  /** @param {number} maxTicks ticks around spot that are asked for from now on */
  async reach(maxTicks) {
    if (maxTicks === this.maxTicks || !this.day) return;
    this.maxTicks = maxTicks;
    const { end } = this.ring;
    this.ring.clear();
    await this.seek(end);
  }

  /** Ask again later if the server does not answer. @param {unknown} error @param {() => void} again */
  #failOrRetry(error, again) {
    if (!(error instanceof NoAnswerError)) {
      this.#fail(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#stopRetry();
    this.retry = setTimeout(again, RETRY_S * 1000);
    this.listener.onChange();
  }

  #stopRetry() {
    clearTimeout(this.retry);
    this.retry = undefined;
  }

  /** @param {string} reason */
  #fail(reason) {
    this.reason = reason;
    this.playing = false;
    this.stream.close();
    this.listener.onChange();
  }
}

/** @param {import("./wire/api.js").Day} day @returns {string} */
function keyOf({ symbol, dt }) {
  return `${symbol} ${dt}`;
}
