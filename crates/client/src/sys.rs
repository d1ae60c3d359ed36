//! The externs that web-sys lacks, or types too loosely. Private: the public API names web-sys and js-sys types only.
//!
//! All of it is found when it is called, never when the module is loaded, so importing is safe anywhere.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Any object, read by member without `Reflect` and its `Result`.
    #[derive(Clone)]
    pub(crate) type Member;
    #[wasm_bindgen(method, indexing_getter)]
    pub(crate) fn get(this: &Member, name: &str) -> JsValue;
    #[wasm_bindgen(method, indexing_setter)]
    pub(crate) fn set(this: &Member, name: &str, value: &JsValue);

    #[wasm_bindgen(method, indexing_deleter)]
    pub(crate) fn remove(this: &Member, name: &str);

    #[wasm_bindgen(js_name = URL)]
    pub(crate) type Url;
    #[wasm_bindgen(constructor, catch, js_class = "URL")]
    pub(crate) fn new(url: &JsValue, base: &JsValue) -> Result<Url, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn href(this: &Url) -> JsValue;
}
