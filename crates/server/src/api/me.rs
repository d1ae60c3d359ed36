//! What a person may do with what is stored of them, and the same for the app's own server.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::StatusCode,
};
use serde_json::{Value, json};
use tidings_core::base64url;

use super::{access::Sender, error::ApiError, session::Person, subscriptions::describe};
use crate::state::{State, short};

pub(super) async fn devices(Extract(state): Extract<State>, Person(user): Person) -> Result<Json<Value>, ApiError> {
    list(&state, &user).await
}

pub(super) async fn devices_of(
    Extract(state): Extract<State>,
    _: Sender,
    Path(user): Path<String>,
) -> Result<Json<Value>, ApiError> {
    list(&state, &user).await
}

/// Takes a device from its user, who lost it or signs it out from elsewhere.
pub(super) async fn detach(
    Extract(state): Extract<State>,
    Person(user): Person,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let record = state.store().get(&id).await?;
    // Of another user's device nobody learns that it is there.
    if record.and_then(|record| record.user).as_ref() != Some(&user) {
        return Err(ApiError::unknown_subscription());
    }
    state.store().detach(&id).await?;
    tracing::info!(subscription = short(&id), "detached");
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn export(Extract(state): Extract<State>, Person(user): Person) -> Result<Json<Value>, ApiError> {
    exported(&state, &user).await
}

pub(super) async fn export_of(
    Extract(state): Extract<State>,
    _: Sender,
    Path(user): Path<String>,
) -> Result<Json<Value>, ApiError> {
    exported(&state, &user).await
}

pub(super) async fn erase(Extract(state): Extract<State>, Person(user): Person) -> Result<Json<Value>, ApiError> {
    erased(&state, &user).await
}

pub(super) async fn erase_of(
    Extract(state): Extract<State>,
    _: Sender,
    Path(user): Path<String>,
) -> Result<Json<Value>, ApiError> {
    erased(&state, &user).await
}

async fn list(state: &State, user: &str) -> Result<Json<Value>, ApiError> {
    let devices: Vec<Value> = state.store().devices_of_user(user).await?.iter().map(describe).collect();
    Ok(Json(json!({ "devices": devices })))
}

async fn exported(state: &State, user: &str) -> Result<Json<Value>, ApiError> {
    let export = state.store().export_user(user).await?;
    let subscriptions = export.subscriptions.iter().map(|record| {
        let mut json = describe(record);
        json["endpoint"] = record.endpoint.as_str().into();
        json["keys"] = json!({ "p256dh": base64url::encode(&record.p256dh), "auth": base64url::encode(&record.auth) });
        json["device"] = record.device.as_deref().into();
        json
    });
    let receipts = export
        .receipts
        .iter()
        .map(|receipt| json!({ "id": receipt.message_id, "type": receipt.kind, "at": receipt.at }));
    let messages = export.jobs.iter().map(|job| {
        let payload = job.payload.as_deref().map(|bytes| match serde_json::from_slice::<Value>(bytes) {
            Ok(json) => json,
            Err(_) => json!({ "base64url": base64url::encode(bytes) }),
        });
        json!({ "id": job.id, "created": job.created, "payload": payload })
    });
    Ok(Json(json!({
        "user": user,
        "subscriptions": subscriptions.collect::<Vec<_>>(),
        "receipts": receipts.collect::<Vec<_>>(),
        "messages": messages.collect::<Vec<_>>(),
    })))
}

async fn erased(state: &State, user: &str) -> Result<Json<Value>, ApiError> {
    let count = state.store().erase_user(user).await?;
    tracing::info!(subscriptions = count, "a user's data was erased");
    Ok(Json(json!({ "erased": count })))
}
