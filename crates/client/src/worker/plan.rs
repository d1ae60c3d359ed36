//! The `push` event: what it is, and what is to be shown for it. The rules are in [`tidings_core::plan`].

use tidings_core::{
    plan::{self, Payload},
    value::Value,
};
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
    let payload = Js(payload.clone());
    let scope = Js(scope.clone());
    let read = if payload.0.is_undefined() {
        Payload::Empty
    } else if is_text {
        Payload::Text(payload.clone())
    } else {
        Payload::Json(payload.clone())
    };
    let plan = plan::plan(&read, all, &Js(options.clone()), &scope, now)?;
    let (refresh, receipts) = plan.inside(&scope);
    let mut result = Js::object();
    put(&mut result, "data", plan.options.member("data"));
    put(&mut result, "id", plan.extras.id());
    put(&mut result, "retract", plan.extras.retract());
    put(&mut result, "refresh", refresh);
    put(&mut result, "receipts", receipts);
    put(&mut result, "badge", plan.app_badge.map(|count| Js::of_number(count as f64)));
    result.set("kind", Js::of_text(plan.kind));
    result.set("title", plan.title);
    result.set("navigate", plan.navigate);
    result.set("options", plan.options);
    result.set("payload", payload);
    result.set("expired", Js::of_bool(plan.expired));
    Some(result.0)
}

/// A function of its own: a dozen of these inlined weigh half a kilobyte.
#[inline(never)]
fn put(object: &mut Js, name: &str, value: Option<Js>) {
    if let Some(value) = value {
        object.set(name, value);
    }
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
    let (title, options) = plan::finish(&plan, &change, &scope, max_actions as usize);
    let mut result = Js::object();
    result.set("title", title);
    result.set("options", options);
    result.0
}
