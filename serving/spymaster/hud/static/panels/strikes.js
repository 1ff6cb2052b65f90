/** The strikes nearest to spot, with the physics of calls and puts and their flow. */
import { byId, element, setText } from "../dom.js";
import { NOT_SHOWN, short, signed } from "../format.js";
import { spotOf } from "../paint/cells.js";
import { rowsOf } from "./rows.js";

const SHOWN = 5;
const LEGEND =
  "Calls, puts: demand over the last minute, −1 to 1. Flow: contracts bought − sold by aggressors, last " +
  "minute. Gamma: exposure in USD per point squared.";
const COLUMNS = ["Strike", "Calls", "Puts", "Call flow", "Put flow", "Gamma"];

export class StrikesPanel {
  constructor() {
    this.body = element("tbody");
    const head = element("tr", {}, ...COLUMNS.map((name) => element("th", { scope: "col", textContent: name })));
    this.table = element("table", { className: "strikes figure" }, element("thead", {}, head), this.body);
    this.cells = Array.from({ length: SHOWN }, () => {
      const cells = COLUMNS.map(() => element("td"));
      this.body.append(element("tr", {}, ...cells));
      return cells;
    });
    this.none = element("p", { className: "faint" });
    byId("strikes-panel").append(
      this.table,
      element("p", { className: "faint legend", textContent: LEGEND }),
      this.none,
    );
  }

  /** @param {import("../ring.js").Ring} ring */
  update(ring) {
    const spot = spotOf(ring.slice(ring.end, "snap"));
    const physics = new Map(rowsOf(ring.slice(ring.end, "strikes")).map((row) => [row.strike_points, row]));
    const gamma = new Map(rowsOf(ring.slice(ring.end, "gex")).map((row) => [row.strike_points, row]));
    const strikes = [...new Map([...gamma, ...physics]).values()];
    const isKnown = spot !== null && strikes.length > 0;
    this.table.hidden = !isKnown;
    this.none.hidden = isKnown;
    setText(this.none, `Strikes: ${NOT_SHOWN}`);
    if (!isKnown) return;
    strikes.sort((one, other) => Math.abs(one.strike_tick - spot) - Math.abs(other.strike_tick - spot));
    const nearest = strikes.slice(0, SHOWN).sort((one, other) => other.strike_tick - one.strike_tick);
    this.cells.forEach((cells, i) => {
      const strike = nearest[i];
      const row = strike && physics.get(strike.strike_points);
      const gex = strike && gamma.get(strike.strike_points);
      const texts = !strike ? COLUMNS.map(() => "") : [
        String(strike.strike_points),
        signed(row?.call_physics, 2),
        signed(row?.put_physics, 2),
        signed(row?.call_net_aggressive_qty, 0),
        signed(row?.put_net_aggressive_qty, 0),
        short(gex?.gex_abs),
      ];
      texts.forEach((text, column) => {
        const known = text !== NOT_SHOWN;
        setText(cells[column], known ? text : "–");
        cells[column].title = known ? "" : NOT_SHOWN;
      });
    });
  }
}
