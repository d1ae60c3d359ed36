// Leaves out of the glue of wasm-bindgen what the browsers with service workers do not need.

/** What to write instead, by function; each does the same in fewer bytes. */
const SHORTER = {
  // `{module}` is the only form in use.
  initSync: `function initSync({ module }) {
    return __wbg_finalize_init(new WebAssembly.Instance(new WebAssembly.Module(module), __wbg_get_imports()));
}`,
  __wbg_finalize_init: `function __wbg_finalize_init(instance) {
    wasm = instance.exports;
    wasm.__wbindgen_start();
    return wasm;
}`,
  // Texts are short: one pass, not first the ASCII part and then the rest.
  passStringToWasm0: `function passStringToWasm0(arg, malloc) {
    const buf = cachedTextEncoder.encode(arg);
    const ptr = malloc(WASM_VECTOR_LEN = buf.length, 1) >>> 0;
    getUint8ArrayMemory0().set(buf, ptr);
    return ptr;
}`,
};

/** For browsers older than those with service workers. */
const POLYFILL = /^if \(!\('encodeInto' in cachedTextEncoder\)\) \{\n[^]*?\n\}$/m;

/** The shorter glue; throws if a piece is not where it is expected, so that a change of the glue is seen. */
export function trimmed(glue) {
  for (const [name, text] of Object.entries(SHORTER)) {
    const pattern = new RegExp(`^function ${name}\\([^)]*\\) \\{\\n[^]*?\\n\\}$`, 'm');
    if (!pattern.test(glue)) throw new Error(`the glue of wasm-bindgen has changed: no ${pattern}`);
    glue = glue.replace(pattern, () => text);
  }
  if (!POLYFILL.test(glue)) throw new Error(`the glue of wasm-bindgen has changed: no ${POLYFILL}`);
  return glue.replace(POLYFILL, '');
}
