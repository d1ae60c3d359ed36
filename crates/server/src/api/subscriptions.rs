//! Subscriptions in, out and looked up.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};
use url::Url;

use super::{access::Sender, body::Object, error::ApiError, session};
use crate::{
    endpoint::subscription_id,
    state::{State, short},
    store,
    store::Record,
    subscription::SubscriptionError,
    upload::Upload,
};

pub(super) async fn put(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    Object(members): Object,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let upload = Upload::from_json(&members, state.local_push_service())?;
    upload.subscription.endpoint().check_service(&state.config().push_services).map_err(SubscriptionError::from)?;
    let user = session::user(&state, &headers).await?;
    let put = state.upload(&upload, user.as_deref()).await?;
    let id = upload.subscription.id();
    tracing::info!(subscription = short(&id), host = upload.subscription.endpoint().host(), ?put, "stored");
    let status = match put {
        store::Put::Created => StatusCode::CREATED,
        store::Put::Updated => StatusCode::OK,
    };
    Ok((status, Json(json!({ "id": id }))))
}

pub(super) async fn delete(Extract(state): Extract<State>, Object(members): Object) -> Result<StatusCode, ApiError> {
    let endpoint = match members.get("endpoint") {
        None => return Err(ApiError::missing("`endpoint` is missing: send `{\"endpoint\": subscription.endpoint}`")),
        Some(endpoint) => endpoint.as_str().ok_or_else(|| ApiError::invalid("`endpoint` must be a string"))?,
    };
    let id = subscription_id(endpoint);
    if state.store().delete(&id).await? {
        tracing::info!(subscription = short(&id), "deleted");
    }
    Ok(StatusCode::NO_CONTENT)
}

pub(super) async fn get(
    Extract(state): Extract<State>,
    _: Sender,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    let record = state.store().get(&id).await?.ok_or_else(ApiError::unknown_subscription)?;
    let mut json = describe(&record);
    json["user"] = record.user.into();
    Ok(Json(json))
}

/// What may be known of a subscription; its endpoint, its keys and its device's id are secrets.
pub(super) fn describe(record: &Record) -> Value {
    let origin = Url::parse(&record.endpoint).map(|url| url.origin().ascii_serialization()).ok();
    json!({
        "id": record.id,
        "pushService": origin,
        "expirationTime": record.expiration_time,
        "created": record.created,
        "lastSeen": record.last_seen,
        "lastSuccess": record.last_success,
        "failures": record.failures,
        "label": record.label,
        "tags": record.tags,
    })
}
