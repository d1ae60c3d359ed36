//! What the shim of the worker calls: decisions on plain values, see [`tidings::worker`].

use js_sys::Array;
use tidings::worker;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// What a push asks to show; `undefined` if it is not ours.
#[wasm_bindgen]
pub fn plan(payload: &JsValue, is_text: bool, all: bool, options: &JsValue, scope: &JsValue, now: f64) -> JsValue {
    worker::plan(payload, is_text, all, options, scope, now).unwrap_or_default()
}

/// What is shown in the end.
#[wasm_bindgen]
pub fn finish(plan: &JsValue, change: &JsValue, scope: &JsValue, max_actions: u32) -> JsValue {
    worker::finish(plan, change, scope, max_actions)
}

/// Where a click goes; `undefined` if the notification is not ours.
#[wasm_bindgen]
pub fn click(data: &JsValue, action: &str, scope: &JsValue, origins: &JsValue) -> JsValue {
    worker::click(data, action, scope, origins).unwrap_or_default()
}

/// Which window a click takes.
#[wasm_bindgen]
pub fn choose(policy: &JsValue, url: &str, scope: &str, windows: &Array) -> Option<i32> {
    worker::choose(policy, url, scope, windows)
}
