/** The keys, and the page that lists them. */
import { byId, element } from "./dom.js";

/**
 * @typedef {{keys: string[], shown: string, words: string, run: (event: KeyboardEvent) => void}}
 *   Binding keys are values of KeyboardEvent.key; a leading "shift+" asks for the shift key
 */

export class Keys {
  /** @param {Binding[]} bindings @param {() => HTMLElement} legend of the colours as they are now */
  constructor(bindings, legend) {
    /** @type {Map<string, Binding>} */
    this.byKey = new Map(bindings.flatMap((binding) => binding.keys.map((key) => [key, binding])));
    this.legend = legend;
    this.legendBox = element("div", {});
    this.help = /** @type {HTMLDialogElement} */ (byId("help"));
    const rows = bindings.map(({ shown, words }) =>
      element("div", {}, element("dt", {}, ...shown.split(" ").map((key) => element("kbd", { textContent: key }))), element("dd", { textContent: words })),
    );
    const close = element("button", { type: "button", textContent: "Close", onclick: () => this.help.close() });
    this.help.append(
      close,
      element("h2", { id: "help-title", textContent: "Keys" }),
      element("dl", { className: "keys" }, ...rows),
      this.legendBox,
      element("p", { className: "faint", textContent: "The wheel zooms about the pointer: over the grid both axes, with shift time alone, with ctrl price alone; over an axis that axis. Drag to move. A click on a cell explains it." }),
    );
    byId("help-button").onclick = () => this.toggleHelp();
    document.addEventListener("keydown", (event) => this.#press(event));
    releaseFocus();
  }

  toggleHelp() {
    if (this.help.open) this.help.close();
    else {
      this.legendBox.replaceChildren(element("h2", { textContent: "Colours and marks" }), this.legend());
      this.help.showModal();
    }
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.ctrlKey || event.altKey || event.metaKey || isTyping(event)) return;
    const binding =
      (event.shiftKey && this.byKey.get(`shift+${event.key}`)) || this.byKey.get(event.key.length === 1 ? event.key.toLowerCase() : event.key);
    if (!binding) return;
    event.preventDefault();
    binding.run(event);
  }
}

/** A control that the pointer used gives up the focus, so that the keys work on; Tab keeps it. */
function releaseFocus() {
  let isByPointer = false;
  document.addEventListener("pointerdown", () => (isByPointer = true), true);
  document.addEventListener("keydown", () => (isByPointer = false), true);
  const release = (/** @type {Event} */ { target }, /** @type {string} */ kinds) => {
    const control = target instanceof Element ? target.closest(kinds) : null;
    if (isByPointer && control instanceof HTMLElement) control.blur();
  };
  document.addEventListener("click", (event) => release(event, "button"));
  document.addEventListener("change", (event) => release(event, "select, input[type=range]"));
}

/** @param {KeyboardEvent} event @returns {boolean} whether the key belongs to the focused element */
function isTyping(event) {
  const { target, key } = event;
  if (key === "Escape") return false;
  if (target instanceof HTMLInputElement) return target.type !== "range" || key.startsWith("Arrow");
  if (target instanceof HTMLSelectElement) return true;
  return target instanceof HTMLButtonElement && key === " ";
}
