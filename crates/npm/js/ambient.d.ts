// What scripts/build.mjs puts in place of these imports: the bytes of a module, the module of the page, their decoder.

declare module '#wasm' {
  /** The bytes of the module. */
  export default function module(): Uint8Array<ArrayBuffer>;
  /** The same, a character each. */
  export const text: string;
}

declare module '#module' {
  /** The module. */
  export default function module(): WebAssembly.Module;
}

declare module '#decode' {
  /** The bytes of a string with one character for each. */
  export default function decode(text: string): Uint8Array<ArrayBuffer>;
}
