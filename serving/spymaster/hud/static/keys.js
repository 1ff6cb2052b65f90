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
    this.list = element("dl", { className: "keys" }, ...bindings.map(row));
    const close = element("button", { type: "button", textContent: "Close", onclick: () => this.help.close() });
    this.help.append(
      close,
      element("h2", { id: "help-title", textContent: "Keys" }),
      this.list,
      this.legendBox,
      element("p", { className: "faint", textContent: "The wheel zooms about the pointer: over the grid both axes, with shift time alone, with ctrl price alone; over an axis that axis. Drag to move. A click on a cell explains it." }),
    );
    byId("help-button").onclick = () => this.toggleHelp();
    document.addEventListener("keydown", (event) => this.#press(event));
    releaseFocus();
  }

  /** @param {Binding} binding that is there from now on */
  add(binding) {
    for (const key of binding.keys) this.byKey.set(key, binding);
    this.list.append(row(binding));
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

/** @param {Binding} binding @returns {HTMLElement} its line in the help */
function row({ shown, words }) {
  return element("div", {}, element("dt", {}, ...shown.split(" ").map((key) => element("kbd", { textContent: key }))), element("dd", { textContent: words }));
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
