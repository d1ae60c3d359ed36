// Shortens the names in the glue of wasm-bindgen as `wasm-opt --minify-imports-and-exports-and-modules` did in the module.

/** The glue with the new names; throws if a name is not where it is expected, so that a change of the glue is seen. */
export function minified(glue, { imports, exports }) {
  const replace = (pattern, replacement) => {
    if (!pattern.test(glue)) throw new Error(`the glue of wasm-bindgen has changed: no ${pattern}`);
    glue = glue.replace(pattern, replacement);
  };
  const escape = (name) => name.replaceAll(/[^\w]/g, '\\$&');
  for (const module of new Set(imports.map(([module]) => module))) {
    replace(new RegExp(`"${escape(module)}"`, 'g'), '"a"');
  }
  for (const [, name, short] of imports) replace(new RegExp(`^( +)${escape(name)}:`, 'gm'), `$1${short}:`);
  for (const [name, short] of exports) {
    // Exports that the glue does not use stay in the module: a few bytes.
    glue = glue.replace(new RegExp(`\\bwasm\\.${escape(name)}\\b`, 'g'), `wasm.${short.replaceAll('$', '$$$$')}`);
  }
  return glue;
}
