/**
 * Reads Arrow streams into plain columns.
 *
 * A compact surface has int32, int8, float32, float64, bool and utf8 columns. NULL is NULL_INT in
 * integers, NaN in floats, UNKNOWN in booleans and null in texts, so that the hot path works on
 * typed arrays alone.
 */
import { CompressionType, Precision, Type, setCompressionCodec, tableFromIPC } from "../vendor/flechette.js";
import { decodeFrame } from "./lz4.js";

/** NULL of an integer column. */
export const NULL_INT = -2147483648;
/** NULL of a boolean column; 0 is false and 1 is true. */
export const UNKNOWN = 2;

setCompressionCodec(CompressionType.LZ4_FRAME, {
  decode: (/** @type {Uint8Array} */ bytes, /** @type {number} */ length) => decodeFrame(bytes, length),
  encode: () => {
    throw new Error("the page does not compress");
  },
});

/**
 * @typedef {Record<string, any>} Columns arrays of equal length, by name
 * @typedef {{columns: Columns, rows: number, metadata: Map<string, string>}} Surface
 */

/**
 * @param {Uint8Array} bytes an Arrow stream of a compact surface
 * @returns {Surface}
 */
export function readSurface(bytes) {
  const table = tableFromIPC(bytes);
  /** @type {Columns} */
  const columns = {};
  table.names.forEach((name, i) => {
    columns[String(name)] = plainColumn(table.getChildAt(i));
  });
  return { columns, rows: table.numRows, metadata: table.schema.metadata ?? new Map() };
}

/**
 * @param {Uint8Array} bytes an Arrow stream of any layout
 * @returns {Record<string, any>[]} one object per row; 64-bit integers are BigInt
 */
export function readRows(bytes) {
  return tableFromIPC(bytes, { useBigInt: true, useDate: true }).toArray();
}

/** @param {any} column @returns {any} */
function plainColumn(column) {
  const { typeId, bitWidth, precision } = column.type;
  if (typeId === Type.Bool) return fill(column, new Uint8Array(column.length), UNKNOWN);
  if (column.nullCount === 0) return column.toArray();
  if (typeId === Type.Int && bitWidth <= 32) {
    return fill(column, new Int32Array(column.length), NULL_INT);
  }
  if (typeId === Type.Float) {
    const Target = precision === Precision.DOUBLE ? Float64Array : Float32Array;
    return fill(column, new Target(column.length), NaN);
  }
  return column.toArray();
}

/** @param {any} column @param {any} target @param {number} missing @returns {any} */
function fill(column, target, missing) {
  let i = 0;
  for (const value of column) target[i++] = value === null ? missing : value;
  return target;
}

/**
 * Call `use` with the rows of each second; a surface is ordered by second.
 *
 * @param {Columns} columns
 * @param {(second: number, from: number, to: number) => void} use
 */
export function eachSecond(columns, use) {
  const seconds = columns.second;
  const rows = seconds.length;
  for (let from = 0, to = 0; from < rows; from = to) {
    for (to = from + 1; to < rows && seconds[to] === seconds[from]; ) to++;
    use(seconds[from], from, to);
  }
}
