/** Alerts of a run: the newest first, over the oldest seconds of the picture, with a sound. */
import { byId, element, setText } from "./dom.js";
import { localTime } from "./format.js";
import { toSecond } from "./wire/api.js";

const KEY = "spymaster.sound";
const MOST = 4;
/** how long one is shown */
const SHOWN_MS = 30_000;
const BEEP_HZ = 880;
const BEEP_S = 0.18;
const VOLUME = 0.15;

export class Alerts {
  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.player = player;
    this.list = byId("alerts");
    this.button = byId("sound");
    this.button.onclick = () => {
      localStorage.setItem(KEY, this.isMuted ? "on" : "off");
      this.#showSound();
    };
    /** @type {AudioContext | null} */
    this.audio = null;
    /** sounds that were made */
    this.beeps = 0;
    this.#showSound();
  }

  /** @returns {boolean} */
  get isMuted() {
    return localStorage.getItem(KEY) === "off";
  }

  update() {
    this.button.hidden = !this.player.isLive;
  }

  /** @param {{is_new: boolean, alert: {ts?: string, text: string}}} message of the server */
  take({ is_new: isNew, alert }) {
    const close = element("button", { type: "button", className: "small", textContent: "×", aria: { label: "Close this alert" } });
    const row = element(
      "li", { className: "alert" },
      element("time", { className: "figure", textContent: this.#time(alert.ts) }),
      element("span", { textContent: alert.text }),
      close,
    );
    close.onclick = () => row.remove();
    this.list.prepend(row);
    while (this.list.childElementCount > MOST) this.list.lastElementChild?.remove();
    setTimeout(() => row.remove(), SHOWN_MS);
    if (isNew && !this.isMuted) this.#beep();
  }

  /** @param {string | undefined} ts nanoseconds since 1970, or a time with its zone @returns {string} */
  #time(ts) {
    const { day } = this.player;
    if (!day || !ts) return "";
    if (/^\d+$/.test(ts)) return localTime(day.dt, toSecond(day.dt, ts));
    const ms = Date.parse(ts);
    return Number.isNaN(ms) ? "" : localTime(day.dt, toSecond(day.dt, String(BigInt(ms) * 1_000_000n)));
  }

  #beep() {
    this.beeps++;
    this.audio ??= new AudioContext();
    // a page that nobody has touched yet may make no sound
    this.audio.resume().catch(() => {});
    const { audio } = this;
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    tone.frequency.value = BEEP_HZ;
    volume.gain.setValueAtTime(VOLUME, audio.currentTime);
    volume.gain.exponentialRampToValueAtTime(0.001, audio.currentTime + BEEP_S);
    tone.connect(volume).connect(audio.destination);
    tone.start();
    tone.stop(audio.currentTime + BEEP_S);
  }

  #showSound() {
    setText(this.button, this.isMuted ? "Sound off" : "Sound on");
    this.button.setAttribute("aria-pressed", String(!this.isMuted));
  }
}
