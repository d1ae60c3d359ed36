//! A message and how it is to be delivered (RFC 8030 section 5).

use serde_json::Value;
use tidings_core::{
    declarative::WEB_PUSH,
    extras,
    message::{self, Invalid, MAX_LENGTH},
};

use crate::encrypt::TooLong;

/// How long a push service keeps a message whose sender did not say: four weeks, the most that any of them does.
pub const DEFAULT_TTL: u32 = 28 * 24 * 60 * 60;

/// A message on its way: what it says, and how it is to be delivered.
///
/// # Example
///
/// ```
/// use tidings_server::{Push, Urgency};
///
/// let message = serde_json::json!({"web_push": 8030, "notification": {"title": "Hello", "navigate": "/"}});
/// let push = Push::message(&message)?.ttl(3600).urgency(Urgency::High).topic("greeting")?;
/// # Ok::<(), tidings_server::push::PushError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a push does nothing until it is sent"]
pub struct Push {
    payload: Option<Vec<u8>>,
    ttl: u32,
    urgency: Option<Urgency>,
    topic: Option<String>,
    padding: usize,
}

/// How much a message matters to someone whose battery is low (RFC 8030 section 5.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// Delivered when the device is on power and Wi-Fi: advertisements.
    VeryLow,
    /// Delivered when the device is on power or Wi-Fi: topic updates.
    Low,
    /// Delivered unless the battery is low: chats and calendars.
    Normal,
    /// Delivered at once: calls and alarms.
    High,
}

/// Why something cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PushError {
    /// It claims to be a declarative message, but would not be shown as asked.
    #[error("the message is not a declarative push message: {0}")]
    Message(String),
    /// It is longer than a push may be.
    #[error(transparent)]
    TooLong(#[from] TooLong),
    /// The topic is not 1 to 32 characters of the base64url alphabet.
    #[error("the topic must be 1 to 32 letters, digits, `-` or `_`: use a hash of what you have")]
    Topic,
    /// The urgency is none of the four.
    #[error("the urgency must be `very-low`, `low`, `normal` or `high`")]
    Urgency,
}

impl PushError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Message(_) => "malformed-message",
            Self::TooLong(_) => "payload-too-large",
            Self::Topic | Self::Urgency => "invalid-field",
        }
    }
}

impl Push {
    /// A push without a payload: the worker is woken, and `event.data` is null.
    pub fn empty() -> Self {
        Self { payload: None, ttl: DEFAULT_TTL, urgency: None, topic: None, padding: 0 }
    }

    /// A stored push, which was checked when it was made.
    pub(crate) fn restore(
        payload: Option<Vec<u8>>,
        ttl: u32,
        urgency: Option<Urgency>,
        topic: Option<String>,
        padding: usize,
    ) -> Self {
        Self { payload, ttl, urgency, topic, padding }
    }

    pub(crate) fn with_payload(self, payload: Vec<u8>) -> Self {
        Self { payload: Some(payload), ..self }
    }

    /// A push with these bytes.
    ///
    /// # Errors
    ///
    /// [`PushError::TooLong`].
    pub fn bytes(payload: impl Into<Vec<u8>>) -> Result<Self, PushError> {
        let payload = payload.into();
        if payload.len() > MAX_LENGTH {
            return Err(TooLong(payload.len()).into());
        }
        Ok(Self { payload: Some(payload), ..Self::empty() })
    }

    /// A push with a JSON message; one that is declarative (`"web_push": 8030`) must be valid.
    ///
    /// # Errors
    ///
    /// [`PushError::Message`] or [`PushError::TooLong`].
    pub fn message(message: &Value) -> Result<Self, PushError> {
        let declarative = message.get("web_push").and_then(Value::as_f64) == Some(f64::from(WEB_PUSH));
        if declarative {
            message::check(message).map_err(|why| match why {
                Invalid::TooLong(length) => PushError::TooLong(TooLong(length)),
                other => PushError::Message(other.to_string()),
            })?;
        }
        Self::bytes(message.to_string())
    }

    /// Sets for how many seconds a push service keeps the message for a browser that is away (RFC 8030 section 5.2).
    pub fn ttl(mut self, seconds: u32) -> Self {
        self.ttl = seconds;
        self
    }

    /// Sets the urgency.
    pub fn urgency(mut self, urgency: Urgency) -> Self {
        self.urgency = Some(urgency);
        self
    }

    /// Sets the topic: the message replaces an undelivered one with the same topic (RFC 8030 section 5.4).
    ///
    /// # Errors
    ///
    /// [`PushError::Topic`].
    pub fn topic(mut self, topic: impl Into<String>) -> Result<Self, PushError> {
        let topic = topic.into();
        let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=32).contains(&topic.len()) || !topic.bytes().all(good) {
            return Err(PushError::Topic);
        }
        self.topic = Some(topic);
        Ok(self)
    }

    /// Pads the payload up to this many bytes, at most to the longest that there may be: then its length does not tell
    /// what it says to whoever sees it pass (RFC 8291 section 4, RFC 8188 section 4.8).
    pub fn padded(mut self, length: usize) -> Self {
        self.padding = length.min(MAX_LENGTH);
        self
    }

    /// For how many seconds a push service keeps it.
    pub fn seconds(&self) -> u32 {
        self.ttl
    }

    /// How much it matters, if that was said.
    pub fn urgency_value(&self) -> Option<Urgency> {
        self.urgency
    }

    /// Its topic, if it has one.
    pub fn topic_value(&self) -> Option<&str> {
        self.topic.as_deref()
    }

    /// How many bytes its payload is padded to, at least.
    pub fn padded_length(&self) -> usize {
        self.padding
    }

    /// What is encrypted, if anything.
    pub fn payload(&self) -> Option<&[u8]> {
        self.payload.as_deref()
    }

    /// The id that receipts of it name: `data.tidings.id` of its notification, if its payload is JSON that has one.
    ///
    /// # Example
    ///
    /// ```
    /// use tidings_server::Push;
    ///
    /// let message = serde_json::json!({"title": "Lunch", "data": {"tidings": {"id": "m7"}}});
    /// assert_eq!(Push::message(&message)?.message_id().as_deref(), Some("m7"));
    /// # Ok::<(), tidings_server::push::PushError>(())
    /// ```
    pub fn message_id(&self) -> Option<String> {
        let payload: Value = serde_json::from_slice(self.payload()?).ok()?;
        // What is declarative has its notification in a member, other messages are one.
        let notification = payload.get("notification").unwrap_or(&payload);
        let id = notification.get("data")?.get(extras::KEY)?.get("id")?.as_str()?;
        (!id.is_empty()).then(|| id.to_owned())
    }

    /// The headers of RFC 8030 that say how to deliver it.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let ttl = Some(("ttl", self.ttl.to_string()));
        let urgency = self.urgency.map(|urgency| ("urgency", urgency.as_str().to_owned()));
        let topic = self.topic.clone().map(|topic| ("topic", topic));
        [ttl, urgency, topic].into_iter().flatten()
    }
}

impl Urgency {
    /// The value of the `Urgency` header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VeryLow => "very-low",
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
        }
    }
}

impl std::str::FromStr for Urgency {
    type Err = PushError;

    fn from_str(text: &str) -> Result<Self, PushError> {
        [Self::VeryLow, Self::Low, Self::Normal, Self::High]
            .into_iter()
            .find(|urgency| urgency.as_str() == text)
            .ok_or(PushError::Urgency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_message_that_claims_to_be_declarative_must_be() {
        for good in [
            json!({"web_push": 8030, "notification": {"title": "", "navigate": "/"}}),
            json!({"unread": 3}),
            json!([1]),
            json!(null),
            json!({"web_push": 8031}),
        ] {
            let push = Push::message(&good).expect("good");
            assert_eq!(push.payload(), Some(good.to_string().as_bytes()));
        }
        for bad in [json!({"web_push": 8030}), json!({"web_push": 8030.0, "notification": {"title": "T"}})] {
            assert!(matches!(Push::message(&bad), Err(PushError::Message(_))), "{bad}");
        }
    }

    #[test]
    fn writes_the_headers_of_rfc_8030() {
        let push = Push::empty().ttl(0).urgency(Urgency::VeryLow).topic("a-_1").expect("a topic");
        let headers: Vec<_> = push.headers().collect();
        let expected = [("ttl", "0"), ("urgency", "very-low"), ("topic", "a-_1")];
        assert_eq!(headers, expected.map(|(name, value)| (name, value.to_owned())));
        assert_eq!(Push::empty().headers().count(), 1);
    }

    #[test]
    fn refuses_bad_options() {
        for topic in ["", "a b", "ä", "a\r\nb", "abcdefghijklmnopqrstuvwxyz0123456"] {
            assert_eq!(Push::empty().topic(topic), Err(PushError::Topic), "{topic:?}");
        }
        assert_eq!("High".parse::<Urgency>(), Err(PushError::Urgency));
        assert_eq!(Push::bytes(vec![0; 3994]), Err(PushError::TooLong(TooLong(3994))));
        assert_eq!(Push::message(&json!("x".repeat(3992))), Err(PushError::TooLong(TooLong(3994))));
    }
}
