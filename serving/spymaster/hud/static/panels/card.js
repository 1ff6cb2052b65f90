/** The card: what a trader asks of one level, to be read in ten seconds. */
import { byId, element, setAttribute, setText } from "../dom.js";
import { decimal, NOT_SHOWN, priceOf, signed, tickWords } from "../format.js";
import { LADDER } from "../wire/api.js";
import { CardLadder } from "./card_ladder.js";
import { CardOdds } from "./card_odds.js";
import { warningOf } from "./now.js";
import { levelName, rowsOf, truth } from "./rows.js";

/** condition and z of each side of the book: retreat or recede, pulled */
const ASKS = [["c1", "asks_retreat_z"], ["c2", "asks_pull_z"]];
const BIDS = [["c3", "bids_recede_z"], ["c4", "bids_pull_z"]];
const LIGHTS = [["retreat", "pulled"], ["recede", "pulled"]];
/** orders ahead of price and behind it, by the direction of the approach */
const SIDES = { up: ["asks ahead", "bids behind"], down: ["bids ahead", "asks behind"] };
const LIGHTS_TITLE =
  "What the orders ahead of price and behind it did, in units of the usual. A full light: at least the usual and enough contracts.";

/** @typedef {Record<string, any>} Row */

class Light {
  /** @param {string} words */
  constructor(words) {
    this.value = element("span", { className: "figure" });
    this.root = element("span", { className: "light" }, element("i", { className: "lamp" }), `${words} `, this.value);
  }

  /** @param {boolean | null} isMet @param {number | null} z */
  set(isMet, z) {
    setAttribute(this.root, "data-met", String(isMet));
    setText(this.value, z === null ? "?" : signed(z, 1));
  }
}

export class Card {
  /**
   * @param {import("../player.js").Player} player @param {import("../question.js").Question} question
   * @param {() => void} onChange
   */
  constructor(player, question, onChange) {
    this.player = player;
    this.question = question;
    /** @type {import("../question.js").Asked | null} what it shows */
    this.asked = null;
    const button = (/** @type {string} */ className, /** @type {string} */ words, /** @type {() => void} */ act) => {
      const made = element("button", {
        type: "button", className, title: words, ariaLabel: words,
        onclick: () => {
          act();
          onChange();
        },
      });
      return made;
    };
    const up = button("step step-up", "The next level above (up arrow)", () => question.step(player.ring, 1));
    const down = button("step step-down", "The next level below (down arrow)", () => question.step(player.ring, -1));
    this.pin = button("pin", "Keep this level in question (I)", () => question.togglePin(player.ring));
    this.pin.textContent = "Pin";
    this.name = element("h2");
    this.price = element("span", { className: "figure" });
    const head = element("div", { className: "card-head" }, this.name, this.price, up, down, this.pin);
    this.place = element("p", { className: "card-place" });
    this.ladder = new CardLadder();
    this.lights = LIGHTS.map((words) => words.map((word) => new Light(word)));
    this.sides = LIGHTS.map(() => element("span"));
    const lines = this.lights.map((lights, i) =>
      element("p", { className: "lights" }, this.sides[i], ...lights.map((one) => one.root)));
    this.signature = element("p", { className: "card-signature" });
    const lights = element("div", { className: "card-lights", title: LIGHTS_TITLE }, ...lines, this.signature);
    this.odds = new CardOdds();
    this.record = element("p", { className: "card-record" });
    byId("card").append(head, this.place, this.ladder.root, lights, this.odds.root, this.record);
  }

  /**
   * Without an approach the line is of where price is; the words of one are of its second.
   * @param {import("../live.js").Snap} snap between two seconds
   */
  move({ levels }) {
    const { asked } = this;
    const now = asked && !asked.course && levels.find(({ id }) => id === asked.level.level_id);
    if (!asked || !now || now.distance === null || this.place.dataset.warning === "true") return;
    setText(this.place, placeWords({ ...asked, level: { ...asked.level, k_ticks: now.distance } }));
  }

  /** @param {import("../ring.js").Ring} ring @param {number} tickInt */
  update(ring, tickInt) {
    const asked = (this.asked = this.question.at(ring));
    const [snap] = rowsOf(ring.slice(ring.end, "snap"));
    const warning = warningOf(ring, snap);
    const { isPinned, chosen } = this.question;
    setAttribute(this.pin, "aria-pressed", String(isPinned));
    const name = asked?.level.level_id ?? (isPinned ? chosen : null);
    setText(this.name, name === null ? "No level" : levelName(name));
    setText(this.price, asked ? priceOf(asked.level.level_tick, tickInt) : "");
    setText(this.place, warning || (asked ? placeWords(asked) : "no active level"));
    setAttribute(this.place, "data-warning", String(warning !== ""));
    const rungs = asked ? rowsOf(ring.slice(ring.end, LADDER)).filter((row) => row.level_id === asked.level.level_id) : [];
    this.ladder.set(rungs, tickInt, this.#noLadder(asked));
    this.#setLights(ring, asked);
    this.odds.set(asked?.course ?? null, this.player.surfaces.includes("courses") ? "no approach under way" : `odds ${NOT_SHOWN}`);
    setText(this.record, asked ? this.#lastLine(asked) : "");
    setAttribute(this.record, "data-ended", String(Boolean(asked?.ending || asked?.elsewhere)));
  }

  /** @param {import("../question.js").Asked | null} asked @returns {string} */
  #noLadder(asked) {
    const { ring, surfaces } = this.player;
    if (!surfaces.includes(LADDER)) return "ladder: needs market by order";
    return asked && !ring.slice(ring.end, LADDER) ? "ladder: not loaded" : "ladder: price is too far away";
  }

  /** @param {import("../ring.js").Ring} ring @param {import("../question.js").Asked | null} asked */
  #setLights(ring, asked) {
    const turn = asked && rowsOf(ring.slice(ring.end, "turns")).find((row) => row.level_id === asked.level.level_id);
    const direction = asked?.direction ?? "up";
    const sides = direction === "up" ? [ASKS, BIDS] : [BIDS, ASKS];
    this.sides.forEach((side, i) => setText(side, SIDES[direction][i]));
    // ahead, the asks retreat and the bids recede alike: away from price
    sides.forEach((side, i) => side.forEach(([condition, z], j) =>
      this.lights[i][j].set(turn ? truth(turn[condition]) : null, turn ? turn[z] : null)));
    setText(this.signature, turn ? turn[`${direction}_signature_words`] : `turn or break: ${NOT_SHOWN}`);
  }

  /**
   * How the course ended, or that at another level, for a while; else the record.
   * @param {import("../question.js").Asked} asked @returns {string}
   */
  #lastLine({ level, course, direction, ending, elsewhere }) {
    // beside the odds of another approach there is room for the moment alone
    if (ending) return course ? shortly(ending) : ending.place_words;
    if (elsewhere) return `${levelName(elsewhere.level_id)} ${shortly(elsewhere)}`;
    const records = /** @type {Row[]} */ (this.player.meta?.records ?? []);
    const found = records.find((row) => row.level_id === level.level_id && row.direction === direction);
    return found?.words ?? "no earlier approach came to it";
  }
}

/** @param {Row} ending @returns {string} how a course ended and when, without what went before */
function shortly(ending) {
  return ending.place_words.split(", ")[0];
}

/** @param {import("../question.js").Asked} asked @returns {string} where price is, and its pace before the level */
function placeWords({ level, course }) {
  const ticks = level.k_ticks;
  const side = ticks > 0 ? "below" : "above";
  const place = course ? course.place_words : ticks === 0 ? "price is at it" : `${tickWords(Math.abs(ticks))} ${side} it`;
  const pace = level.closing_speed_15s;
  if (pace === null || (course && course.phase !== "approaching")) return place;
  const perMinute = `${decimal(Math.abs(pace) * 60, 0)} ticks/min`;
  return `${place}, ${pace < 0 ? "moving away, " : ""}${perMinute}`;
}
