//! Subscriptions in, out and looked up.

use axum::{
    Json,
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode},
};
use serde_json::{Value, json};
use url::Url;

use super::{body::Object, error::ApiError, session};
use crate::{
    endpoint::subscription_id,
    state::{State, short},
    store,
    upload::Upload,
};

pub(super) async fn put(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    Object(members): Object,
) -> Result<(StatusCode, Json<Value>), ApiError> {
    let upload = Upload::from_json(&members, state.local_push_service())?;
    let user = session::user(&state, &headers).await?;
    let put = state.upload(&upload, user.as_deref()).await?;
    let id = upload.subscription.id();
    tracing::info!(subscription = short(&id), ?put, "stored");
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

pub(super) async fn get(Extract(state): Extract<State>, Path(id): Path<String>) -> Result<Json<Value>, ApiError> {
    let record = state.store().get(&id).await?.ok_or_else(ApiError::unknown_subscription)?;
    let origin = Url::parse(&record.endpoint).map(|url| url.origin().ascii_serialization()).ok();
    Ok(Json(json!({
        "id": record.id,
        "pushService": origin,
        "expirationTime": record.expiration_time,
        "created": record.created,
        "lastSeen": record.last_seen,
        "lastSuccess": record.last_success,
        "label": record.label,
        "tags": record.tags,
        "user": record.user,
    })))
}
