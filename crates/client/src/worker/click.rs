//! The `notificationclick` event: where the click goes, and which window it takes.

use js_sys::Array;
use tidings_core::decide;
use wasm_bindgen::JsValue;

use crate::js::Js;

/// Decides where a click on one of our notifications goes; `None` if the notification is not ours.
///
/// `data` is the notification's, `action` the id of the button or empty, `origins` a list of other origins that the app
/// lets a click open, or `undefined`. Anything outside is replaced by the scope.
///
/// The result is a plain object: `url`, `policy` (`focus`, `navigate`, `open` or `request`), `all` (whether every page
/// gets the click), and where the message has them `data`, `id` and `receipts`.
///
/// # Example
///
/// ```no_run
/// use tidings::worker::click;
/// use wasm_bindgen::JsValue;
///
/// // What `finish` has put into the notification's data.
/// let data = js_sys::JSON::parse(r#"{"tidings": {"navigate": "https://app.example/inbox"}}"#).unwrap();
/// let target = click(&data, &"".into(), &"https://app.example/".into(), &JsValue::UNDEFINED);
/// assert!(target.is_some()); // its `url` is the inbox, its `policy` "focus"
/// ```
pub fn click(data: &JsValue, action: &JsValue, scope: &JsValue, origins: &JsValue) -> Option<JsValue> {
    let [data, action, scope, origins] = [data, action, scope, origins].map(|value| Js(value.clone()));
    decide::click(&data, &action, &scope, &origins).map(|click| click.0)
}

/// Chooses among the URLs of the open windows, the last used first.
///
/// A number from 0 on: focus that window. A negative one: navigate the window `-1 - number`. `None`: open a new one.
///
/// # Example
///
/// ```no_run
/// use tidings::worker::choose;
///
/// let windows = js_sys::Array::of2(&"https://app.example/".into(), &"https://app.example/inbox".into());
/// let (scope, url) = ("https://app.example/".into(), "https://app.example/inbox".into());
/// assert_eq!(choose(&"focus".into(), &url, &scope, &windows), Some(1));
/// assert_eq!(choose(&"open".into(), &url, &scope, &windows), None);
/// ```
pub fn choose(policy: &JsValue, url: &JsValue, scope: &JsValue, windows: &Array) -> Option<i32> {
    let [policy, url, scope, windows] = [policy, url, scope, windows.as_ref()].map(|value| Js(value.clone()));
    decide::choose(&policy, &url, &scope, &windows)
}
