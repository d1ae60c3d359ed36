//! The messages of autopush.

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Serialize};

use crate::mailbox::Message;

/// What Firefox says. Members it may send and nobody needs here are ignored.
#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(tag = "messageType", rename_all = "snake_case")]
pub(super) enum FromBrowser {
    /// First of all. With the identity it was given before, if it has subscriptions.
    Hello {
        #[serde(default)]
        uaid: Option<String>,
    },
    Register {
        #[serde(rename = "channelID")]
        channel_id: String,
        #[serde(default)]
        key: Option<String>,
    },
    Unregister {
        #[serde(rename = "channelID")]
        channel_id: String,
    },
    /// 100 given to the service worker, 101 not decrypted, 102 not delivered: none of them is to be repeated.
    Ack {
        updates: Vec<Update>,
    },
    /// The service worker failed. Final, too.
    Nack {
        version: String,
    },
    /// Would be answered with what has changed. Nothing ever has: Firefox would go and fetch it.
    BroadcastSubscribe {},
    Ping {},
}

/// One acknowledged message.
#[derive(Debug, Deserialize, PartialEq, Eq)]
pub(super) struct Update {
    pub(super) version: String,
}

/// What Firefox hears.
#[derive(Debug, Serialize)]
#[serde(tag = "messageType", rename_all = "snake_case")]
pub(super) enum ToBrowser<'a> {
    Hello {
        uaid: &'a str,
        status: u16,
        use_webpush: bool,
        broadcasts: Nothing,
    },
    Register {
        #[serde(rename = "channelID")]
        channel_id: &'a str,
        status: u16,
        #[serde(rename = "pushEndpoint")]
        push_endpoint: &'a str,
    },
    Unregister {
        #[serde(rename = "channelID")]
        channel_id: &'a str,
        status: u16,
    },
    Notification {
        #[serde(rename = "channelID")]
        channel_id: &'a str,
        version: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        headers: Option<Headers<'a>>,
    },
}

/// An empty JSON object.
#[derive(Debug, Serialize)]
pub(super) struct Nothing {}

/// What Firefox needs to decrypt a message.
#[derive(Debug, Serialize)]
pub(super) struct Headers<'a> {
    encoding: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    encryption: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    crypto_key: Option<&'a str>,
}

/// The answer to a ping, and the ping itself.
pub(super) const PONG: &str = "{}";

/// Reads one message.
pub(super) fn decode(text: &str) -> Result<FromBrowser, serde_json::Error> {
    if text.trim() == PONG {
        return Ok(FromBrowser::Ping {});
    }
    serde_json::from_str(text)
}

impl ToBrowser<'_> {
    pub(super) fn encode(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(self)
    }
}

impl<'a> From<&'a Message> for ToBrowser<'a> {
    fn from(message: &'a Message) -> Self {
        let payload = message.post.payload.as_ref();
        Self::Notification {
            channel_id: &message.channel.name,
            version: &message.id,
            data: payload.map(|payload| Base64UrlUnpadded::encode_string(&payload.body)),
            headers: payload.map(|payload| Headers {
                encoding: &payload.encoding,
                encryption: payload.encryption.as_deref(),
                crypto_key: payload.crypto_key.as_deref(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_firefox_sends() {
        let hello = r#"{"messageType":"hello","broadcasts":{"remote-settings/monitor_changes":"\"1\""},"use_webpush":true,"uaid":"ab"}"#;
        assert_eq!(decode(hello).unwrap(), FromBrowser::Hello { uaid: Some("ab".to_owned()) });
        let register = r#"{"channelID":"c","messageType":"register","key":"k="}"#;
        assert_eq!(
            decode(register).unwrap(),
            FromBrowser::Register { channel_id: "c".to_owned(), key: Some("k=".to_owned()) }
        );
        let ack = r#"{"messageType":"ack","updates":[{"channelID":"c","version":"v","code":100}]}"#;
        assert_eq!(decode(ack).unwrap(), FromBrowser::Ack { updates: vec![Update { version: "v".to_owned() }] });
        let broadcast = r#"{"messageType":"broadcast_subscribe","broadcasts":{"test/demo":"0"}}"#;
        assert_eq!(decode(broadcast).unwrap(), FromBrowser::BroadcastSubscribe {});
        assert_eq!(decode("{}").unwrap(), FromBrowser::Ping {});
    }

    #[test]
    fn refuses_what_it_never_sends() {
        for text in ["", "[]", "null", r#"{"messageType":"shout"}"#, r#"{"messageType":"register"}"#] {
            assert!(decode(text).is_err(), "{text}");
        }
    }

    fn any_json() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            "\\PC*".prop_map(Into::into),
        ];
        leaf.prop_recursive(3, 24, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
                proptest::collection::hash_map("messageType|channelID|updates|version|uaid|\\PC{0,4}", inner, 0..6)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "\\PC*") {
            let _ = decode(&text);
        }

        #[test]
        fn any_json_is_read_or_refused(
            mut json in any_json(),
            kind in "hello|register|unregister|ack|nack|ping|broadcast_subscribe|\\PC*",
        ) {
            let _ = decode(&json.to_string());
            if let Some(object) = json.as_object_mut() {
                object.insert("messageType".to_owned(), kind.into());
            }
            let _ = decode(&json.to_string());
        }
    }
}
