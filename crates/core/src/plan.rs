//! What is shown for a push: decided from its payload, and finished with what an app's hook has changed.
//!
//! Whatever arrives, the result can be shown: that is the rule of this module, and its property test.

use crate::{
    click::same_origin,
    declarative,
    extras::{Extras, KEY, settle},
    value::{Kinds, Value, flag},
};

/// What a push carries.
///
/// See the example of [`plan()`].
#[derive(Clone, Debug, PartialEq)]
pub enum Payload<V> {
    /// No payload at all.
    Empty,
    /// Something that is not JSON, decoded as UTF-8.
    Text(V),
    /// JSON of any form.
    Json(V),
}

/// What is to be shown for a push, and what else is to be done.
///
/// See the example of [`Plan::inside`].
#[derive(Clone, Debug, PartialEq)]
pub struct Plan<V> {
    /// `declarative`, `json`, `text`, `binary` or `empty`.
    pub kind: &'static str,
    /// A string.
    pub title: V,
    /// An absolute URL.
    pub navigate: V,
    /// `NotificationOptions`, with the app's own `data`.
    pub options: V,
    /// What the message says beyond the standard.
    pub extras: Extras<V>,
    /// What the app's badge should count, if the message says so.
    pub app_badge: Option<u64>,
    /// Whether the message is too old.
    pub expired: bool,
}

/// Decides what a push asks to show; `None` if it is not ours: without `all`, that is every push but a declarative one.
///
/// `defaults` is an object with `title`, `icon` and `badge` for a message that has none, `scope` the scope URL of the
/// registration, `now` the time in milliseconds since 1970.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{json::Json, plan::{Payload, plan}, value::Value};
///
/// let defaults = Json::parse(r#"{"title": "Acme"}"#).unwrap();
/// let shown = plan(&Payload::Text(Json::from("Hello")), true, &defaults, &Json::from("https://app.example/"), 0.0).unwrap();
/// assert!(shown.title.is_text("Acme"));
/// assert!(shown.options.get("body").is_some_and(|body| body.is_text("Hello")));
/// # }
/// ```
pub fn plan<V: Value>(payload: &Payload<V>, all: bool, defaults: &V, scope: &V, now: f64) -> Option<Plan<V>> {
    let declared = match payload {
        Payload::Json(json) => declarative::parse(json, scope).ok(),
        _ => None,
    };
    if declared.is_none() && !all {
        return None;
    }
    let (kind, title, navigate, mut options, app_badge) = match declared {
        Some(message) => ("declarative", Some(message.title), message.navigate, message.options, message.app_badge),
        None => undeclared(payload, scope),
    };
    let title = title.or_else(|| defaults.pick("title", Kinds::STRING)).unwrap_or_else(|| V::of_text(""));
    for name in ["icon", "badge"] {
        if let Some(value) = defaults.pick(name, Kinds::STRING)
            && options.member(name).is_none()
        {
            options.set(name, value);
        }
    }
    let extras = Extras::of(options.member("data").as_ref());
    let expired = extras.any() && heed(&extras, &mut options, now);
    Some(Plan { kind, title, navigate, options, extras, app_badge, expired })
}

/// What the extras change of the options; whether the message has expired.
#[inline(never)] // A browser compiles the functions that it calls, and most messages have no extras.
fn heed<V: Value>(extras: &Extras<V>, options: &mut V, now: f64) -> bool {
    // Of two messages with the same id the second replaces the first: by its tag, since no browser knows ids.
    if options.member("tag").is_none()
        && let Some(id) = extras.id()
    {
        options.set("tag", id);
    }
    extras.expired(now)
}

/// A payload of another form, as well as it can be shown: kind, title, target, options.
#[inline(never)] // A browser compiles the functions that it calls: this one seldom.
fn undeclared<V: Value>(payload: &Payload<V>, scope: &V) -> (&'static str, Option<V>, V, V, Option<u64>) {
    let mut options = V::object();
    let json = match payload {
        Payload::Json(json) => json,
        Payload::Empty => return ("empty", None, scope.clone(), options, None),
        Payload::Text(text) => {
            let kind = if text.is_text("") {
                "empty"
            } else if text.is_garbled() {
                // What was not UTF-8 is nothing for people to read.
                "binary"
            } else {
                options.set("body", text.clone());
                "text"
            };
            return (kind, None, scope.clone(), options, None);
        }
    };
    let notification = json.pick("notification", Kinds::OBJECT);
    let source = notification.as_ref().unwrap_or(json);
    for name in ["body", "icon", "tag"] {
        if let Some(value) = source.pick(name, Kinds::STRING) {
            options.set(name, value);
        }
    }
    if let Some(data) = source.get("data") {
        options.set("data", data);
    }
    let navigate = source.get("navigate").and_then(|url| url.resolve(scope));
    ("json", source.pick("title", Kinds::STRING), navigate.unwrap_or_else(|| scope.clone()), options, None)
}

impl<V: Value> Plan<V> {
    /// The URLs of `data.tidings.refresh` and the one of `data.tidings.receipts` that are of the app's own origin.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "json")] {
    /// use tidings_core::{json::Json, plan::{Payload, Plan, plan}};
    ///
    /// let payload = Json::parse(r#"{"title": "Hello", "data": {"tidings": {"receipts": "/receipts", "refresh": ["/inbox", "https://evil.example/"]}}}"#).unwrap();
    /// let scope = Json::from("https://app.example/");
    /// let shown: Plan<Json> = plan(&Payload::Json(payload), true, &Json::parse("{}").unwrap(), &scope, 0.0).unwrap();
    /// assert_eq!(shown.kind, "json");
    /// let (refresh, receipts) = shown.inside(&scope);
    /// assert_eq!(refresh, Some(Json::parse(r#"["https://app.example/inbox"]"#).unwrap()));
    /// assert_eq!(receipts, Some(Json::from("https://app.example/receipts")));
    /// # }
    /// ```
    pub fn inside(&self, scope: &V) -> (Option<V>, Option<V>) {
        let inside = |url: V| url.resolve(scope).filter(|url| same_origin(url, scope));
        let refresh = self.extras.refresh().and_then(|urls| {
            let mut list = V::list();
            for url in urls.items()? {
                if let Some(url) = inside(url) {
                    list.push(url);
                }
            }
            Some(list)
        });
        (refresh, self.extras.receipts().and_then(inside))
    }
}

/// What is shown in the end: title and options.
///
/// `plan` and `change` are objects with `title`, `navigate` and `options`; those of `change` win, single options are
/// merged, and what is of the wrong type is ignored. `max_actions` is the number of buttons that the platform shows.
///
/// `navigate` is kept under our key of `data` and not given to the browser: one that opens it by itself fires no click
/// event, and no page would hear of the click.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{json::Json, plan::finish, value::Value};
///
/// let plan = Json::parse(r#"{"title": "Hello", "navigate": "https://app.example/", "options": {"body": "1 message"}}"#).unwrap();
/// let change = Json::parse(r#"{"options": {"body": "2 messages"}}"#).unwrap();
/// let (title, options) = finish(&plan, &change, &Json::from("https://app.example/"), 2);
/// assert!(title.is_text("Hello"));
/// assert_eq!(options.get("body"), Some(Json::from("2 messages")));
/// # }
/// ```
pub fn finish<V: Value>(plan: &V, change: &V, scope: &V, max_actions: usize) -> (V, V) {
    let mut options = V::object();
    for source in [plan, change] {
        if let Some(more) = source.pick("options", Kinds::OBJECT) {
            options.assign(&more);
        }
    }
    settle(&mut options);
    if flag(plan, "expired") {
        options.set("silent", V::of_bool(true));
        options.remove("vibrate");
        options.remove("renotify");
    }

    let mut own = V::object();
    let navigate = change.get("navigate").and_then(|url| url.resolve(scope)).or_else(|| plan.member("navigate"));
    if let Some(url) = navigate {
        own.set("navigate", url);
    }
    if let Some(actions) = options.member("actions") {
        if let Some(actions) = actions.items() {
            let (mut shown, mut urls) = (V::list(), V::object());
            for (index, action) in actions.enumerate() {
                if index >= max_actions {
                    break;
                }
                if !action.is_object() {
                    continue;
                }
                let mut button = V::object();
                button.assign(&action);
                button.remove("navigate");
                if let (Some(name), Some(url)) = (action.member("action"), action.member("navigate")) {
                    urls.set_named(&name, url);
                }
                shown.push(button);
            }
            options.set("actions", shown);
            own.set("actions", urls);
        } else {
            options.remove("actions");
        }
    }
    let mut data = V::object();
    if let Some(app) = options.member("data") {
        if app.is_object() {
            data.assign(&app);
        }
        // The click gives the app exactly what was sent, also a list or a bare value.
        own.set("data", app);
    }
    data.set(KEY, own);
    options.set("data", data);
    let title = change.pick("title", Kinds::STRING).or_else(|| plan.member("title"));
    (title.unwrap_or_else(|| V::of_text("")), options)
}
