/**
 * Decodes LZ4 frames, the compression of Arrow buffers on the wire.
 * Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md. The Arrow message states the
 * length of each buffer, so that one array of that length takes all blocks.
 */

const MAGIC = 0x184d2204;
const UNCOMPRESSED = 0x80000000;
const HAS_DICTIONARY_ID = 0x01;
const HAS_CONTENT_CHECKSUM = 0x04;
const HAS_CONTENT_SIZE = 0x08;
const HAS_BLOCK_CHECKSUM = 0x10;

/**
 * @param {Uint8Array} source one frame
 * @param {number} length bytes after decompression
 * @returns {Uint8Array} the bytes, `length` of them
 */
export function decodeFrame(source, length) {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  if (view.getUint32(0, true) !== MAGIC) throw new Error("LZ4: the buffer is not a frame");
  const flags = source[4];
  if (flags & HAS_DICTIONARY_ID) throw new Error("LZ4: frames with a dictionary are not read");
  let at = 7 + (flags & HAS_CONTENT_SIZE ? 8 : 0);
  const target = new Uint8Array(length);
  let filled = 0;
  for (;;) {
    const header = view.getUint32(at, true);
    at += 4;
    if (header === 0) break;
    const size = (header & ~UNCOMPRESSED) >>> 0;
    if (header & UNCOMPRESSED) {
      target.set(source.subarray(at, at + size), filled);
      filled += size;
    } else {
      filled = decodeBlock(source, at, at + size, target, filled);
    }
    at += size + (flags & HAS_BLOCK_CHECKSUM ? 4 : 0);
  }
  if (flags & HAS_CONTENT_CHECKSUM) at += 4;
  if (filled !== length) throw new Error(`LZ4: ${filled} bytes instead of ${length}`);
  return target;
}

/**
 * @param {Uint8Array} source
 * @param {number} at first byte of the block
 * @param {number} end byte after the block
 * @param {Uint8Array} target
 * @param {number} filled bytes of target that are written already
 * @returns {number} bytes of target that are written now
 */
function decodeBlock(source, at, end, target, filled) {
  while (at < end) {
    const token = source[at++];
    let literals = token >> 4;
    if (literals === 15) {
      let more;
      do {
        more = source[at++];
        literals += more;
      } while (more === 255);
    }
    for (const last = at + literals; at < last; ) target[filled++] = source[at++];
    // the last sequence of a block has literals only
    if (at >= end) break;
    const distance = source[at] | (source[at + 1] << 8);
    at += 2;
    let match = token & 15;
    if (match === 15) {
      let more;
      do {
        more = source[at++];
        match += more;
      } while (more === 255);
    }
    match += 4;
    // byte by byte: a match may overlap what it writes
    for (let from = filled - distance, last = filled + match; filled < last; ) {
      target[filled++] = target[from++];
    }
  }
  return filled;
}
