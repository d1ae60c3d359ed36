//! Building a declarative message, for senders.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};
use core::fmt;

use crate::{
    declarative::{self, Malformed, WEB_PUSH},
    json::Json,
};
use serde_json::{Map, Value, json};

/// The most bytes a message may have before encryption, so that it has 4096 after it (RFC 8291 section 4).
///
/// See the example of [`Invalid`].
pub const MAX_LENGTH: usize = 3993;

/// Why a message cannot be sent.
///
/// # Example
///
/// ```
/// use tidings_core::message::{Builder, Invalid, MAX_LENGTH};
///
/// let long = Builder::new("Hello", "https://app.example/").option("body", "x".repeat(MAX_LENGTH)).build();
/// assert!(matches!(long, Err(Invalid::TooLong(length)) if length > MAX_LENGTH));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Invalid {
    /// It would not be shown as asked.
    Malformed(Malformed),
    /// It has this many bytes, more than [`MAX_LENGTH`].
    TooLong(usize),
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(why) => why.fmt(f),
            Self::TooLong(length) => write!(
                f,
                "the message has {length} bytes, the most is {MAX_LENGTH}: shorten it, or send an id and let the app fetch"
            ),
        }
    }
}

impl core::error::Error for Invalid {}

impl From<Malformed> for Invalid {
    fn from(why: Malformed) -> Self {
        Self::Malformed(why)
    }
}

/// A Declarative Web Push message in the making.
///
/// It writes what every browser understands in the same way, and nothing else.
///
/// # Example
///
/// ```
/// use tidings_core::message::Builder;
///
/// let message = Builder::new("New message", "https://app.example/inbox/7")
///     .option("body", "Are you there?")
///     .option("tag", "inbox")
///     .action("reply", "Reply", "https://app.example/inbox/7#reply")
///     .app_badge(3)
///     .build()?;
/// assert!(message.starts_with(r#"{"app_badge":3,"notification":{"actions":[{"#));
/// # Ok::<(), tidings_core::message::Invalid>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "call build()"]
pub struct Builder {
    notification: Map<String, Value>,
    actions: Vec<Value>,
    app_badge: Option<u64>,
}

impl Builder {
    /// A message with this title, that opens this URL when it is clicked.
    ///
    /// A relative URL is resolved against the worker's scope, but not by every Safari: an absolute one is safer.
    ///
    /// See the example of [`Builder`].
    pub fn new(title: impl Into<String>, navigate: impl Into<String>) -> Self {
        let mut notification = Map::new();
        notification.insert("title".into(), Value::String(title.into()));
        notification.insert("navigate".into(), Value::String(navigate.into()));
        Self { notification, actions: Vec::new(), app_badge: None }
    }

    /// Sets any other member of `notification`: `body`, `icon`, `tag`, `lang`, `silent`, `data`…
    ///
    /// See the example of [`Builder`].
    pub fn option(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.notification.insert(name.into(), value.into());
        self
    }

    /// Adds a button that opens this URL.
    ///
    /// See the example of [`Builder`].
    pub fn action(mut self, action: &str, title: &str, navigate: &str) -> Self {
        self.actions.push(json!({ "action": action, "title": title, "navigate": navigate }));
        self
    }

    /// Sets the number on the app's icon; 0 removes it.
    ///
    /// See the example of [`Builder`].
    pub fn app_badge(mut self, count: u64) -> Self {
        self.app_badge = Some(count);
        self
    }

    /// The message as JSON text.
    ///
    /// See the example of [`Builder`].
    ///
    /// # Errors
    ///
    /// [`Invalid`] if a browser would not show it as asked, or if it is too long to be sent.
    pub fn build(mut self) -> Result<String, Invalid> {
        if !self.actions.is_empty() {
            self.notification.insert("actions".into(), Value::Array(self.actions));
        }
        let mut message = json!({ "web_push": WEB_PUSH, "notification": self.notification });
        if let Some(count) = self.app_badge {
            message["app_badge"] = count.into();
        }
        check(&message)?;
        Ok(message.to_string())
    }
}

/// Checks a finished message: would it be shown, and can it be sent?
///
/// Relative URLs are taken as good, since the sender does not know the scope.
///
/// # Example
///
/// ```
/// use tidings_core::{declarative::Malformed, message::{Invalid, check}};
///
/// let message = serde_json::json!({ "web_push": 8030, "notification": { "title": "Hello" } });
/// assert_eq!(check(&message), Err(Invalid::Malformed(Malformed::Navigate)));
/// ```
///
/// # Errors
///
/// [`Invalid`], naming the member that is wrong.
pub fn check(message: &Value) -> Result<(), Invalid> {
    declarative::parse(&Json(message.clone()), &Json::from("https://scope.invalid/"))?;
    let length = message.to_string().len();
    if length > MAX_LENGTH { Err(Invalid::TooLong(length)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_no_browser_would_show() {
        assert_eq!(Builder::new("T", "http://[").build(), Err(Invalid::Malformed(Malformed::Navigate)));
        assert_eq!(
            Builder::new("T", "/").option("renotify", true).build(),
            Err(Invalid::Malformed(Malformed::RenotifyWithoutTag))
        );
    }

    #[test]
    fn counts_bytes_to_the_limit() {
        let empty = Builder::new("", "/").build().expect("valid").len();
        let fits = "x".repeat(MAX_LENGTH - empty);
        assert_eq!(Builder::new(fits.clone(), "/").build().map(|text| text.len()), Ok(MAX_LENGTH));
        assert_eq!(Builder::new(fits + "x", "/").build(), Err(Invalid::TooLong(MAX_LENGTH + 1)));
    }
}
