/**
 * Asks for the ladder of the second that is shown, unless the stream brings it. A ladder is computed
 * when it is read, so that the first picture does without.
 */
import { getSurface, LADDER } from "./wire/api.js";

export class Ladders {
  /** @param {import("./player.js").Player} player @param {() => void} onChange */
  constructor(player, onChange) {
    this.player = player;
    this.onChange = onChange;
    /** what was asked for last, and whether the answer is awaited */
    this.asked = "";
    this.isAsking = false;
    this.aborter = new AbortController();
  }

  /** Forget what was asked. */
  clear() {
    this.aborter.abort();
    this.asked = "";
    this.isAsking = false;
  }

  update() {
    const { player } = this;
    const { ring, day } = player;
    if (!day || player.loading || !player.surfaces.includes(LADDER)) return;
    const isStreamed = player.playing && player.connection === "open";
    const key = `${day.symbol} ${day.dt} ${ring.end}`;
    if (isStreamed || key === this.asked || !ring.slice(ring.end, "levels") || ring.slice(ring.end, LADDER)) return;
    this.aborter.abort();
    this.asked = key;
    this.#ask(day, ring.end, (this.aborter = new AbortController()));
  }

  /** @param {import("./wire/api.js").Day} day @param {number} second @param {AbortController} aborter */
  async #ask(day, second, { signal }) {
    this.isAsking = true;
    try {
      const { columns } = await getSurface(day, LADDER, second, signal);
      if (!signal.aborted) {
        this.player.ring.put(LADDER, columns);
        // the stream drops it: it may be asked for again
        if (columns.second.length) this.asked = "";
      }
    } catch {
      // the card says that there is none; the next second asks again
    }
    if (signal.aborted) return;
    this.isAsking = false;
    this.onChange();
  }
}
