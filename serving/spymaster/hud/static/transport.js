/** The bar at the bottom, the picker of days, and the state of the replay. */
import { byId, element, setAttribute, setText } from "./dom.js";
import { city, localTime, utcTime } from "./format.js";
import { toSecond } from "./wire/api.js";

/** speeds of the replay; 0 is as fast as possible */
export const SPEEDS = [1, 2, 5, 10, 20, 30, 60, 0];

/** @param {number} speed @returns {string} */
export function speedWords(speed) {
  return speed === 0 ? "as fast as possible" : speed === 1 ? "real time" : `${speed} times`;
}

export class Transport {
  /**
   * @param {import("./player.js").Player} player
   * @param {{toggle: () => void, step: (seconds: number) => void, seek: (second: number) => void,
   *   pickDay: (day: import("./wire/api.js").DayRange) => void,
   *   approach: (direction: -1 | 1) => void}} actions
   */
  constructor(player, actions) {
    this.player = player;
    this.play = byId("play");
    this.state = byId("state");
    this.clock = byId("clock");
    this.seek = /** @type {HTMLInputElement} */ (byId("seek"));
    this.span = byId("wall-span");
    this.speed = /** @type {HTMLSelectElement} */ (byId("speed"));
    this.dayPicker = /** @type {HTMLSelectElement} */ (byId("day"));
    /** @type {import("./wire/api.js").DayRange[]} */
    this.days = [];
    this.isDragging = false;
    this.shownSecond = NaN;
    for (const speed of SPEEDS) {
      this.speed.append(element("option", { value: String(speed), textContent: speedWords(speed) }));
    }
    this.play.onclick = actions.toggle;
    byId("back").onclick = () => actions.step(-10);
    byId("forward").onclick = () => actions.step(10);
    byId("previous-approach").onclick = () => actions.approach(-1);
    byId("next-approach").onclick = () => actions.approach(1);
    this.speed.onchange = () => player.setSpeed(Number(this.speed.value));
    this.seek.oninput = () => {
      this.isDragging = true;
      this.#showClock(Number(this.seek.value));
    };
    this.seek.onchange = () => {
      this.isDragging = false;
      actions.seek(Number(this.seek.value));
    };
    this.dayPicker.onchange = () => actions.pickDay(this.days[Number(this.dayPicker.value)]);
  }

  /** @param {import("./wire/api.js").DayRange[]} days */
  setDays(days) {
    this.days = days;
    this.dayPicker.replaceChildren(
      ...days.map(({ symbol, dt }, i) =>
        element("option", { value: String(i), textContent: `${symbol} ${dt}` }),
      ),
    );
    this.update();
  }

  /** Show the player's state. */
  update() {
    const { player } = this;
    const { state } = player;
    setText(this.state, state === "playing" ? `playing, ${speedWords(player.speed)}` : state);
    setAttribute(this.state, "data-state", state);
    setText(this.play, player.playing ? "Pause" : "Play");
    this.#showSpeed();
    const { day } = player;
    if (!day) {
      this.dayPicker.value = "";
      return;
    }
    const place = this.days.findIndex(({ symbol, dt }) => symbol === day.symbol && dt === day.dt);
    if (this.dayPicker.value !== String(place)) this.dayPicker.value = String(place);
    setAttribute(this.seek, "min", String(player.first));
    setAttribute(this.seek, "max", String(player.last));
    this.#showWallSpan();
    if (this.isDragging || Number.isNaN(player.second)) return;
    if (this.seek.value !== String(player.second)) this.seek.value = String(player.second);
    if (player.second !== this.shownSecond) this.#showClock(player.second);
  }

  /** @param {number} second */
  #showClock(second) {
    const { day } = this.player;
    if (!day) return;
    this.shownSecond = second;
    const text = `${localTime(day.dt, second)} ${city()}, ${utcTime(second)} UTC`;
    setText(this.clock, text);
    setAttribute(this.seek, "aria-valuetext", text);
  }

  /** Mark on the slider where resting depth is known. */
  #showWallSpan() {
    const { day, meta, first, last } = this.player;
    const [from, to] = [meta?.wall_first_window_end_ts_ns, meta?.wall_last_window_end_ts_ns];
    this.span.hidden = !day || !from || !to || last <= first;
    if (this.span.hidden || !day) return;
    const place = (/** @type {string} */ ns) => (toSecond(day.dt, ns) - first) / (last - first);
    // the thumb's middle moves within the slider less its own width
    const left = (/** @type {number} */ share) => `calc(${share} * (100% - 1rem) + 0.5rem)`;
    this.span.style.left = left(place(from));
    this.span.style.width = `calc(${place(to) - place(from)} * (100% - 1rem))`;
  }

  /** Choose the speed in the list; one that the address asked for may be new there. */
  #showSpeed() {
    const { speed } = this.player;
    if (this.speed.value === String(speed)) return;
    if (![...this.speed.options].some(({ value }) => value === String(speed))) {
      this.speed.append(element("option", { value: String(speed), textContent: speedWords(speed) }));
    }
    this.speed.value = String(speed);
  }

  /** @param {1 | -1} direction faster or slower */
  changeSpeed(direction) {
    const rank = (/** @type {number} */ speed) => (speed === 0 ? Infinity : speed);
    const now = rank(this.player.speed);
    const next =
      direction > 0
        ? SPEEDS.find((speed) => rank(speed) > now)
        : SPEEDS.findLast((speed) => rank(speed) < now);
    if (next !== undefined) this.player.setSpeed(next);
  }
}
