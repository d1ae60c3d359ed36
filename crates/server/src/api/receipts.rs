//! Receipts: what browsers report of messages, counted once each.

use std::time::Duration;

use axum::{
    Json,
    extract::{Path, RawQuery, State as Extract},
    http::{HeaderMap, StatusCode},
};
use serde_json::{Map, Value, json};

use super::{access::Sender, body::Object, error::ApiError, session};
use crate::{
    proof,
    state::State,
    store::{Noted, Receipt, milliseconds, now},
};

const KINDS: [&str; 5] = ["received", "shown", "clicked", "closed", "failed"];

/// A browser may be offline for as long as push services keep a message, and then some.
const OLDEST: Duration = Duration::from_secs(35 * 24 * 60 * 60);

/// Clocks differ.
const AHEAD: Duration = Duration::from_secs(24 * 60 * 60);

pub(super) async fn post(
    Extract(state): Extract<State>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    Object(members): Object,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let text = |name: &'static str| string(&members, name);
    let (message_id, kind) = (text("id")?, text("type")?);
    if !KINDS.contains(&kind.as_str()) {
        return Err(ApiError::invalid(format!("`type` must be one of `{}`", KINDS.join("`, `"))));
    }
    let now = now();
    let at = members.get("at").and_then(Value::as_f64).map_or(now, |at| at as i64);
    if at < now - milliseconds(OLDEST) || at > now + milliseconds(AHEAD) {
        let message = "`at` must be milliseconds since 1970, of the last 35 days: set the device's clock";
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "receipt-stale", message));
    }
    let source = headers.get("idempotency-key").and_then(|value| value.to_str().ok());
    let source = source.filter(|key| (1..=200).contains(&key.len())).ok_or_else(|| {
        ApiError::missing("the header `idempotency-key` is missing: the worker's outbox sends one with each receipt")
    })?;
    let user_id = session::user(&state, &headers).await?;
    // A browser proves that the message was sent to it, where the message has let it; it is counted once, whatever its keys.
    let proof = proof::proven(state.sender().keys(), &message_id, query.as_deref());
    let proven = proof.is_some();
    let source = proof.unwrap_or_else(|| source.to_owned());
    let receipt = Receipt { message_id, kind, source, at, user_id, proven };
    // What is not counted is no error to its sender, which is to be done with it: it could mend nothing, and of a receipt
    // that comes again the first answer may have been lost.
    let (code, why) = match state.store().note_receipt(&receipt).await? {
        Noted::New => return Ok((StatusCode::CREATED, Json(json!({ "counted": true })))),
        Noted::Again => ("receipt-replayed", "a receipt came again, and was not counted"),
        Noted::Unknown => ("receipt-unknown", "a receipt of a message that was not sent from here was not counted"),
    };
    state.metrics().refused(code);
    tracing::warn!(code, kind = receipt.kind, "{why}");
    Ok((StatusCode::OK, Json(json!({ "counted": false, "code": code }))))
}

/// How many browsers reported what of a message.
pub(super) async fn counts(
    Extract(state): Extract<State>,
    _: Sender,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let counts = state.store().receipt_counts(&id).await?;
    let of = |kind: &str| counts.iter().find(|count| count.kind == kind).map_or(0, |count| count.count);
    let members: Map<String, Value> = KINDS.iter().map(|kind| ((*kind).to_owned(), of(kind).into())).collect();
    Ok(Json(Value::Object(members)))
}

fn string(members: &Map<String, Value>, name: &'static str) -> Result<String, ApiError> {
    let value = members.get(name).ok_or_else(|| ApiError::missing(format!("`{name}` is missing")))?;
    let text = value.as_str().filter(|text| (1..=200).contains(&text.chars().count()));
    Ok(text.ok_or_else(|| ApiError::invalid(format!("`{name}` must be a string of 1 to 200 characters")))?.to_owned())
}
