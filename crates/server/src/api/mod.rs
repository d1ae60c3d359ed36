//! The HTTP API under `/api/v1`: JSON, members in camelCase, times in milliseconds since the Unix epoch.
//!
//! | route | body | answer |
//! |---|---|---|
//! | `GET /health` | | 200 `{"status"}` |
//! | `GET /key` | | 200 `{"publicKey"}` |
//! | `PUT /subscriptions` | `subscription.toJSON()`, and `replaces` | 201 or 200 `{"id"}` |
//! | `DELETE /subscriptions` | `{"endpoint"}` | 204 |
//! | `GET /subscriptions/{id}` | | 200 `{"id", "created", …}` |
//! | `POST /subscriptions/{id}/messages` | `{"message"}` or `{"payload"}`, and `ttl`, `urgency`, `topic` | 200 `{"status", "pushService", "location"}` |
//!
//! Every error is `{"error": {"code", "message"}}`.

mod body;
mod error;
mod messages;
mod subscriptions;

use axum::{
    Json, Router,
    extract::State as Extract,
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

async fn key(Extract(state): Extract<State>) -> Json<Value> {
    Json(json!({ "publicKey": state.sender().key().public_key() }))
}
