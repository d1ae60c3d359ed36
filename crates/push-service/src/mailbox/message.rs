//! A message and what it carries.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use super::Channel;

/// The encrypted body of a message, and what the browser needs to decrypt it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payload {
    pub(crate) body: Vec<u8>,
    /// `aes128gcm`, or the older `aesgcm`, which needs the two headers below.
    pub(crate) encoding: String,
    pub(crate) encryption: Option<String>,
    pub(crate) crypto_key: Option<String>,
}

/// What a sender asks to have delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Post {
    pub(crate) payload: Option<Payload>,
    pub(crate) ttl: Duration,
    pub(crate) topic: Option<String>,
}

/// A message on its way to one channel.
#[derive(Debug)]
pub(crate) struct Message {
    /// Unique in the service, and hard to guess: it is also the capability to remove the message.
    pub(crate) id: String,
    pub(crate) channel: Arc<Channel>,
    pub(crate) payload: Option<Payload>,
    pub(crate) ttl: Duration,
    pub(crate) topic: Option<String>,
    pub(crate) sent: SystemTime,
    expires: Instant,
}

impl Message {
    pub(super) fn new(channel: Arc<Channel>, post: Post, now: Instant) -> Self {
        Self {
            id: crate::random::token(),
            channel,
            payload: post.payload,
            ttl: post.ttl,
            topic: post.topic,
            sent: SystemTime::now(),
            expires: now + post.ttl,
        }
    }

    /// Whether its time to live has passed. A TTL of zero has passed at once: deliver now or never.
    pub(super) fn expired(&self, now: Instant) -> bool {
        self.expires <= now
    }

    /// Whether this message takes the place of `older` (RFC 8030, section 5.4).
    pub(super) fn replaces(&self, older: &Self) -> bool {
        self.topic.is_some() && self.topic == older.topic && Arc::ptr_eq(&self.channel, &older.channel)
    }
}
