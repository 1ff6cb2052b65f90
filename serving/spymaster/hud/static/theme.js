/** Dark and light: the system's choice until the user makes one, which stays. */
import { css } from "./dom.js";

const KEY = "spymaster.theme";
/** colours of paint.json that the style sheets use */
const SHARED = [
  "spot", "level", "buy", "sell", "above_score", "below_score", "vacuum_total_score", "calls",
  "puts", "break", "reject", "chop", "condition_met", "condition_not_met", "gap",
  "gex_call", "gex_put", "barrier_vacuum", "barrier_weak", "barrier_consumed", "barrier_neutral", "barrier_absorption",
  "barrier_wall", "contested",
];

export class ThemeSwitch {
  /** @param {any} paint contents of paint.json @param {() => void} onChange */
  constructor(paint, onChange) {
    this.paint = paint;
    this.onChange = onChange;
    this.system = window.matchMedia("(prefers-color-scheme: light)");
    this.system.addEventListener("change", () => {
      if (!localStorage.getItem(KEY)) this.#apply();
    });
    this.#apply();
  }

  /** @returns {"dark" | "light"} */
  get name() {
    const chosen = localStorage.getItem(KEY);
    if (chosen === "dark" || chosen === "light") return chosen;
    return this.system.matches ? "light" : "dark";
  }

  toggle() {
    localStorage.setItem(KEY, this.name === "dark" ? "light" : "dark");
    this.#apply();
  }

  #apply() {
    const root = document.documentElement;
    root.dataset.theme = this.name;
    const colours = this.paint.themes[this.name];
    for (const name of SHARED) {
      const [red, green, blue] = colours[name];
      root.style.setProperty(`--${name.replaceAll("_", "-")}`, css([red, green, blue, 255]));
    }
    root.style.setProperty("--cell-background", css(colours.background));
    root.style.setProperty("--ask", css(colours.ramps.ask[200]));
    root.style.setProperty("--bid", css(colours.ramps.bid[200]));
    this.onChange();
  }
}
