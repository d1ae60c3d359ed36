//! The HTTP API under `/api/v1`: JSON, members in camelCase, times in milliseconds since the Unix epoch.
//!
//! | route | body | answer |
//! |---|---|---|
//! | `GET /health` | | 200 `{"status"}` |
//! | `GET /key`, `?subscription={id}` | | 200 `{"publicKey"}`, and `known`: whether that subscription is stored |
//! | `PUT /subscriptions` | `subscription.toJSON()`, and `replaces`, `device`, `label`, `tags`, `user` | 201 or 200 `{"id"}` |
//! | `DELETE /subscriptions` | `{"endpoint"}` | 204 |
//! | `GET /subscriptions/{id}` | | 200 `{"id", "created", …}` |
//! | `POST /subscriptions/{id}/messages` | `{"message"}` or `{"payload"}`, and `ttl`, `urgency`, `topic` | 200 `{"status", "pushService", "location"}` |
//! | `POST /users/{user}/messages` | the same, to each device of the user | 200 `{"sent", "failed"}` |
//! | `GET`, `POST`, `DELETE /session` | `{"user"}` | the demo's: who says a name gets it |
//!
//! Every error is `{"error": {"code", "message"}}`.

mod body;
mod error;
mod messages;
mod session;
mod subscriptions;

use std::collections::HashMap;

use axum::{
    Json, Router,
    extract::{Query, State as Extract},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde_json::{Value, json};

use crate::state::State;
use error::ApiError;

pub(crate) fn routes() -> Router<State> {
    Router::new()
        .route("/health", get(health))
        .route("/key", get(key))
        .route("/subscriptions", put(subscriptions::put).delete(subscriptions::delete))
        .route("/subscriptions/{id}", get(subscriptions::get))
        .route("/subscriptions/{id}/messages", post(messages::post))
        .route("/users/{user}/messages", post(messages::post_to_user))
        .route("/session", get(session::get).post(session::post).delete(session::delete))
        .fallback(not_found)
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
}

pub(crate) async fn not_found() -> Response {
    ApiError::not_found().into_response()
}

async fn health(Extract(state): Extract<State>) -> Result<Json<Value>, ApiError> {
    state.store().ping().await?;
    Ok(Json(json!({ "status": "ok" })))
}

/// The key, which every page asks for on load, and in the same answer whether its subscription is still stored.
async fn key(
    Extract(state): Extract<State>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, ApiError> {
    let mut answer = json!({ "publicKey": state.sender().key().public_key() });
    if let Some(id) = query.get("subscription") {
        answer["known"] = state.store().get(id).await?.is_some().into();
    }
    Ok(Json(answer))
}
