//! Check-in: a browser gets its Android identity.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{StatusCode, header};
use prost::Message as _;

use crate::sender::Refusal;
use crate::shared::Shared;

/// Chromium sends it along when it registers. Nobody checks it here.
const SECURITY_TOKEN: u64 = 0x7469_6469_6e67_7321;

/// The part of `AndroidCheckinRequest` that matters here.
#[derive(Clone, PartialEq, prost::Message)]
struct CheckinRequest {
    /// Zero or absent at the first check-in.
    #[prost(int64, optional, tag = "2")]
    id: Option<i64>,
}

/// `AndroidCheckinResponse`.
#[derive(Clone, PartialEq, prost::Message)]
struct CheckinResponse {
    #[prost(bool, required, tag = "1")]
    stats_ok: bool,
    #[prost(int64, required, tag = "3")]
    time_msec: i64,
    #[prost(fixed64, required, tag = "7")]
    android_id: u64,
    #[prost(fixed64, required, tag = "8")]
    security_token: u64,
    #[prost(bool, required, tag = "9")]
    settings_diff: bool,
}

/// `POST /checkin`: keeps the browser's identity or gives it one.
pub(crate) async fn checkin(State(shared): State<Arc<Shared>>, body: Bytes) -> Result<Response, Refusal> {
    let request = CheckinRequest::decode(body).map_err(|error| {
        let message = format!("this is not a check-in of Chromium ({error})");
        Refusal::new(StatusCode::BAD_REQUEST, 100, message)
    })?;
    let android_id = match request.id {
        None | Some(0) => crate::random::android_id(),
        Some(id) => id.cast_unsigned(),
    };
    shared.mailbox.admit(&android_id.to_string());
    tracing::info!(device = android_id, "Chromium checked in");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let response = CheckinResponse {
        stats_ok: true,
        time_msec: i64::try_from(now.as_millis()).unwrap_or(i64::MAX),
        android_id,
        security_token: SECURITY_TOKEN,
        settings_diff: false,
    };
    let content_type = [(header::CONTENT_TYPE, "application/x-protobuf")];
    Ok((content_type, response.encode_to_vec()).into_response())
}
