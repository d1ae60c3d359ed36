// How the bytes of a WASM module stand in a script: as a string with one character for each byte, U+0000 to U+00FF.
//
// The browser itself turns it into bytes: a loop costs a cold worker, where each step is interpreted, more than compiling
// the module does (measured with 16 kB: 0.5 to 1 ms of 9). And gzip and brotli still see the patterns in the bytes; base64
// shifts them by two bits each. crates/cli/src/worker/inline.rs writes the same literal.

/** The source of the function that gives the bytes of such a string. Not every browser has `fromBase64` yet. */
export const decoder = '(text) => Uint8Array.fromBase64?.(btoa(text)) ?? Uint8Array.from(text, (char) => char.charCodeAt())';

/** A template literal of `bytes`. The script must be read as UTF-8, as that of a worker always is. */
export function literal(bytes) {
  // As itself NUL would make the file a binary one for many tools, and CR would be read as LF.
  const text = Buffer.from(bytes).toString('latin1').replaceAll(/[\\`]|\$(?=\{)/g, '\\$&').replaceAll('\r', '\\r');
  return `\`${text.replaceAll(/\0(?=\d)/g, '\\x00').replaceAll('\0', '\\0')}\``;
}

/** The source of a module whose default export gives `bytes`. */
export function inlined(bytes) {
  return `
    const decode = ${decoder};
    export const text = ${JSON.stringify(Buffer.from(bytes).toString('latin1'))};
    export default () => decode(text);`;
}
