//! What the service worker asks: whole decisions, on plain values and as plain values.
//!
//! The same for the npm package, whose values are numbers of a list that JavaScript keeps, and for a worker in Rust, whose
//! values are JavaScript's own.

use crate::{
    click::{self, Decision, Policy, same_origin},
    extras::{Extras, KEY},
    outbox::{self, Answer, Outcome},
    plan::{self, Payload},
    value::{Kinds, Value},
};

/// Decides what a push asks to show; `None` if it is not ours.
///
/// `payload` is the parsed JSON, or the text if it `is_text`, or `None`; `options` are the worker's, of which `title`,
/// `icon` and `badge` are the defaults. The others are those of [`plan()`](plan::plan).
///
/// The plan is an object: `kind`, `title`, `options`, `navigate`, `payload`, `expired`, and where the message says so
/// `data`, `id`, `badge` (a number), `retract` (a list), `refresh` (a list of absolute URLs of the same origin) and
/// `receipts` (such a URL).
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{decide, json::Json, value::Value};
///
/// let (options, scope) = (Json::parse(r#"{"title": "Acme"}"#).unwrap(), Json::from("https://app.example/"));
/// let plan = decide::plan(Some(Json::from("Hello")), true, true, &options, &scope, 0.0).unwrap();
/// assert_eq!(plan.get("title"), Some(Json::from("Acme")));
/// assert_eq!(plan.get("kind"), Some(Json::from("text")));
/// # }
/// ```
pub fn plan<V: Value>(payload: Option<V>, is_text: bool, all: bool, options: &V, scope: &V, now: f64) -> Option<V> {
    let read = match &payload {
        None => Payload::Empty,
        Some(text) if is_text => Payload::Text(text.clone()),
        Some(json) => Payload::Json(json.clone()),
    };
    let plan = plan::plan(&read, all, options, scope, now)?;
    let mut result = V::object();
    if plan.extras.any() {
        add_extras(&mut result, &plan, scope);
    }
    result.put("data", plan.options.member("data"));
    result.put("badge", plan.app_badge.map(|count| V::of_number(count as f64)));
    result.put("payload", payload);
    result.set("kind", V::of_text(plan.kind));
    result.set("title", plan.title);
    result.set("navigate", plan.navigate);
    result.set("options", plan.options);
    result.set("expired", V::of_bool(plan.expired));
    Some(result)
}

/// The part of a plan that most messages have nothing for: a browser compiles the functions that it calls.
#[inline(never)]
fn add_extras<V: Value>(result: &mut V, plan: &plan::Plan<V>, scope: &V) {
    let (refresh, receipts) = plan.inside(scope);
    result.put("id", plan.extras.id());
    result.put("retract", plan.extras.retract());
    result.put("refresh", refresh);
    result.put("receipts", receipts);
}

/// What is shown in the end: an object with the `title` and the `options` of [`plan::finish`].
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{decide, json::Json, value::Value};
///
/// let plan = Json::parse(r#"{"title": "Hello", "navigate": "https://app.example/", "options": {}}"#).unwrap();
/// let change = Json::parse(r#"{"title": "From the hook"}"#).unwrap();
/// let shown = decide::finish(&plan, &change, &Json::from("https://app.example/"), 2);
/// assert_eq!(shown.get("title"), Some(Json::from("From the hook")));
/// # }
/// ```
pub fn finish<V: Value>(plan: &V, change: &V, scope: &V, max_actions: usize) -> V {
    let (title, options) = plan::finish(plan, change, scope, max_actions);
    let mut result = V::object();
    result.set("title", title);
    result.set("options", options);
    result
}

/// Decides where a click on one of our notifications goes; `None` if the notification is not ours.
///
/// `data` is the notification's, `action` the id of the button or empty, `origins` a list of other origins that the app
/// lets a click open. Anything outside is replaced by the scope.
///
/// The result is an object: `url`, `policy` (see [`Policy`]), `all` (whether every page gets the click), and where the
/// message has them `data`, `id` and `receipts`.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{decide, json::Json, value::Value};
///
/// // What `finish` has put into the notification's data.
/// let data = Json::parse(r#"{"tidings": {"navigate": "https://app.example/inbox"}}"#).unwrap();
/// let (scope, none) = (Json::from("https://app.example/"), Json::parse("null").unwrap());
/// let target = decide::click(&data, &Json::from(""), &scope, &none).unwrap();
/// assert_eq!(target.get("url"), Some(Json::from("https://app.example/inbox")));
/// assert_eq!(target.get("policy"), Some(Json::from("focus")));
/// # }
/// ```
pub fn click<V: Value>(data: &V, action: &V, scope: &V, origins: &V) -> Option<V> {
    let own = data.pick(KEY, Kinds::OBJECT)?;
    let data = own.get("data");
    let extras = Extras::of(data.as_ref());
    let target = own.get("actions").and_then(|urls| urls.named(action)).or_else(|| own.get("navigate"));
    let url = target
        .and_then(|url| url.resolve(scope))
        .filter(|url| may_open(url, scope, origins))
        .unwrap_or_else(|| scope.clone());

    let mut result = V::object();
    let receipts = extras.receipts().and_then(|url| url.resolve(scope));
    result.put("data", data);
    result.put("id", extras.id());
    result.put("receipts", receipts.filter(|url| same_origin(url, scope)));
    result.set("url", url);
    result.set("policy", V::of_text(extras.policy(action).name()));
    result.set("all", V::of_bool(extras.for_all()));
    Some(result)
}

/// Whether a click may open this URL: the app's own origin, or one that the app has listed.
fn may_open<V: Value>(url: &V, scope: &V, origins: &V) -> bool {
    same_origin(url, scope)
        || origins.items().is_some_and(|mut origins| {
            // A listed origin is written without the path that a scope has.
            origins.any(|origin| origin.resolve(&origin).is_some_and(|origin| same_origin(url, &origin)))
        })
}

/// Chooses among the URLs of the open windows, the last used first, as [`click::choose`] does.
///
/// A number from 0 on: focus that window. A negative one: navigate the window `-1 - number`. `None`: open a new one.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{decide::choose, json::Json};
///
/// let windows = Json::parse(r#"["https://app.example/", "https://app.example/inbox"]"#).unwrap();
/// let [scope, url] = ["https://app.example/", "https://app.example/inbox"].map(Json::from);
/// assert_eq!(choose(&Json::from("focus"), &url, &scope, &windows), Some(1));
/// assert_eq!(choose(&Json::from("open"), &url, &scope, &windows), None);
/// # }
/// ```
pub fn choose<V: Value>(policy: &V, url: &V, scope: &V, windows: &V) -> Option<i32> {
    match click::choose(Policy::named(policy), url, scope, windows) {
        Decision::Focus(index) => Some(index as i32),
        Decision::Navigate(index) => Some(-1 - index as i32),
        Decision::Open => None,
    }
}

/// What an answer means for an entry of the outbox: `None` if it has arrived and leaves; otherwise what changes of it, an
/// object with `next` and `hold` if it is to be tried again, or with `reason` if it is set aside.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{decide::judge, json::Json, outbox::Answer, value::Value};
///
/// let entry = Json::parse(r#"{"queue": "orders"}"#).unwrap();
/// let answer = |status| Answer { status, seconds: f64::NAN, date: f64::NAN };
/// assert_eq!(judge(&entry, answer(201), 0.0, 0.5), None);
/// assert_eq!(judge(&entry, answer(400), 0.0, 0.5).unwrap().get("reason"), Some(Json::from("refused")));
/// # }
/// ```
pub fn judge<V: Value>(entry: &V, answer: Answer, now: f64, random: f64) -> Option<V> {
    let mut change = V::object();
    match outbox::judge(entry, answer, now, random) {
        Outcome::Done => return None,
        Outcome::Retry { next, hold } => {
            change.set("next", V::of_number(next));
            change.set("hold", V::of_number(hold));
        }
        Outcome::Aside(reason) => change.set("reason", V::of_text(reason)),
    }
    Some(change)
}
