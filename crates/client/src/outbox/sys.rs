//! The page's side of the outbox, `outbox.js`, which `scripts/build.mjs` bundles from `crates/npm/js/outbox`, where the npm
//! package has it from: one that writes the same records in Rust would be larger, and another to keep alike.

use js_sys::{Function, Promise};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

#[wasm_bindgen(module = "/src/outbox/outbox.js")]
extern "C" {
    #[derive(Clone, Debug)]
    pub(super) type Outbox;
    #[wasm_bindgen(js_name = createOutbox)]
    pub(super) fn create_outbox(options: &JsValue) -> Outbox;
    #[wasm_bindgen(method)]
    pub(super) fn fetch(this: &Outbox, url: &str, init: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn add(this: &Outbox, job: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn state(this: &Outbox) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn entries(this: &Outbox, which: &str) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn retry(this: &Outbox, id: Option<&str>) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn discard(this: &Outbox, id: Option<&str>) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn flush(this: &Outbox) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn on(this: &Outbox, callback: &JsValue) -> Function;

    #[wasm_bindgen(js_name = registerSync)]
    pub(super) fn register_sync(tag: &str, interval: Option<f64>) -> Promise;
}
