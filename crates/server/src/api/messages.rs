//! Messages out.

use axum::{
    Json,
    extract::{Path, State as Extract},
};
use serde_json::{Map, Value, json};
use tidings_core::base64url;

use super::{access::Sender, body::Object, error::ApiError};
use crate::{
    push::Push,
    state::{DeliveryError, State},
};

const MEMBERS: [&str; 5] = ["message", "payload", "ttl", "urgency", "topic"];

pub(super) async fn post(
    Extract(state): Extract<State>,
    _: Sender,
    Path(id): Path<String>,
    Object(members): Object,
) -> Result<Json<Value>, ApiError> {
    let push = read(&members, &[])?;
    let sent = state.send(&id, &push).await?;
    Ok(Json(json!({ "status": "sent", "pushService": sent.push_service, "location": sent.location })))
}

/// To each device of a user: one that is gone or busy keeps the others from nothing.
pub(super) async fn post_to_user(
    Extract(state): Extract<State>,
    _: Sender,
    Path(user): Path<String>,
    Object(members): Object,
) -> Result<Json<Value>, ApiError> {
    let push = read(&members, &[])?;
    let (mut sent, mut failed) = (0, 0);
    for id in state.store().of_user(&user).await? {
        match state.send(&id, &push).await {
            Ok(_) => sent += 1,
            Err(DeliveryError::Store(error)) => return Err(error.into()),
            Err(_) => failed += 1,
        }
    }
    Ok(Json(json!({ "sent": sent, "failed": failed })))
}

/// The push that a body asks for; `more` are the members that the route takes besides.
pub(super) fn read(members: &Map<String, Value>, more: &[&str]) -> Result<Push, ApiError> {
    let known: Vec<&str> = MEMBERS.iter().chain(more).copied().collect();
    if let Some(unknown) = members.keys().find(|name| !known.contains(&name.as_str())) {
        let known = known.join("`, `");
        return Err(ApiError::invalid(format!("`{unknown}` is not known: the members are `{known}`")));
    }
    let mut push = match (members.get("message"), members.get("payload")) {
        (Some(message), None) => Push::message(message)?,
        (None, Some(payload)) => read_payload(payload)?,
        (None, None) => return Err(ApiError::missing("`message` is missing: send `{\"message\": {…}}`")),
        (Some(_), Some(_)) => return Err(ApiError::invalid("`message` and `payload` exclude each other")),
    };
    if let Some(ttl) = members.get("ttl") {
        // As browsers and push services read it: a signed number of 32 bits.
        let seconds = ttl.as_u64().and_then(|ttl| i32::try_from(ttl).ok());
        let seconds = seconds.ok_or_else(|| ApiError::invalid("`ttl` must be a number of seconds, 0 to 2147483647"))?;
        push = push.ttl(seconds.unsigned_abs());
    }
    if let Some(urgency) = members.get("urgency") {
        push = push.urgency(urgency.as_str().unwrap_or_default().parse()?);
    }
    if let Some(topic) = members.get("topic") {
        push = push.topic(topic.as_str().unwrap_or_default())?;
    }
    Ok(push)
}

/// What is not JSON: `{"text"}`, `{"base64url"}`, or null for a push without a payload.
fn read_payload(payload: &Value) -> Result<Push, ApiError> {
    if payload.is_null() {
        return Ok(Push::empty());
    }
    let wrong = || ApiError::invalid("`payload` must be `{\"text\": \"…\"}`, `{\"base64url\": \"…\"}` or null");
    let members = payload.as_object().filter(|members| members.len() == 1).ok_or_else(wrong)?;
    let text = |name| members.get(name).and_then(Value::as_str);
    let bytes = match (text("text"), text("base64url")) {
        (Some(text), None) => text.as_bytes().to_vec(),
        (None, Some(text)) => base64url::decode(text)
            .ok_or_else(|| ApiError::invalid("`payload.base64url` is not base64url without padding"))?,
        _ => return Err(wrong()),
    };
    Ok(Push::bytes(bytes)?)
}
