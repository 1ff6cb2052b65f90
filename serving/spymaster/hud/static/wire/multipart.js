/** Reads `multipart/mixed` answers whose parts are named and state their length. */

const decoder = new TextDecoder();

/**
 * @param {Uint8Array} body
 * @param {string} contentType header of the answer, with the boundary
 * @returns {Map<string, Uint8Array>} bytes of each part, by name
 */
export function readParts(body, contentType) {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  if (!boundary) throw new Error("the answer names no boundary between its parts");
  /** @type {Map<string, Uint8Array>} */
  const parts = new Map();
  let at = 0;
  for (;;) {
    const lineEnd = indexOfLineEnd(body, at);
    const line = decoder.decode(body.subarray(at, lineEnd));
    if (line === `--${boundary}--`) return parts;
    if (line === `--${boundary}`) {
      const [headers, start] = readHeaders(body, lineEnd + 2);
      const name = /name="([^"]*)"/.exec(headers.get("content-disposition") ?? "")?.[1];
      const length = Number(headers.get("content-length"));
      if (name === undefined || !Number.isInteger(length)) {
        throw new Error("a part of the answer has no name or no length");
      }
      parts.set(name, body.subarray(start, start + length));
      at = start + length;
    } else if (lineEnd >= body.length) {
      throw new Error("the answer ends within a part");
    } else {
      at = lineEnd + 2;
    }
  }
}

/** @param {Uint8Array} body @param {number} from @returns {number} place of the next CR LF */
function indexOfLineEnd(body, from) {
  for (let at = body.indexOf(13, from); at >= 0; at = body.indexOf(13, at + 1)) {
    if (body[at + 1] === 10) return at;
  }
  return body.length;
}

/** @param {Uint8Array} body @param {number} at @returns {[Map<string, string>, number]} */
function readHeaders(body, at) {
  const headers = new Map();
  for (;;) {
    const end = indexOfLineEnd(body, at);
    const line = decoder.decode(body.subarray(at, end));
    at = end + 2;
    if (line === "") return [headers, at];
    const colon = line.indexOf(":");
    headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
}
