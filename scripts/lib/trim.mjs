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
  // A second pass over short strings costs less than the code that avoids it.
  passStringToWasm0: `function passStringToWasm0(arg, malloc) {
    const buf = cachedTextEncoder.encode(arg);
    const ptr = malloc(buf.length, 1) >>> 0;
    getUint8ArrayMemory0().set(buf, ptr);
    WASM_VECTOR_LEN = buf.length;
    return ptr;
}`,
  // The decoder of Safari fails after two gigabytes of text; no page gets there.
  decodeText: `function decodeText(bytes) {
    return cachedTextDecoder.decode(bytes);
}`,
};

/** Blocks that are for browsers without service workers, or that only warm something up. */
const NEEDLESS = [
  /^if \(!\('encodeInto' in cachedTextEncoder\)\) \{\n[^]*?\n\}\n/m,
  /^cachedTextDecoder\.decode\(\);\n/m,
];

/** The shorter glue; throws if a piece is not where it is expected, so that a change of the glue is seen. */
export function trimmed(glue) {
  const replace = (pattern, text) => {
    if (!pattern.test(glue)) throw new Error(`the glue of wasm-bindgen has changed: no ${pattern}`);
    glue = glue.replace(pattern, () => text);
  };
  for (const [name, text] of Object.entries(SHORTER)) {
    replace(new RegExp(`^function ${name}\\([^)]*\\) \\{\\n[^]*?\\n\\}$`, 'm'), text);
  }
  for (const pattern of NEEDLESS) replace(pattern, '');
  return glue;
}
