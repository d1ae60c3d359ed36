//! The `push` event: what it is, and what is to be shown for it.

use js_sys::Object;
use tidings_core::{
    click::same_origin,
    declarative,
    extras::{Extras, settle},
    value::Value,
};
use wasm_bindgen::{JsCast, JsValue};

use crate::{DATA_KEY, js::Js};

/// Decides what a push asks to show; `None` if it is not ours.
///
/// `payload` is the parsed JSON, or the text, or `undefined`; `options` are the worker's options (see
/// [`Config`](super::Config)), of which `title`, `icon` and `badge` are the defaults; `scope` is the scope URL of the registration; `now` is the time in milliseconds since
/// 1970. With `all` every push is ours, without it only a declarative one.
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
/// let shown = plan(&"Hello".into(), true, &options, &scope, js_sys::Date::now());
/// assert!(shown.is_some()); // titled "Acme", with the body "Hello"
/// ```
pub fn plan(payload: &JsValue, all: bool, options: &JsValue, scope: &JsValue, now: f64) -> Option<JsValue> {
    let payload = Js(payload.clone());
    let base = Js(scope.clone());
    let declared = declarative::parse(&payload, &base).ok();
    if declared.is_none() && !all {
        return None;
    }
    let mut plan = Js::object();
    let (kind, title, navigate, mut shown) = match declared {
        Some(message) => {
            if let Some(count) = message.app_badge {
                plan.set("badge", Js((count as f64).into()));
            }
            ("declarative", Some(message.title), message.navigate, message.options)
        }
        None => undeclared(&payload, base.clone()),
    };

    let defaults = Js(options.clone());
    let title = title.or_else(|| defaults.get("title")).filter(Value::is_string).unwrap_or(Js("".into()));
    for name in ["icon", "badge"] {
        if shown.get(name).is_none()
            && let Some(value) = defaults.get(name).filter(Value::is_string)
        {
            shown.set(name, value);
        }
    }
    let data = shown.get("data");
    let extras = Extras::of(data.as_ref());
    if let Some(id) = extras.id() {
        // Of two messages with the same id the second replaces the first: by its tag, since no browser knows ids.
        if shown.get("tag").is_none() {
            shown.set("tag", id.clone());
        }
        plan.set("id", id);
    }
    let inside = |url: Js| url.resolve(&base).filter(|url| same_origin(&url.text(), &base.text()));
    if let Some(urls) = extras.refresh().as_ref().and_then(Value::items) {
        let mut list = Js::list();
        urls.filter_map(inside).for_each(|url| list.push(url));
        plan.set("refresh", list);
    }
    for (name, value) in
        [("data", data), ("retract", extras.retract()), ("receipts", extras.receipts().and_then(inside))]
    {
        if let Some(value) = value {
            plan.set(name, value);
        }
    }
    for (name, value) in [
        ("kind", Js(kind.into())),
        ("title", title),
        ("navigate", navigate),
        ("options", shown),
        ("payload", payload),
        ("expired", Js(extras.expired(now).into())),
    ] {
        plan.set(name, value);
    }
    Some(plan.0)
}

/// A payload of another form, as well as it can be shown: kind, title, target, options.
fn undeclared(payload: &Js, base: Js) -> (&'static str, Option<Js>, Js, Js) {
    let mut options = Js::object();
    if let Some(text) = payload.0.as_string() {
        // What was not UTF-8 is nothing for people to read.
        let kind = if text.is_empty() {
            "empty"
        } else if text.contains(char::REPLACEMENT_CHARACTER) {
            "binary"
        } else {
            options.set("body", payload.clone());
            "text"
        };
        return (kind, None, base, options);
    }
    if payload.0.is_undefined() {
        return ("empty", None, base, options);
    }
    let notification = payload.get("notification").filter(Value::is_object);
    let source = notification.as_ref().unwrap_or(payload);
    for name in ["body", "icon", "tag"] {
        if let Some(value) = source.get(name).filter(Value::is_string) {
            options.set(name, value);
        }
    }
    if let Some(data) = source.get("data") {
        options.set("data", data);
    }
    let navigate = source.get("navigate").filter(Value::is_string).and_then(|url| url.resolve(&base));
    ("json", source.get("title").filter(Value::is_string), navigate.unwrap_or(base), options)
}

/// What is shown in the end: the plan with what a hook has changed, and what the click will need.
///
/// `change` may have `title`, `navigate` and `options`, of which single members are merged; anything else is ignored.
/// `max_actions` is the number of buttons that the platform shows. The result is a plain object, `title` and `options`.
///
/// `navigate` is kept under our key of `data` and not given to the browser: one that opens it by itself fires no click
/// event, and no page would hear of the click.
pub fn finish(plan: &JsValue, change: &JsValue, scope: &JsValue, max_actions: u32) -> JsValue {
    let (plan, change) = (Js(plan.clone()), Js(change.clone()));
    let mut options = Js::object();
    for source in [&plan, &change] {
        if let Some(more) = source.get("options") {
            assign(&options, &more);
        }
    }
    settle(&mut options, max_actions as usize);
    if plan.get("expired").and_then(|expired| expired.as_bool()) == Some(true) {
        options.set("silent", Js(JsValue::TRUE));
        options.remove("vibrate");
        options.remove("renotify");
    }

    let mut own = Js::object();
    let navigate = change.get("navigate").filter(Value::is_string).and_then(|url| url.resolve(&Js(scope.clone())));
    if let Some(url) = navigate.or_else(|| plan.get("navigate")) {
        own.set("navigate", url);
    }
    if let Some(actions) = options.get("actions").as_ref().and_then(Value::items) {
        let (mut shown, mut urls) = (Js::list(), Js::object());
        for action in actions {
            let mut button = Js::object();
            assign(&button, &action);
            button.remove("navigate");
            if let (Some(name), Some(url)) = (action.get("action"), action.get("navigate")) {
                urls.set(&name.text(), url);
            }
            shown.push(button);
        }
        options.set("actions", shown);
        own.set("actions", urls);
    }
    let mut data = Js::object();
    if let Some(app) = options.get("data") {
        if app.is_object() {
            assign(&data, &app);
        }
        // The click gives the app exactly what was sent, also a list or a bare value.
        own.set("data", app);
    }
    data.set(DATA_KEY, own);
    options.set("data", data);

    let mut result = Js::object();
    if let Some(title) = change.get("title").filter(Value::is_string).or_else(|| plan.get("title")) {
        result.set("title", title);
    }
    result.set("options", options);
    result.0
}

fn assign(target: &Js, source: &Js) {
    Object::assign(target.0.unchecked_ref::<Object>(), source.0.unchecked_ref::<Object>());
}
