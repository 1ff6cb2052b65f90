/**
 * Trades since the open of the session: those before the ring come from the server once the ring is
 * filled, those in it from the ring. Sums are not known until all of them are there.
 */
import { getSeconds, toSecond } from "./wire/api.js";

/** seconds of a request */
const CHUNK_S = 1800;
/** pause before a request that failed is made again */
const RETRY_MS = 5000;

export class SessionTrades {
  /** @param {import("./player.js").Player} player @param {() => void} onChange */
  constructor(player, onChange) {
    this.player = player;
    this.onChange = onChange;
    /** @type {unknown} */
    this.day = null;
    /** @type {import("./wire/arrow.js").Columns[]} one entry a request, in the order of seconds */
    this.parts = [];
    /** last second of the parts */
    this.to = -Infinity;
    this.isAsking = false;
    this.retryAt = -Infinity;
  }

  /** @returns {number | null} first second of the session */
  get open() {
    const { day, meta } = this.player;
    const ns = meta?.open_window_end_ts_ns;
    return day && ns ? toSecond(day.dt, ns) : null;
  }

  /** Ask for what is missing, one request at a time. */
  update() {
    const { player, open } = this;
    if (this.day !== player.day) {
      this.day = player.day;
      this.parts = [];
      this.to = -Infinity;
    }
    const { ring } = player;
    if (open === null || this.isAsking || player.loading || ring.missingRun() !== null) return;
    if (!player.surfaces.includes("trades") || performance.now() < this.retryAt) return;
    const from = Math.max(open, this.to + 1);
    if (from < ring.start) this.#ask(from, Math.min(ring.start - 1, from + CHUNK_S - 1));
  }

  /** @param {number} from @param {number} to seconds, both included */
  async #ask(from, to) {
    const { day } = this.player;
    if (!day) return;
    this.isAsking = true;
    try {
      const query = { surfaces: ["trades"], maxTicks: this.player.maxTicks };
      const answer = await getSeconds(day, from, to, query, new AbortController().signal);
      if (this.day === day) {
        const trades = answer.get("trades");
        if (trades) this.parts.push(trades.columns);
        this.to = to;
        this.onChange();
      }
    } catch {
      // the player says that the server does not answer; what is missing stays not known
      this.retryAt = performance.now() + RETRY_MS;
    }
    this.isAsking = false;
  }

  /** @returns {boolean} whether all trades since the open are known */
  get isComplete() {
    const { ring } = this.player;
    const { open } = this;
    if (open === null || !(ring.end >= open) || ring.missingRun() !== null) return false;
    return open >= ring.start || this.to >= ring.start - 1;
  }

  /**
   * Go through the trades from the open to the newest second.
   * @param {(second: number, tick: number, qty: number) => void} take
   */
  each(take) {
    const { ring } = this.player;
    const open = this.open ?? Infinity;
    for (const { second, tick, qty } of this.parts) {
      for (let i = 0; i < second.length && second[i] <= ring.end; i++) take(second[i], tick[i], qty[i]);
    }
    for (let at = Math.max(ring.start, open, this.to + 1); at <= ring.end; at++) {
      const slice = ring.slice(at, "trades");
      for (let i = slice?.from ?? 0; slice && i < slice.to; i++) {
        take(at, slice.columns.tick[i], slice.columns.qty[i]);
      }
    }
  }

  /** @returns {Map<number, number> | null} contracts by price since the open; null if not known */
  profile() {
    if (!this.isComplete) return null;
    /** @type {Map<number, number>} */
    const found = new Map();
    this.each((_, tick, qty) => found.set(tick, (found.get(tick) ?? 0) + qty));
    return found;
  }

  /**
   * @returns {Float64Array | null} mean price by contracts since the open, in ticks, of each second of
   *   the ring; NaN before the first trade; null if not known
   */
  vwap() {
    if (!this.isComplete) return null;
    const { ring } = this.player;
    const means = new Float64Array(ring.size).fill(NaN);
    let [sum, qtySum] = [0, 0];
    this.each((second, tick, qty) => {
      sum += tick * qty;
      qtySum += qty;
      if (second >= ring.start) means[second - ring.start] = sum / qtySum;
      else means[0] = sum / qtySum;
    });
    for (let i = 1; i < means.length; i++) if (means[i] !== means[i]) means[i] = means[i - 1];
    return means;
  }
}
