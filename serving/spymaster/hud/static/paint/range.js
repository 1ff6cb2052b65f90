/**
 * The range of depth that the colours of the wall cover: two quantiles of what is in sight, unless
 * the user has fixed it. It is taken anew when what is in sight has changed and rests, and now and
 * then while the replay goes on, as every cell changes its colour with it.
 */
import { NULL_INT } from "../wire/arrow.js";

const REST_MS = 150;
const PLAYING_MS = 10_000;
/** a change of the newest second that is no replay */
const LEAP_S = 60;
/** depths that are counted one by one */
const COUNTED_QTY = 8192;

export class DepthRange {
  /** @param {any} paint contents of paint.json @param {() => void} onChange */
  constructor(paint, onChange) {
    this.shares = [paint.depth_low_share, paint.depth_high_share];
    this.onChange = onChange;
    this.lowQty = paint.depth_low_qty;
    this.highQty = paint.depth_high_qty;
    /** whether the user has chosen the two */
    this.isFixed = false;
    /** @type {unknown} day of the range, as a day opens with a range of its own */
    this.day = null;
    this.end = NaN;
    /** what was in sight when it was looked at last */
    this.seen = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.isSlow = false;
    /** @type {(() => [number, number] | null)} */
    this.find = () => null;
  }

  /** @returns {boolean} whether another range may come in a moment */
  get isDue() {
    return this.timer !== undefined && !this.isSlow;
  }

  /** @param {[number, number] | null} range contracts; null follows what is in sight */
  fix(range) {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.isFixed = range !== null;
    this.seen = "";
    if (range) this.#take(range);
  }

  /**
   * Look at what is drawn now.
   * @param {import("../player.js").Player} player @param {import("../view/view.js").View} view
   * @param {number} reach ticks around spot that can be drawn
   */
  update(player, view, reach) {
    const { ring } = player;
    if (this.isFixed || Number.isNaN(ring.end)) return;
    this.find = () => quantiles(depthsInSight(ring, view, reach), this.shares);
    if (this.day !== player.day) {
      const found = this.find();
      if (!found) return;
      this.day = player.day;
      this.#take(found);
    }
    const seen = [view.leftSecond, view.rightSecond, view.topTick, view.tickPx, view.height, player.loading].join();
    if (seen === this.seen) return;
    this.seen = seen;
    const isLeap = Math.abs(ring.end - this.end) > LEAP_S;
    this.end = ring.end;
    const isSlow = player.state === "playing" && !isLeap;
    if (this.timer !== undefined && isSlow) return;
    clearTimeout(this.timer);
    this.isSlow = isSlow;
    this.timer = setTimeout(() => this.#look(), isSlow ? PLAYING_MS : REST_MS);
  }

  /** The replay has stopped: what is in sight rests. */
  rest() {
    if (!this.isSlow || this.timer === undefined) return;
    clearTimeout(this.timer);
    this.#look();
  }

  #look() {
    this.timer = undefined;
    const found = this.find();
    if (found) this.#take(found);
  }

  /** @param {[number, number]} range */
  #take([lowQty, highQty]) {
    if (lowQty === this.lowQty && highQty === this.highQty) return;
    this.lowQty = lowQty;
    this.highQty = highQty;
    this.onChange();
  }
}

/**
 * @param {import("../ring.js").Ring} ring @param {import("../view/view.js").View} view
 * @param {number} reach ticks around spot that can be drawn
 * @returns {{counts: Uint32Array, large: number[]}} how often each depth above zero is in sight, by
 *   side and price; those of COUNTED_QTY and more one by one
 */
export function depthsInSight(ring, view, reach) {
  const counts = new Uint32Array(COUNTED_QTY);
  /** @type {number[]} */
  const large = [];
  const low = Math.max(view.tickAt(view.height - 1), view.spotTick - reach);
  const high = Math.min(view.topTick, view.spotTick + reach);
  const last = Math.min(ring.end, view.rightSecond - 1);
  for (let second = Math.max(ring.start, view.leftSecond); second <= last; second++) {
    const surfaces = ring.at(second);
    const wall = surfaces.has("snap") ? surfaces.get("wall") : undefined;
    if (!wall) continue;
    const { tick, depth_qty_end: depth } = wall.columns;
    for (let i = wall.from; i < wall.to; i++) {
      const qty = depth[i];
      if (tick[i] < low || tick[i] > high || !(qty > 0) || qty === NULL_INT) continue;
      if (qty < COUNTED_QTY) counts[qty]++;
      else large.push(qty);
    }
  }
  large.sort((one, other) => one - other);
  return { counts, large };
}

/**
 * @param {{counts: Uint32Array, large: number[]}} depths @param {number[]} shares of the two ends
 * @returns {[number, number] | null} null where nothing rests
 */
export function quantiles({ counts, large }, [lowShare, highShare]) {
  const counted = counts.reduce((sum, count) => sum + count, 0);
  const total = counted + large.length;
  if (total === 0) return null;
  const at = (/** @type {number} */ share) => {
    const place = Math.floor(share * (total - 1));
    if (place >= counted) return large[place - counted];
    let [qty, before] = [0, counts[0]];
    while (before <= place) before += counts[++qty];
    return qty;
  };
  const low = at(lowShare);
  return [low, Math.max(at(highShare), low + 1)];
}
