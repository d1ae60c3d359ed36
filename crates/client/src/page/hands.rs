//! The hands of the page, `hands.js`: what [`head`] decides, they carry out.
//!
//! `scripts/build.mjs` bundles them from `crates/npm/js/page`, where the npm package has them from. Browsers' objects are
//! JavaScript: spoken to in JavaScript they cost a third of what they cost through WASM (measured: 16 kB of brotli for the
//! same page with promises and closures in Rust).

use alloc::string::String;

use js_sys::{Object, Promise};
use tidings_core::{error::Code, head};
use wasm_bindgen::{
    JsCast, JsValue,
    closure::{Closure, IntoWasmClosure, WasmClosure},
    prelude::wasm_bindgen,
};

use crate::{PushError, sys::Member};

#[wasm_bindgen(module = "/src/page/hands.js")]
extern "C" {
    #[derive(Clone)]
    pub(super) type Hands;
    pub(super) fn hands(head: &JsValue, options: &JsValue, changed: &JsValue) -> Hands;
    #[wasm_bindgen(method)]
    pub(super) fn state(this: &Hands) -> JsValue;
    #[wasm_bindgen(method)]
    pub(super) fn subscribe(this: &Hands) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn subscription(this: &Hands) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn refresh(this: &Hands) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn unsubscribe(this: &Hands) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn change(this: &Hands, change: &JsValue) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn watch(this: &Hands);
    #[wasm_bindgen(method)]
    pub(super) fn notifications(this: &Hands, tag: Option<&str>) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn close(this: &Hands, tag: Option<&str>) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn badge(this: &Hands, count: Option<u32>) -> Promise;
    #[wasm_bindgen(method)]
    pub(super) fn priming(this: &Hands, dismissed: bool) -> Promise;

    pub(super) fn environment(head: &JsValue) -> JsValue;
    pub(super) fn permission() -> u32;
    #[wasm_bindgen(catch)]
    pub(super) fn listen(kind: &str, callback: &JsValue) -> Result<js_sys::Function, JsValue>;
}

/// The decisions, as the hands call them. Made once for a page: they live as long as it does.
pub(super) fn head() -> JsValue {
    fn add<T: WasmClosure + ?Sized>(head: &JsValue, name: &str, decide: impl IntoWasmClosure<T> + 'static) {
        set(head, name, &Closure::<T>::new(decide).into_js_value());
    }
    let object = object();
    add::<dyn FnMut(u32, u32) -> u32>(&object, "next", head::next);
    add::<dyn FnMut(u32) -> bool>(&object, "mayFail", head::may_fail);
    add::<dyn FnMut(u32) -> u32>(&object, "subscription", head::subscription);
    add::<dyn FnMut(u32, String, u32, u32) -> u32>(&object, "failure", |step, name: String, status, permission| {
        head::failure(step, &name, status, permission)
    });
    add::<dyn FnMut(u32, bool, f64, bool) -> u32>(&object, "refusal", head::refusal);
    add::<dyn FnMut(String, u32) -> i32>(&object, "obstacle", |agent: String, facts| head::obstacle(&agent, facts));
    add::<dyn FnMut(String) -> bool>(&object, "needsGesture", |agent: String| head::needs_gesture(&agent));
    add::<dyn FnMut(String, bool) -> String>(&object, "label", |agent: String, touch| head::label(&agent, touch));
    add::<dyn FnMut(String) -> bool>(&object, "isKey", |key: String| head::is_key(&key));
    add::<dyn FnMut(String, js_sys::Uint8Array) -> bool>(
        &object,
        "isSameKey",
        |key: String, bytes: js_sys::Uint8Array| head::is_same_key(&key, &bytes.to_vec()),
    );
    add::<dyn FnMut(u32, f64, f64) -> f64>(&object, "uploadWait", head::upload_wait);
    add::<dyn FnMut(u32) -> f64>(&object, "primingWait", head::priming_wait);
    object
}

/// A new plain object.
pub(super) fn object() -> JsValue {
    Object::new().into()
}

pub(super) fn set(object: &JsValue, name: &str, value: &JsValue) {
    object.unchecked_ref::<Member>().set(name, value);
}

pub(super) fn get(object: &JsValue, name: &str) -> JsValue {
    object.unchecked_ref::<Member>().get(name)
}

/// Waits for a promise of the hands; they reject with a `PushError` of JavaScript.
pub(super) async fn settle(promise: Promise) -> Result<JsValue, PushError> {
    promise.await.map_err(typed)
}

/// The error of the hands as ours.
pub(super) fn typed(error: JsValue) -> PushError {
    let code = if error.is_object() { code(&get(&error, "code")) } else { None };
    match code {
        Some(code) => PushError::new(code, get(&error, "cause")),
        None => PushError::new(Code::Unknown, error),
    }
}

/// The code with this name.
pub(super) fn code(name: &JsValue) -> Option<Code> {
    let name = name.as_string()?;
    Code::ALL.iter().copied().find(|code| code.as_str() == name)
}
