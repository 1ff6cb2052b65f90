/**
 * Asks for what the day of the address has, while the rest of the page is still being loaded: this
 * module imports little, so that it runs first.
 */
import { addressMoment } from "./url.js";
import { begin } from "./wire/request.js";

const { symbol, dt } = addressMoment();
if (symbol !== undefined && dt !== undefined) begin("meta", { symbol, dt });
