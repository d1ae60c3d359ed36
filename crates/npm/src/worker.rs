//! What the shim of the worker calls: decisions on plain values, see [`tidings::worker`].

use alloc::string::String;

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
pub fn click(data: &JsValue, action: &JsValue, scope: &JsValue, origins: &JsValue) -> JsValue {
    worker::click(data, &text(action), scope, origins).unwrap_or_default()
}

/// Which window a click takes.
#[wasm_bindgen]
pub fn choose(policy: &JsValue, url: &JsValue, scope: &JsValue, windows: &Array) -> Option<i32> {
    worker::choose(policy, &text(url), &text(scope), windows)
}

/// Read here: the glue for a `&str` is longer than the call.
fn text(value: &JsValue) -> String {
    value.as_string().unwrap_or_default()
}

/// Whose turn it is in the outbox.
#[wasm_bindgen]
pub fn turn(entry: &JsValue, lane: &JsValue, now: f64, eager: f64) -> u32 {
    worker::turn(entry, lane, now, eager)
}

/// What an answer means for an entry of the outbox.
#[wasm_bindgen]
pub fn judge(entry: &JsValue, status: u16, seconds: f64, date: f64, now: f64, random: f64) -> JsValue {
    worker::judge(entry, status, seconds, date, now, random)
}
