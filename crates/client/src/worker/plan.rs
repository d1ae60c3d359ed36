//! The `push` event: what it is, and what is to be shown for it. The rules are in [`tidings_core::decide`].

use tidings_core::decide;
use wasm_bindgen::JsValue;

use crate::js::Js;

/// Decides what a push asks to show; `None` if it is not ours.
///
/// `payload` is the parsed JSON, or the text if it `is_text`, or `undefined`; `options` are the worker's options (see
/// [`Config`](super::Config)), of which `title`, `icon` and `badge` are the defaults; `scope` is the scope URL of the
/// registration; `now` is the time in milliseconds since 1970. With `all` every push is ours, without it only a
/// declarative one.
///
/// The plan is a plain object: `kind`, `title`, `options`, `navigate`, `payload`, `expired`, and where the message says
/// so `data`, `id`, `badge` (a number), `retract` (a list), `refresh` (a list of absolute URLs of the same origin) and
/// `receipts` (such a URL).
///
/// # Example
///
/// ```no_run
/// use tidings::worker::{Config, plan};
/// use wasm_bindgen::JsValue;
///
/// let scope = JsValue::from("https://app.example/");
/// let options = Config::new().title("Acme").into_js();
/// let shown = plan(&"Hello".into(), true, true, &options, &scope, js_sys::Date::now());
/// assert!(shown.is_some()); // titled "Acme", with the body "Hello"
/// ```
pub fn plan(
    payload: &JsValue,
    is_text: bool,
    all: bool,
    options: &JsValue,
    scope: &JsValue,
    now: f64,
) -> Option<JsValue> {
    let payload = (!payload.is_undefined()).then(|| Js(payload.clone()));
    let (options, scope) = (Js(options.clone()), Js(scope.clone()));
    decide::plan(payload, is_text, all, &options, &scope, now).map(|plan| plan.0)
}

/// What is shown in the end: the plan with what a hook has changed, and what the click will need.
///
/// `change` may have `title`, `navigate` and `options`, of which single members are merged; anything else is ignored.
/// `max_actions` is the number of buttons that the platform shows. The result is a plain object, `title` and `options`.
///
/// # Example
///
/// ```no_run
/// use tidings::worker::{Config, finish, plan};
/// use wasm_bindgen::JsValue;
///
/// let scope = JsValue::from("https://app.example/");
/// let planned = plan(&"Hello".into(), true, true, &Config::new().into_js(), &scope, js_sys::Date::now()).unwrap();
/// let change = js_sys::JSON::parse(r#"{"title": "From the hook"}"#).unwrap();
/// let shown = finish(&planned, &change, &scope, 2); // "From the hook", with the body "Hello"
/// ```
pub fn finish(plan: &JsValue, change: &JsValue, scope: &JsValue, max_actions: u32) -> JsValue {
    let (plan, change, scope) = (Js(plan.clone()), Js(change.clone()), Js(scope.clone()));
    decide::finish(&plan, &change, &scope, max_actions as usize).0
}
