//! What a message may say beyond the standard, under `data.tidings`. A message without it works the same.
//!
//! | member | type | meaning |
//! |---|---|---|
//! | `id` | string | of two messages with the same id the second replaces the first, silently |
//! | `expires` | number | milliseconds since 1970; shown silently after that, or not at all where the rules allow it |
//! | `click` | string | [`Policy`] of a click on the notification |
//! | `actions` | object | [`Policy`] by action id |
//! | `deliver` | `"all"` | every open page gets the click, not one |
//! | `retract` | list of strings | close shown notifications with one of these tags or ids |
//! | `refresh` | list of URLs | fetched into the cache `tidings` once the notification is up; same origin only |
//! | `receipts` | URL | where to report what happens to the message; same origin only |

use crate::{
    click::Policy,
    value::{Kinds, Value, flag},
};

/// The member of `data` that holds the extras, and of a shown notification's `data` what the click needs.
///
/// See the example of [`Extras`].
pub const KEY: &str = "tidings";

/// The extras of a message; absent ones, and those of the wrong type, are as if they were not there.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{click::Policy, extras::{Extras, KEY}, json::Json};
///
/// let text = r#"{"id": "m7", "expires": 1000, "click": "open", "deliver": "all", "retract": ["inbox"], "refresh": ["/inbox"], "receipts": "/receipts"}"#;
/// let data = Json::parse(&format!(r#"{{"{KEY}": {text}}}"#)).unwrap();
/// let extras = Extras::of(Some(&data));
/// assert_eq!((extras.id(), extras.receipts()), (Some(Json::from("m7")), Some(Json::from("/receipts"))));
/// assert!(!extras.expired(1000.0) && extras.expired(1001.0));
/// assert_eq!(extras.policy(&Json::from("reply")), Policy::Open);
/// assert!(extras.for_all());
/// assert_eq!(extras.retract(), Some(Json::parse(r#"["inbox"]"#).unwrap()));
/// assert_eq!(extras.refresh(), Some(Json::parse(r#"["/inbox"]"#).unwrap()));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Extras<V>(Option<V>);

impl<V: Value> Extras<V> {
    /// Reads them from a notification's `data`.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "json")] {
    /// use tidings_core::{extras::Extras, json::Json};
    ///
    /// let data = Json::parse(r#"{"tidings": {"id": "m7", "expires": 1000}}"#).unwrap();
    /// let extras = Extras::of(Some(&data));
    /// assert_eq!(extras.id(), Some(Json::from("m7")));
    /// assert!(extras.expired(1001.0));
    /// # }
    /// ```
    pub fn of(data: Option<&V>) -> Self {
        Self(data.and_then(|data| data.pick(KEY, Kinds::OBJECT)))
    }

    /// Whether there are any.
    pub(crate) fn any(&self) -> bool {
        self.0.is_some()
    }

    /// The message's id, a string that is not empty.
    ///
    /// See the example of [`Extras`].
    pub fn id(&self) -> Option<V> {
        self.text("id").filter(|id| !id.is_text(""))
    }

    /// Whether the message is too old at `now`, in milliseconds since 1970.
    ///
    /// See the example of [`Extras`].
    pub fn expired(&self, now: f64) -> bool {
        self.get("expires").and_then(|time| time.as_number()).is_some_and(|time| time < now)
    }

    /// How a click on the action of this id, or on the notification (`""`), reaches its target.
    ///
    /// See the example of [`Extras`].
    pub fn policy(&self, action: &V) -> Policy {
        let of_action = self.get("actions").and_then(|actions| actions.named(action));
        let name = if action.is_text("") { None } else { of_action };
        name.or_else(|| self.get("click")).as_ref().map_or_else(Policy::default, Policy::named)
    }

    /// Whether every open page gets the click.
    ///
    /// See the example of [`Extras`].
    pub fn for_all(&self) -> bool {
        self.get("deliver").is_some_and(|deliver| deliver.is_text("all"))
    }

    /// The tags and ids whose notifications are to be closed.
    ///
    /// See the example of [`Extras`].
    pub fn retract(&self) -> Option<V> {
        self.get("retract")
    }

    /// The URLs to fetch, not resolved.
    ///
    /// See the example of [`Extras`].
    pub fn refresh(&self) -> Option<V> {
        self.get("refresh")
    }

    /// Where receipts go, not resolved.
    ///
    /// See the example of [`Extras`].
    pub fn receipts(&self) -> Option<V> {
        self.text("receipts")
    }

    fn get(&self, name: &str) -> Option<V> {
        self.0.as_ref()?.member(name)
    }

    fn text(&self, name: &str) -> Option<V> {
        self.0.as_ref()?.pick(name, Kinds::STRING)
    }
}

/// Makes the options of a notification such that no browser refuses them (Notifications API, "create a notification").
///
/// An app's hook may have changed them since the message was checked.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{extras::settle, json::Json};
///
/// let mut options = Json::parse(r#"{"silent": true, "vibrate": [200], "renotify": true}"#).unwrap();
/// settle(&mut options);
/// assert_eq!(options, Json::parse(r#"{"silent": true}"#).unwrap());
/// # }
/// ```
pub fn settle<V: Value>(options: &mut V) {
    if flag(options, "silent") && options.member("vibrate").is_some() {
        options.remove("vibrate");
    }
    // A tag of another type is a text to the browser, and `[]` an empty one.
    if flag(options, "renotify") && options.pick("tag", Kinds::STRING).is_none_or(|tag| tag.is_text("")) {
        options.remove("renotify");
    }
}

#[cfg(all(test, feature = "json"))]
mod tests {
    use super::*;
    use crate::json::Json;
    use serde_json::json;

    #[test]
    fn wrong_types_are_as_if_absent() {
        for data in [
            json!(null),
            json!([]),
            json!("tidings"),
            json!({ "tidings": [] }),
            json!({ "tidings": {
            "id": 7, "expires": "1", "click": 5, "actions": [], "deliver": true, "receipts": {} } }),
        ] {
            let data = Json(data);
            let extras = Extras::of(Some(&data));
            assert_eq!(extras.id(), None);
            assert!(!extras.expired(f64::MAX));
            assert_eq!(extras.policy(&Json::from("a")), Policy::Focus);
            assert!(!extras.for_all());
            assert_eq!(extras.receipts(), None);
        }
    }

    #[test]
    fn each_action_has_its_policy_or_that_of_the_message() {
        let data = Json(json!({ "tidings": { "click": "navigate", "actions": { "a": "request", "": "open" } } }));
        let extras = Extras::of(Some(&data));
        assert_eq!(extras.policy(&Json::from("a")), Policy::Request);
        assert_eq!(extras.policy(&Json::from("b")), Policy::Navigate);
        assert_eq!(extras.policy(&Json::from("")), Policy::Navigate);
    }

    #[test]
    fn settled_options_contradict_themselves_no_more() {
        let settled = |options| {
            let mut options = Json(options);
            settle(&mut options);
            options.0
        };
        assert_eq!(
            settled(json!({ "silent": true, "vibrate": [1], "renotify": true, "tag": "" })),
            json!({ "silent": true, "tag": "" })
        );
        assert_eq!(settled(json!({ "renotify": true, "tag": [] })), json!({ "tag": [] }));
        assert_eq!(settled(json!({ "renotify": true, "tag": "t" })), json!({ "renotify": true, "tag": "t" }));
    }
}
