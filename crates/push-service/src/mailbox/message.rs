//! A message and what it carries.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Channel;

/// The encrypted body of a message, and what the browser needs to decrypt it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Payload {
    #[serde(serialize_with = "encode", deserialize_with = "decode")]
    pub(crate) body: Vec<u8>,
    /// `aes128gcm`, or the older `aesgcm`, which needs the two headers below.
    pub(crate) encoding: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) encryption: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) crypto_key: Option<String>,
}

/// What a sender asks to have delivered.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Post {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) payload: Option<Payload>,
    pub(crate) ttl: Duration,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) topic: Option<String>,
}

/// A message on its way to one channel.
#[derive(Debug)]
pub(crate) struct Message {
    /// Unique in the service, and hard to guess: it is also the capability to remove the message.
    pub(crate) id: String,
    pub(crate) channel: Arc<Channel>,
    pub(crate) post: Post,
    pub(crate) sent: SystemTime,
    expires: Instant,
}

impl Message {
    pub(super) fn new(channel: Arc<Channel>, post: Post, now: Instant) -> Self {
        Self { id: crate::random::token(), channel, expires: now + post.ttl, post, sent: SystemTime::now() }
    }

    /// A message from before a restart. Only the clock on the wall knows how much of its time has passed; if that was
    /// put back meanwhile, none has.
    pub(super) fn kept(id: String, channel: Arc<Channel>, post: Post, sent: SystemTime, now: Instant) -> Self {
        let passed = SystemTime::now().duration_since(sent).unwrap_or_default();
        Self { id, channel, expires: now + post.ttl.saturating_sub(passed), post, sent }
    }

    /// Whether its time to live has passed. A TTL of zero has passed at once: deliver now or never.
    pub(super) fn expired(&self, now: Instant) -> bool {
        self.expires <= now
    }

    /// Whether this message takes the place of `older` (RFC 8030, section 5.4).
    pub(super) fn replaces(&self, older: &Self) -> bool {
        self.post.topic.is_some() && self.post.topic == older.post.topic && Arc::ptr_eq(&self.channel, &older.channel)
    }
}

fn encode<S: Serializer>(body: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&Base64UrlUnpadded::encode_string(body))
}

fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    Base64UrlUnpadded::decode_vec(&text).map_err(serde::de::Error::custom)
}
