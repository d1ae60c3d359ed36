//! The windows of the app: found, and told.

use js_sys::{Array, Object, Promise};
use tidings_core::value::Value;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};

use super::scope;
use crate::{
    js::Js,
    sys::{Chain, Member, worker::WindowClient},
};

/// Calls `function` with the open windows, the last used first; the promise is that of what it returns.
pub(super) fn with_windows(function: impl FnOnce(Array) -> JsValue + 'static) -> Promise {
    let mut options = Js::object();
    options.set("type", Js("window".into()));
    // Windows that this worker does not control yet are windows of the app all the same.
    options.set("includeUncontrolled", Js(JsValue::TRUE));
    let found = scope().clients().match_all(options.0.unchecked_ref::<Object>());
    found.unchecked_ref::<Chain>().then(&Closure::once_into_js(function), &JsValue::UNDEFINED)
}

/// Posts the message to every open window.
pub(super) fn tell_all(message: Js) -> Promise {
    with_windows(move |windows| {
        for window in windows.iter() {
            window.unchecked_into::<WindowClient>().post_message(&message.0);
        }
        JsValue::UNDEFINED
    })
}

/// A message of this kind, with these members of `source`, as far as they are there.
pub(super) fn message(kind: &str, source: &Js, members: &[&str]) -> Js {
    let mut message = Js::object();
    message.set(crate::DATA_KEY, Js(JsValue::from_str(kind)));
    for name in members {
        message.set(name, Js(source.0.unchecked_ref::<Member>().get(name)));
    }
    message
}
