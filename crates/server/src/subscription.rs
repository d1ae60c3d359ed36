//! What a browser's `PushSubscription.toJSON()` says, checked.

use std::fmt;

use p256::PublicKey;
use serde_json::Value;
use tidings_core::base64url;

use crate::{
    config::LocalPushService,
    endpoint::{Endpoint, EndpointError, subscription_id},
};

/// A subscription that can be sent to: endpoint and keys (Push API, `PushSubscriptionJSON`).
///
/// # Example
///
/// ```
/// use tidings_server::Subscription;
///
/// let json = serde_json::json!({
///     "endpoint": "https://push.example/1",
///     "expirationTime": null,
///     "keys": {
///         "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
///         "auth": "BTBZMqHH6r4Tts7J_aSIgg",
///     },
/// });
/// let subscription = Subscription::from_json(&json, None)?;
/// assert_eq!(subscription.endpoint().audience(), "https://push.example");
/// # Ok::<(), tidings_server::subscription::SubscriptionError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    endpoint: Endpoint,
    expiration_time: Option<i64>,
    keys: Keys,
}

/// The receiver's half of the encryption (RFC 8291 section 2.1); `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    p256dh: [u8; 65],
    auth: [u8; 16],
}

/// Why something is not a subscription.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubscriptionError {
    /// It is no JSON object.
    #[error("a subscription is a JSON object: upload what `subscription.toJSON()` returns")]
    NotAnObject,
    /// A member is missing.
    #[error("`{0}` is missing: upload what `subscription.toJSON()` returns")]
    Missing(&'static str),
    /// A member has the wrong type.
    #[error("`{0}` must be {1}: upload what `subscription.toJSON()` returns")]
    Type(&'static str, &'static str),
    /// The endpoint must not be sent to.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// `keys.p256dh` is no P-256 public key.
    #[error("`keys.p256dh` {0}: it must be 65 bytes of P-256 public key as base64url without padding")]
    P256dh(&'static str),
    /// `keys.auth` is no secret of 16 bytes.
    #[error("`keys.auth` {0}: it must be 16 bytes as base64url without padding")]
    Auth(&'static str),
}

impl SubscriptionError {
    /// The stable code of this error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject | Self::Type(..) => "invalid-field",
            Self::Missing(_) => "missing-field",
            Self::Endpoint(why) => why.code(),
            Self::P256dh(_) => "p256dh-invalid",
            Self::Auth(_) => "auth-invalid",
        }
    }
}

impl Subscription {
    /// Reads a subscription; members that it does not know are left for others.
    ///
    /// # Errors
    ///
    /// [`SubscriptionError`], naming the first member that is wrong.
    pub fn from_json(value: &Value, local: Option<&LocalPushService>) -> Result<Self, SubscriptionError> {
        use SubscriptionError::{Missing, NotAnObject, Type};
        let members = value.as_object().ok_or(NotAnObject)?;
        let endpoint = text(members.get("endpoint"), "endpoint")?;
        let endpoint = Endpoint::parse(endpoint, local)?;
        let expiration_time = match members.get("expirationTime") {
            None | Some(Value::Null) => None,
            // A DOMHighResTimeStamp: it may have a fraction.
            Some(Value::Number(time)) => time.as_f64().map(|time| time as i64),
            Some(_) => return Err(Type("expirationTime", "a number or null")),
        };
        let keys = members.get("keys").ok_or(Missing("keys"))?;
        let keys = keys.as_object().ok_or(Type("keys", "an object"))?;
        let keys =
            Keys::from_base64url(text(keys.get("p256dh"), "keys.p256dh")?, text(keys.get("auth"), "keys.auth")?)?;
        Ok(Self { endpoint, expiration_time, keys })
    }

    /// A subscription from its parts.
    pub fn new(endpoint: Endpoint, expiration_time: Option<i64>, keys: Keys) -> Self {
        Self { endpoint, expiration_time, keys }
    }

    /// Its id, see [`subscription_id`].
    pub fn id(&self) -> String {
        subscription_id(self.endpoint.url().as_str())
    }

    /// Where its messages are posted.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// When it ends, in milliseconds since the Unix epoch, if the browser says so.
    pub fn expiration_time(&self) -> Option<i64> {
        self.expiration_time
    }

    /// What its messages are encrypted with.
    pub fn keys(&self) -> &Keys {
        &self.keys
    }
}

impl Keys {
    /// Reads both keys as `toJSON()` writes them.
    ///
    /// # Errors
    ///
    /// [`SubscriptionError::P256dh`] or [`SubscriptionError::Auth`].
    pub fn from_base64url(p256dh: &str, auth: &str) -> Result<Self, SubscriptionError> {
        let p256dh = base64url::decode(p256dh).ok_or(SubscriptionError::P256dh("is not base64url"))?;
        let auth = base64url::decode(auth).ok_or(SubscriptionError::Auth("is not base64url"))?;
        Self::from_bytes(&p256dh, &auth)
    }

    /// Checks both keys.
    ///
    /// # Errors
    ///
    /// [`SubscriptionError::P256dh`] or [`SubscriptionError::Auth`].
    pub fn from_bytes(p256dh: &[u8], auth: &[u8]) -> Result<Self, SubscriptionError> {
        let p256dh: [u8; 65] = p256dh.try_into().map_err(|_| SubscriptionError::P256dh("does not have 65 bytes"))?;
        PublicKey::from_sec1_bytes(&p256dh)
            .map_err(|_| SubscriptionError::P256dh("is not a point of the curve P-256"))?;
        let auth = auth.try_into().map_err(|_| SubscriptionError::Auth("does not have 16 bytes"))?;
        Ok(Self { p256dh, auth })
    }

    /// The receiver's public key: an uncompressed point of P-256.
    pub fn p256dh(&self) -> &[u8; 65] {
        &self.p256dh
    }

    /// The same in a vector.
    pub fn p256dh_bytes(&self) -> Vec<u8> {
        self.p256dh.to_vec()
    }

    /// The secret that sender and receiver share.
    pub fn auth(&self) -> &[u8; 16] {
        &self.auth
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(…)")
    }
}

fn text<'a>(value: Option<&'a Value>, name: &'static str) -> Result<&'a str, SubscriptionError> {
    let value = value.ok_or(SubscriptionError::Missing(name))?;
    value.as_str().ok_or(SubscriptionError::Type(name, "a string"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use p256::{
        SecretKey,
        elliptic_curve::{rand_core::OsRng, sec1::ToEncodedPoint},
    };
    use proptest::prelude::*;
    use serde_json::json;

    const P256DH: &str = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    /// A good subscription, another for each number.
    pub(crate) fn example(number: u32) -> Subscription {
        let endpoint = format!("https://push.example/{number}");
        let json = json!({"endpoint": endpoint, "keys": {"p256dh": P256DH, "auth": AUTH}});
        Subscription::from_json(&json, None).expect("good")
    }

    #[test]
    fn names_what_is_wrong() {
        let off_curve = base64url::encode(&[4; 65]);
        let compressed =
            base64url::encode(SecretKey::random(&mut OsRng).public_key().to_encoded_point(true).as_bytes());
        let good = json!({"endpoint": "https://push.example/1", "expirationTime": 1.5, "keys": {"p256dh": P256DH, "auth": AUTH}});
        assert!(Subscription::from_json(&good, None).is_ok());
        let cases = [
            ("/endpoint", json!(null), "invalid-field", "endpoint"),
            ("/endpoint", json!(7), "invalid-field", "endpoint"),
            ("/endpoint", json!("x"), "endpoint-invalid", "toJSON"),
            ("/endpoint", json!("http://push.example/1"), "endpoint-not-https", "https"),
            ("/endpoint", json!("https://u:p@push.example/1"), "endpoint-has-credentials", "password"),
            ("/endpoint", json!("https://192.168.1.1/1"), "endpoint-not-public", "--push-service"),
            ("/expirationTime", json!("soon"), "invalid-field", "expirationTime"),
            ("/keys", json!([]), "invalid-field", "keys"),
            ("/keys", json!({"auth": AUTH}), "missing-field", "keys.p256dh"),
            ("/keys", json!({"p256dh": P256DH}), "missing-field", "keys.auth"),
            ("/keys/p256dh", json!(P256DH.replace('-', "+")), "p256dh-invalid", "base64url"),
            ("/keys/p256dh", json!(P256DH[..86]), "p256dh-invalid", "base64url"),
            ("/keys/p256dh", json!(P256DH[..84]), "p256dh-invalid", "65 bytes"),
            ("/keys/p256dh", json!(""), "p256dh-invalid", "65 bytes"),
            ("/keys/p256dh", json!(compressed), "p256dh-invalid", "65 bytes"),
            ("/keys/p256dh", json!(off_curve), "p256dh-invalid", "curve"),
            ("/keys/p256dh", json!(P256DH.replacen('B', "C", 1)), "p256dh-invalid", "curve"),
            ("/keys/auth", json!("BTBZMqHH6r4Tts7J_aSI"), "auth-invalid", "16 bytes"),
            ("/keys/auth", json!("BTBZMqHH6r4Tts7J_aSIgg=="), "auth-invalid", "base64url"),
            ("/keys/auth", json!(["a"]), "invalid-field", "keys.auth"),
        ];
        for (pointer, value, code, word) in cases {
            let mut json = good.clone();
            *json.pointer_mut(pointer).expect("there") = value;
            let error = Subscription::from_json(&json, None).expect_err(pointer);
            assert_eq!(error.code(), code, "{json}");
            assert!(error.to_string().contains(word), "{error}");
        }
        for (json, code) in [(json!([]), "invalid-field"), (json!({}), "missing-field")] {
            assert_eq!(Subscription::from_json(&json, None).map_err(|e| e.code()), Err(code));
        }
    }

    #[test]
    fn shows_no_secret() {
        let text = format!("{:?}", example(1));
        assert!(!text.contains(P256DH) && !text.contains("/1"), "{text}");
    }

    proptest! {
        #[test]
        fn never_panics(p256dh in "[A-Za-z0-9_-]{0,90}", auth in "\\PC{0,24}", time: f64) {
            let json = json!({"endpoint": "https://push.example/1", "expirationTime": time,
                "keys": {"p256dh": p256dh, "auth": auth}});
            let _ = Subscription::from_json(&json, None);
        }
    }
}
