//! What the shim of the worker calls.

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;

/// Shows the notification of a `push` event.
#[wasm_bindgen]
pub fn push(event: &web_sys::PushEvent) -> Promise {
    tidings::worker::push(event)
}

/// Answers a `notificationclick` event.
#[wasm_bindgen]
pub fn click(event: &web_sys::NotificationEvent) -> Promise {
    tidings::worker::click(event)
}
