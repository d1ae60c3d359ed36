//! Declarative Web Push messages: what is one, and what it asks to show.
//!
//! The algorithm is that of the Push API (w3c/push-api#385, with the `app_badge` of #402): a member of the wrong type is
//! ignored, an action that lacks something is skipped, and only what leaves nothing to show makes a message
//! [`Malformed`]. A malformed message is never lost: it is an ordinary push with its bytes in `event.data`.

use core::fmt;

use crate::value::{Kinds, Value, flag, unsigned};

/// The number that marks a declarative message: `"web_push": 8030`, after RFC 8030.
///
/// See the example of [`Message`].
pub const WEB_PUSH: u32 = 8030;

/// A declarative message, checked, its URLs resolved.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{declarative::{WEB_PUSH, parse}, json::Json, value::Value};
///
/// let text = format!(r#"{{"web_push": {WEB_PUSH}, "notification": {{"title": "Hello", "navigate": "/inbox"}}, "app_badge": 3}}"#);
/// let message = parse(&Json::parse(&text).unwrap(), &Json::from("https://app.example/")).unwrap();
/// assert!(message.title.is_text("Hello") && message.navigate.is_text("https://app.example/inbox"));
/// assert_eq!((message.mutable, message.app_badge), (false, Some(3)));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Message<V> {
    /// The notification's title, a string, possibly empty.
    pub title: V,
    /// The absolute URL that a click on the notification opens.
    pub navigate: V,
    /// The `NotificationOptions` to show it with: only members that are present and of the right type.
    pub options: V,
    /// Whether the service worker may replace the notification before it is shown.
    pub mutable: bool,
    /// What the app's badge should count, if the message says so.
    pub app_badge: Option<u64>,
}

/// Why something is not a declarative message.
///
/// # Example
///
/// ```
/// use tidings_core::declarative::Malformed;
///
/// assert_eq!(Malformed::WebPush.to_string(), "`web_push` must be the number 8030");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// The message is no JSON object.
    NotAnObject,
    /// `web_push` is absent or not the number 8030.
    WebPush,
    /// `notification` is absent or no object.
    Notification,
    /// `notification.title` is absent or no string.
    Title,
    /// `notification.navigate` is absent, no string, or no URL.
    Navigate,
    /// `notification.actions[].navigate` is no URL.
    ActionNavigate,
    /// `notification.silent` is true and there is a `notification.vibrate`.
    SilentVibrate,
    /// `notification.renotify` is true and `notification.tag` is absent or empty.
    RenotifyWithoutTag,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnObject => "the message must be a JSON object",
            Self::WebPush => "`web_push` must be the number 8030",
            Self::Notification => "`notification` must be an object",
            Self::Title => "`notification.title` must be a string",
            Self::Navigate => "`notification.navigate` must be a URL, absolute or relative to the scope",
            Self::ActionNavigate => {
                "`notification.actions[].navigate` must be a URL, absolute or relative to the scope"
            }
            Self::SilentVibrate => "`notification.silent` and `notification.vibrate` exclude each other: leave one out",
            Self::RenotifyWithoutTag => "`notification.renotify` needs a `notification.tag` that is not empty",
        })
    }
}

impl core::error::Error for Malformed {}

/// What an optional member must be besides its kind in order to be kept.
#[derive(Clone, Copy)]
enum Rule {
    Any,
    Direction,
    Url,
    Timestamp,
    Vibration,
}

/// The optional members of `notification`, in the order of the specification.
const OPTIONS: [(&str, Kinds, Rule); 13] = [
    ("dir", Kinds::STRING, Rule::Direction),
    ("lang", Kinds::STRING, Rule::Any),
    ("body", Kinds::STRING, Rule::Any),
    ("tag", Kinds::STRING, Rule::Any),
    ("image", Kinds::STRING, Rule::Url),
    ("icon", Kinds::STRING, Rule::Url),
    ("badge", Kinds::STRING, Rule::Url),
    ("vibrate", Kinds::LIST, Rule::Vibration),
    ("timestamp", Kinds::NUMBER, Rule::Timestamp),
    ("renotify", Kinds::BOOL, Rule::Any),
    ("silent", Kinds::BOOL, Rule::Any),
    ("requireInteraction", Kinds::BOOL, Rule::Any),
    ("data", Kinds::ANY, Rule::Any),
];

const TWO_TO_32: f64 = 4_294_967_296.0;
const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;

/// Reads a declarative message (Push API, "parsing a declarative push message").
///
/// `base` is the scope URL of the service worker registration, a string; relative URLs are resolved against it.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{declarative::{self, Malformed}, json::Json};
///
/// let base = Json::from("https://app.example/");
/// let ordinary = Json::parse(r#"{"unread": 3}"#).unwrap();
/// assert_eq!(declarative::parse(&ordinary, &base), Err(Malformed::WebPush));
/// # }
/// ```
///
/// # Errors
///
/// [`Malformed`] if the value is not a declarative message; it then is an ordinary push.
pub fn parse<V: Value>(message: &V, base: &V) -> Result<Message<V>, Malformed> {
    if !message.is_object() {
        return Err(Malformed::NotAnObject);
    }
    if message.member("web_push").and_then(|v| v.as_number()) != Some(f64::from(WEB_PUSH)) {
        return Err(Malformed::WebPush);
    }
    let notification = message.pick("notification", Kinds::OBJECT).ok_or(Malformed::Notification)?;
    let title = text(&notification, "title").ok_or(Malformed::Title)?;
    let navigate = text(&notification, "navigate").ok_or(Malformed::Navigate)?;

    let mut options = V::object();
    for &(name, kinds, rule) in &OPTIONS {
        if let Some(value) = notification.pick(name, kinds).and_then(|value| keep(value, rule, base)) {
            options.set(name, value);
        }
    }
    // "Create a notification" (Notifications API) refuses these two; so no message with them can be shown.
    if flag(&options, "silent") && options.member("vibrate").is_some() {
        return Err(Malformed::SilentVibrate);
    }
    if flag(&options, "renotify") && options.member("tag").is_none_or(|tag| tag.is_text("")) {
        return Err(Malformed::RenotifyWithoutTag);
    }
    let navigate = navigate.resolve(base).ok_or(Malformed::Navigate)?;
    if let Some(actions) = actions(&notification, base)? {
        options.set("actions", actions);
    }

    Ok(Message {
        title,
        navigate,
        options,
        mutable: flag(message, "mutable"),
        app_badge: message.member("app_badge").and_then(|count| unsigned(&count, TWO_TO_64)),
    })
}

/// The actions that have all they need; `None` if `actions` is no list.
#[inline(never)]
fn actions<V: Value>(notification: &V, base: &V) -> Result<Option<V>, Malformed> {
    let Some(actions) = notification.member("actions") else {
        return Ok(None);
    };
    let Some(items) = actions.items() else {
        return Ok(None);
    };
    let mut kept = V::list();
    for item in items {
        if !item.is_object() {
            continue;
        }
        let (Some(action), Some(title), Some(navigate)) =
            (text(&item, "action"), text(&item, "title"), text(&item, "navigate"))
        else {
            continue;
        };
        let mut entry = V::object();
        entry.set("action", action);
        entry.set("title", title);
        entry.set("navigate", navigate.resolve(base).ok_or(Malformed::ActionNavigate)?);
        if let Some(icon) = text(&item, "icon").and_then(|icon| icon.resolve(base)) {
            entry.set("icon", icon);
        }
        kept.push(entry);
    }
    Ok(Some(kept))
}

/// The value to keep for a member that is of the right kind; `None` to ignore it.
fn keep<V: Value>(value: V, rule: Rule, base: &V) -> Option<V> {
    let right = match rule {
        Rule::Any => true,
        Rule::Direction => value.is_text("auto") || value.is_text("ltr") || value.is_text("rtl"),
        Rule::Url => return value.resolve(base),
        Rule::Timestamp | Rule::Vibration => is_measured(&value, rule),
    };
    right.then_some(value)
}

#[inline(never)] // A browser compiles the functions that it calls: this one seldom.
fn is_measured<V: Value>(value: &V, rule: Rule) -> bool {
    match rule {
        Rule::Vibration => {
            value.items().is_some_and(|mut items| items.all(|item| unsigned(&item, TWO_TO_32).is_some()))
        }
        _ => unsigned(value, TWO_TO_64).is_some(),
    }
}

fn text<V: Value>(object: &V, name: &str) -> Option<V> {
    object.pick(name, Kinds::STRING)
}
