//! The `notificationclick` event: where the click goes, and which window it takes.

use js_sys::Array;
use tidings_core::{
    click::{self, Decision, Policy},
    extras::Extras,
    plan::belongs,
    value::Value,
};
use wasm_bindgen::JsValue;

use crate::{DATA_KEY, js::Js};

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
/// let target = click(&data, "", &"https://app.example/".into(), &JsValue::UNDEFINED);
/// assert!(target.is_some()); // its `url` is the inbox, its `policy` "focus"
/// ```
pub fn click(data: &JsValue, action: &str, scope: &JsValue, origins: &JsValue) -> Option<JsValue> {
    let own = Js(data.clone()).get(DATA_KEY).filter(Value::is_object)?;
    let base = Js(scope.clone());
    let data = own.get("data");
    let extras = Extras::of(data.as_ref());
    let target = own.get("actions").and_then(|urls| urls.get(action)).or_else(|| own.get("navigate"));
    let url = target
        .and_then(|url| url.resolve(&base))
        .filter(|url| may_open(url, &base, &Js(origins.clone())))
        .unwrap_or_else(|| base.clone());

    let mut result = Js::object();
    let receipts = extras.receipts().and_then(|url| url.resolve(&base));
    for (name, value) in [
        ("url", Some(url)),
        ("policy", Some(Js(extras.policy(action).name().into()))),
        ("all", Some(Js(extras.for_all().into()))),
        ("data", data),
        ("id", extras.id()),
        ("receipts", receipts.filter(|url| belongs(url, &base))),
    ] {
        if let Some(value) = value {
            result.set(name, value);
        }
    }
    Some(result.0)
}

/// Whether a click may open this URL: the app's own origin, or one that the app has listed.
fn may_open(url: &Js, base: &Js, origins: &Js) -> bool {
    belongs(url, base)
        || origins.items().is_some_and(|mut origins| {
            // A listed origin is written without the path that a scope has.
            origins.any(|origin| origin.resolve(&origin).is_some_and(|origin| belongs(url, &origin)))
        })
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
/// let scope = "https://app.example/";
/// assert_eq!(choose(&"focus".into(), "https://app.example/inbox", scope, &windows), Some(1));
/// assert_eq!(choose(&"open".into(), "https://app.example/inbox", scope, &windows), None);
/// ```
pub fn choose(policy: &JsValue, url: &str, scope: &str, windows: &Array) -> Option<i32> {
    let policy = Policy::named(&Js(policy.clone()));
    match click::choose(policy, url, scope, windows.iter().map(|url| Js(url).text().unwrap_or_default())) {
        Decision::Focus(index) => Some(index as i32),
        Decision::Navigate(index) => Some(-1 - index as i32),
        Decision::Open => None,
    }
}
