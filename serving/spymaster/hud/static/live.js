/** A day that goes on: what the run says beside the clock, quotes between seconds, the way to its end. */
import { byId, setAttribute, setText } from "./dom.js";
import { NOT_SHOWN, localTime, pointsOf } from "./format.js";
import { toSecond } from "./wire/api.js";

/** seconds of lag from which it is said in colour */
const LATE_S = 3;

/**
 * @typedef {{words: string, has_stopped: boolean, reason: string | null, lag_s: number | null,
 *   newest_ts_ns: string | null}} Run
 * @typedef {{id: string, distance: number | null}} LevelNow
 * @typedef {{ts_ns: string, spot: number | null, bid: number | null, ask: number | null, as_of_ns: string,
 *   levels: LevelNow[]}} Snap
 * @typedef {{move: (snap: Snap) => void}} Moving what shows price or distances
 */

export class LiveBar {
  /**
   * @param {import("./player.js").Player} player
   * @param {{addKey: (binding: import("./keys.js").Binding) => void, goToEnd: () => void}} actions
   * @param {Moving[]} moving
   */
  constructor(player, actions, moving) {
    this.player = player;
    this.moving = moving;
    this.actions = actions;
    this.run = byId("run");
    this.quotes = byId("quotes");
    this.toEnd = byId("to-end");
    this.toEnd.onclick = () => actions.goToEnd();
    this.hasKey = false;
    /** @type {Run | null} */
    this.said = null;
    /** @type {Snap | null} */
    this.snap = null;
  }

  /** Forget the day's run. */
  clear() {
    this.said = this.snap = null;
    this.update();
  }

  /** @param {any} message of the server */
  take(message) {
    if (message.type === "run") this.said = message;
    else if (message.type === "snap") this.snap = message;
    this.update();
  }

  update() {
    const { player } = this;
    if (player.isLive && !this.hasKey) {
      this.hasKey = true;
      this.actions.addKey({
        keys: ["End"], shown: "end", words: "To the last second of a day that goes on, and follow it",
        run: () => player.isLive && this.actions.goToEnd(),
      });
    }
    this.toEnd.hidden = !player.isLive || player.following;
    this.run.hidden = !player.isLive || !this.said;
    if (this.said) {
      setText(this.run, runWords(this.said));
      setAttribute(this.run, "data-state", runState(this.said));
    }
    const { snap } = this;
    this.quotes.hidden = !snap || !player.following || this.said?.has_stopped === true;
    if (!snap || !player.day) return;
    setText(this.quotes, snapWords(snap, player.day.dt));
    if (this.quotes.hidden || player.isComing || toSecond(player.day.dt, snap.ts_ns) < player.ring.end) return;
    // after the rows of a second, which are older than it
    for (const part of this.moving) part.move(snap);
  }
}

/** @param {Run} run @returns {string} */
function runWords({ words, has_stopped: hasStopped, reason, lag_s: lag }) {
  if (hasStopped) return reason ? `stopped: ${reason}` : "ended";
  return lag === null ? words : `${words}, lag ${lag.toFixed(1)} s`;
}

/** @param {Run} run @returns {string} */
function runState({ has_stopped: hasStopped, reason, lag_s: lag }) {
  if (hasStopped) return reason ? "failed" : "paused";
  return lag !== null && lag >= LATE_S ? "paused" : "playing";
}

/** @param {Snap} snap @param {string} dt @returns {string} */
function snapWords({ spot, bid, ask, as_of_ns: asOf }, dt) {
  const price = (/** @type {number | null} */ points) => (points === null ? NOT_SHOWN : pointsOf(points));
  return `spot ${price(spot)}  bid ${price(bid)}  ask ${price(ask)}  physics of ${localTime(dt, toSecond(dt, asOf))}`;
}
