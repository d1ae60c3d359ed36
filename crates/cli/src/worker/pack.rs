//! The script: the glue of wasm-bindgen, the bytes, the shim.

use anyhow::ensure;

use super::inline::inline;

/// Registers the listeners and starts the WASM; scripts/build.mjs makes it of crates/npm/js/worker/rust.ts.
const SHIM: &str = include_str!("../../assets/worker-shim.js");

/// One self-contained classic script.
///
/// `glue` is what `wasm-bindgen --target no-modules` writes. It stands in a function, so that a worker that is woken for
/// something else does not even evaluate it, and so that it can be evaluated again after a panic.
pub(crate) fn pack(glue: &str, bytes: &[u8]) -> anyhow::Result<String> {
    ensure!(
        bytes.starts_with(b"\0asm\x01\0\0\0"),
        "this is no WASM module: pass the .wasm that cargo has built for wasm32-unknown-unknown"
    );
    ensure!(
        glue.starts_with("let wasm_bindgen =") && glue.contains("initSync"),
        "the glue of wasm-bindgen is not as expected: this version of tidings packs that of wasm-bindgen 0.2.130"
    );
    ensure!(
        glue.contains("exports.tidings_options ="),
        "there is no worker in this module: call `tidings::export_worker!(configure);` in its crate"
    );
    let glue = tidy(glue);
    let (version, packed) = (env!("CARGO_PKG_VERSION"), inline(bytes));
    Ok(format!(
        "// Packed by tidings {version}: a service worker in Rust.\n\
        (() => {{\n\
        const glue = () => {{\n{glue}return wasm_bindgen;\n}};\n\
        const packed = {packed};\n\
        {SHIM}}})();\n"
    ))
}

/// The glue without comments and indentation. Every line of it is generated, and no string goes over two lines.
fn tidy(glue: &str) -> String {
    let mut tidy = String::with_capacity(glue.len());
    let mut in_comment = false;
    for mut line in glue.lines().map(str::trim) {
        while in_comment || line.starts_with("/*") {
            let after = line.split_once("*/").map(|(_, after)| after.trim_start());
            in_comment = after.is_none();
            line = after.unwrap_or_default();
            if line.is_empty() {
                break;
            }
        }
        if !line.is_empty() && !line.starts_with("//") {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy
}

#[cfg(test)]
mod tests {
    use super::*;

    const GLUE: &str = "let wasm_bindgen = (function(exports) {\n    function initSync() {}\n    exports.tidings_options = 1;\n})({ __proto__: null });\n";
    const EMPTY: &[u8] = b"\0asm\x01\0\0\0";

    fn refusal(glue: &str, bytes: &[u8]) -> String {
        pack(glue, bytes).expect_err("refused").to_string()
    }

    #[test]
    fn is_a_script_around_what_it_was_given() {
        let script = pack(GLUE, EMPTY).expect("packed");
        assert!(script.contains(&tidy(GLUE)));
        assert!(script.contains(SHIM));
        assert!(script.contains("const packed = `\\0asm\u{1}\\0\\0\\0`;"));
    }

    #[test]
    fn the_glue_loses_comments_and_indentation_only() {
        let glue = "let a = {\n    /**\n     * @returns {any}\n     */\n    // why\n    b: 'x // y', /* c */\n\n    /* d */\n    /* e */ d,\n    /*\n    f */ e,\n};";
        assert_eq!(tidy(glue), "let a = {\nb: 'x // y', /* c */\nd,\ne,\n};\n");
    }

    #[test]
    fn names_what_is_wrong() {
        assert!(refusal(GLUE, b"<!doctype html>").contains("no WASM module"));
        assert!(refusal(GLUE, b"").contains("no WASM module"));
        assert!(refusal("import * as wasm from './x.wasm'", EMPTY).contains("wasm-bindgen"));
        assert!(refusal(&GLUE.replace("tidings_options", "other"), EMPTY).contains("tidings::export_worker!"));
    }
}
