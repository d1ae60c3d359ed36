// How the bytes of a WASM module stand in a script: as a string with one character for each byte, U+0000 to U+00FF.
//
// The browser itself turns it into bytes: a loop over 16 kB costs a cold worker, where each step is interpreted, more than
// compiling the module does (measured: 0.5 to 1 ms of 9). And gzip and brotli still see the patterns in the bytes; base64
// shifts them by two bits each (the worker's module after brotli: 9.8 kB, so 8.0 kB, by itself 7.8 kB).

/** The source of the function that gives the bytes of such a string. Not every browser has `fromBase64` yet. */
export const decoder = '(text) => Uint8Array.fromBase64?.(btoa(text)) ?? Uint8Array.from(text, (char) => char.charCodeAt())';

/** The source of a module whose default export gives `bytes`. */
export function inlined(bytes) {
  return `
    const decode = ${decoder};
    const text = ${JSON.stringify(Buffer.from(bytes).toString('latin1'))};
    export default () => decode(text);`;
}

const ESCAPED = { b: '\b', f: '\f', v: '\v', x07: '\x07', x1B: '\x1b' };

/**
 * A script as esbuild writes it for UTF-8, with the inlined bytes as themselves where it escapes what need not be escaped:
 * 0.2 kB less after brotli. What stands behind stays at its line and column, for the source map.
 */
export function unescaped(script) {
  return script.replace(/`\\0asm(?:[^`\\]|\\[^])*\n/, (text) => text.replaceAll(/\\(x07|x1B|[^])/g, (escape, name) => ESCAPED[name] ?? escape));
}
