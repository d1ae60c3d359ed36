//! The messages of MCS, as far as they matter here (Chromium's `google_apis/gcm/protocol/mcs.proto`).

use std::time::UNIX_EPOCH;

use crate::mailbox;

/// The tag of each message in its frame.
pub(super) mod tag {
    pub(crate) const HEARTBEAT_PING: u8 = 0;
    pub(crate) const HEARTBEAT_ACK: u8 = 1;
    pub(crate) const LOGIN_REQUEST: u8 = 2;
    pub(crate) const LOGIN_RESPONSE: u8 = 3;
    pub(crate) const CLOSE: u8 = 4;
    pub(crate) const IQ: u8 = 7;
    pub(crate) const DATA_MESSAGE: u8 = 8;
}

/// What every message may carry: how many of ours the other side has had.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Heartbeat {
    #[prost(int32, optional, tag = "2")]
    pub(super) last_stream_id_received: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct LoginRequest {
    /// The Android identity, in decimal.
    #[prost(string, optional, tag = "3")]
    pub(super) user: Option<String>,
    /// Messages it has had and we may not know of.
    #[prost(string, repeated, tag = "10")]
    pub(super) received_persistent_id: Vec<String>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct LoginResponse {
    #[prost(string, required, tag = "1")]
    pub(super) id: String,
    #[prost(int32, optional, tag = "5")]
    pub(super) stream_id: Option<i32>,
    #[prost(int32, optional, tag = "6")]
    pub(super) last_stream_id_received: Option<i32>,
    #[prost(int64, optional, tag = "8")]
    pub(super) server_timestamp: Option<i64>,
}

/// From Chromium, an acknowledgement.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct Iq {
    #[prost(int32, optional, tag = "10")]
    pub(super) last_stream_id_received: Option<i32>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct AppData {
    #[prost(string, required, tag = "1")]
    pub(super) key: String,
    #[prost(string, required, tag = "2")]
    pub(super) value: String,
}

/// To Chromium, a push.
#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct DataMessage {
    #[prost(string, optional, tag = "2")]
    pub(super) id: Option<String>,
    /// The application server key as the page gave it: it selects the keys for decryption.
    #[prost(string, required, tag = "3")]
    pub(super) from: String,
    #[prost(string, required, tag = "5")]
    pub(super) category: String,
    /// The topic.
    #[prost(string, optional, tag = "6")]
    pub(super) token: Option<String>,
    #[prost(message, repeated, tag = "7")]
    pub(super) app_data: Vec<AppData>,
    #[prost(string, optional, tag = "9")]
    pub(super) persistent_id: Option<String>,
    #[prost(int32, optional, tag = "11")]
    pub(super) last_stream_id_received: Option<i32>,
    #[prost(int32, optional, tag = "17")]
    pub(super) ttl: Option<i32>,
    /// Milliseconds since 1970.
    #[prost(int64, optional, tag = "18")]
    pub(super) sent: Option<i64>,
    #[prost(bytes = "vec", optional, tag = "21")]
    pub(super) raw_data: Option<Vec<u8>>,
    #[prost(bool, optional, tag = "24")]
    pub(super) immediate_ack: Option<bool>,
}

impl From<&mailbox::Message> for DataMessage {
    fn from(message: &mailbox::Message) -> Self {
        let channel = &message.channel;
        let mut app_data = vec![AppData::new("subtype", &channel.name)];
        if let Some(payload) = &message.post.payload {
            app_data.push(AppData::new("content-encoding", &payload.encoding));
            let optional = [("encryption", &payload.encryption), ("crypto-key", &payload.crypto_key)];
            app_data.extend(optional.into_iter().filter_map(|(key, value)| Some(AppData::new(key, value.as_deref()?))));
        }
        let sent = message.sent.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self {
            id: Some(message.id.clone()),
            from: channel.sender.clone(),
            category: channel.app.clone(),
            token: message.post.topic.clone(),
            app_data,
            persistent_id: Some(message.id.clone()),
            last_stream_id_received: None,
            ttl: i32::try_from(message.post.ttl.as_secs()).ok(),
            sent: i64::try_from(sent.as_millis()).ok(),
            raw_data: message.post.payload.as_ref().map(|payload| payload.body.clone()),
            // Else Chromium acknowledges every tenth message only.
            immediate_ack: Some(true),
        }
    }
}

impl AppData {
    fn new(key: &str, value: &str) -> Self {
        Self { key: key.to_owned(), value: value.to_owned() }
    }
}
