// How the bytes of a WASM module stand in a script: as the source of a JavaScript module whose default export is a
// function that returns them.
//
// Plain ASCII, so that it survives every server, bundler and character set; and one character for each frequent byte
// value, so that gzip and brotli still see the patterns in the bytes. base64 shifts them by two bits each and costs a
// third more after brotli (measured on the page's module: 15.7 kB against 12.4 kB; the raw module has 11.8 kB).

/** The characters in use: from space to "~" without the two that a string literal must escape. */
const SYMBOLS = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter((char) => !'"\\'.includes(char));
/** The last symbols introduce a second one. */
const ESCAPES = 2;
const COMMON = SYMBOLS.length - ESCAPES;

/** The common byte values, each in its order, then the rare ones. */
function order(bytes) {
  const counts = new Array(256).fill(0);
  for (const byte of bytes) counts[byte] += 1;
  const values = [...counts.keys()];
  const common = new Set(values.toSorted((a, b) => counts[b] - counts[a] || a - b).slice(0, COMMON));
  return { common, values: [...values.filter((value) => common.has(value)), ...values.filter((value) => !common.has(value))] };
}

/** `bytes` as `decode` takes them: the text, and which values are common, a bit for each in 64 hexadecimal digits. */
export function encode(bytes) {
  const { common, values } = order(bytes);
  const rank = new Array(256);
  values.forEach((value, index) => (rank[value] = index));
  const text = Array.from(bytes, (byte) => {
    const index = rank[byte];
    if (index < COMMON) return SYMBOLS[index];
    const rare = index - COMMON;
    return SYMBOLS[COMMON + Math.floor(rare / SYMBOLS.length)] + SYMBOLS[rare % SYMBOLS.length];
  }).join('');
  const mask = Array.from({ length: 64 }, (_, digit) =>
    [0, 1, 2, 3].reduce((bits, bit) => bits | (common.has(digit * 4 + bit) ? 1 << bit : 0), 0).toString(16),
  ).join('');
  return { text, mask };
}

/**
 * The source of the function that decodes: one table by character, a second and a third for what follows the last two.
 * It runs in a cold worker, where each step of the loop is interpreted. crates/cli/src/worker/inline.rs encodes for it, too.
 */
export const decoder = `(text, mask, size) => {
  const bytes = new Uint8Array(size), table = new Uint8Array(384);
  const step = (at) => at + 1 + ((at & 127) === 33 || (at & 127) === 91);
  let common = 32, rare = 160;
  for (let value = 0; value < 256; value++) {
    if (parseInt(mask[value >> 2], 16) >> (value & 3) & 1) table[common] = value, common = step(common);
    else table[rare] = value, rare = step(rare) === 255 ? 288 : step(rare);
  }
  for (let index = 0, at = 0; index < size; index++) {
    let code = text.charCodeAt(at++);
    if (code > 124) code = (code - 124) * 128 + text.charCodeAt(at++);
    bytes[index] = table[code];
  }
  return bytes;
}`;

/** The source of a module that decodes `bytes`. */
export function inlined(bytes) {
  const { text, mask } = encode(bytes);
  return `
    const decode = ${decoder};
    export default function module() {
      return decode(${JSON.stringify(text)}, ${JSON.stringify(mask)}, ${bytes.length});
    }`;
}
