/** A level by hand: asks for its name and writes it, where the server was told to allow that. */
import { byId, element, reasonOf } from "./dom.js";
import { city, localTime, utcTime } from "./format.js";
import { spotOf } from "./paint/cells.js";
import { addLevel } from "./wire/api.js";

export class OwnLevel {
  /**
   * @param {import("./player.js").Player} player
   * @param {import("./crosshair.js").Crosshair} crosshair
   * @param {{note: (text: string) => void, addKey: (binding: import("./keys.js").Binding) => void}} actions
   */
  constructor(player, crosshair, actions) {
    this.player = player;
    this.crosshair = crosshair;
    this.actions = actions;
    /** @type {HTMLDialogElement | null} there once the server allows levels */
    this.dialog = null;
    this.opened = 0;
  }

  /** @returns {boolean} */
  get isAllowed() {
    return this.player.meta?.may_add_levels === true;
  }

  /** Say that levels can be put, once the server does. */
  update() {
    if (this.dialog || !this.isAllowed) return;
    this.dialog = this.#made();
    this.actions.addKey({
      keys: ["shift+L", "shift+l"], shown: "shift L", run: () => this.open(),
      words: "Put a level of yours at the pointer's price, else at spot; so does a click with shift",
    });
  }

  /** Ask for the name of a level that is known from the second that is shown now. */
  open() {
    const { day, tickInt, ring, second } = this.player;
    this.update();
    const { dialog } = this;
    if (!dialog || dialog.open || !day || Number.isNaN(second)) return;
    const tick = this.crosshair.cell?.tick ?? NaN;
    const at = Number.isNaN(tick) ? spotOf(ring.slice(second, "snap")) : tick;
    const field = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (byId(`own-level-${name}`));
    field("price").value = at === null ? "" : String((at * tickInt) / 1e9);
    field("name").value = "";
    byId("own-level-title").textContent = `A level of yours for ${day.symbol}`;
    byId("own-level-moment").textContent = `Known from ${localTime(day.dt, second)} ${city()}, ${day.dt} ${utcTime(second)} UTC, the moment on the screen.`;
    const reason = byId("own-level-reason");
    reason.textContent = "";
    const write = /** @type {HTMLButtonElement} */ (byId("own-level-write"));
    write.disabled = false;
    // an answer may come after the dialog was closed, and opened again
    const mine = ++this.opened;
    const isMine = () => mine === this.opened;
    /** @type {HTMLFormElement} */ (byId("own-level-form")).onsubmit = async (event) => {
      event.preventDefault();
      if (write.disabled) return;
      write.disabled = true;
      try {
        const level = await addLevel(day.symbol, field("name").value.trim(), field("price").value.trim(), day.dt, second);
        if (isMine()) dialog.close();
        this.actions.note(`level ${level.name} at ${level.price} is written; the next build has it`);
      } catch (error) {
        if (isMine()) reason.textContent = `Not written: ${reasonOf(error)}`;
      } finally {
        if (isMine()) write.disabled = false;
      }
    };
    dialog.showModal();
    field("name").focus();
  }

  /** @returns {HTMLDialogElement} */
  #made() {
    const input = (/** @type {string} */ name, /** @type {string} */ words, /** @type {Record<string, any>} */ properties) =>
      element("label", {}, words, element("input", { id: `own-level-${name}`, type: "text", autocomplete: "off", spellcheck: false, ...properties }));
    const form = element(
      "form", { id: "own-level-form" },
      element("h3", { id: "own-level-title" }),
      input("price", "Price", { className: "figure", inputMode: "decimal" }),
      input("name", "Name", { placeholder: "weekly_low" }),
      element("p", { id: "own-level-moment", className: "faint" }),
      element("p", { id: "own-level-reason", className: "warning", role: "alert" }),
      element(
        "p", { className: "buttons" },
        element("button", { id: "own-level-write", type: "submit", textContent: "Write" }),
        element("button", { type: "button", textContent: "Cancel", onclick: () => this.dialog?.close() }),
      ),
    );
    const dialog = /** @type {HTMLDialogElement} */ (element("dialog", { id: "own-level", className: "card", aria: { labelledby: "own-level-title" } }, form));
    // keys belong to the dialog; Escape closes it by itself
    dialog.addEventListener("keydown", (event) => event.stopPropagation());
    document.body.append(dialog);
    return dialog;
  }
}
