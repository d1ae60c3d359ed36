//! The HTTP API under `/api/v1`: JSON, members in camelCase, times in milliseconds since the Unix epoch.
//!
//! Routes for browsers: no token, but the same origin, a session where a user is meant, and so many requests a client.
//!
//! | route | body | answer |
//! |---|---|---|
//! | `GET /health` | | 200 `{"status"}` |
//! | `GET /openapi.json` | | this table, for programs |
//! | `GET /key`, `?subscription={id}` | | 200 `{"publicKey"}`, and `known`: whether that subscription is stored |
//! | `PUT /subscriptions` | `subscription.toJSON()`, and `replaces`, `device`, `label`, `tags`, `user` | 201 or 200 `{"id"}` |
//! | `DELETE /subscriptions` | `{"endpoint"}` | 204 |
//! | `POST /receipts`, `Idempotency-Key` | `{"type", "id", "at"}` | 201 or 200 `{"counted"}` |
//! | `GET /me/devices` | | 200 `{"devices"}` |
//! | `DELETE /me/devices/{id}` | | 204: it is nobody's |
//! | `GET /me/export`, `DELETE /me` | | all that is stored of the user; it is erased |
//! | `GET`, `POST`, `DELETE /session` | `{"user"}` | the demo's: who says a name gets it |
//! | `POST /demo/messages`, `/demo/key` | see the module `demo` | the demo's: send to anybody, a new key |
//!
//! Routes for programs, with `Authorization: Bearer TOKEN`:
//!
//! | route | body | answer |
//! |---|---|---|
//! | `POST /sends` | `to`, `at`, `dryRun` and what a message has | 202, see below |
//! | `GET /sends`, `?before={id}` | | 200 `{"sends"}` |
//! | `GET /sends/{id}` | | 200 `{"id", "to", "state", "counts", …}` |
//! | `DELETE /sends/{id}` | | 200: it is cancelled |
//! | `POST /sends/{id}/pause`, `/resume` | | 200 |
//! | `GET /sends/{id}/events` | | server-sent events `progress` and `end` |
//! | `GET /sends/{id}/failures`, `?after={id}` | | 200 `{"failures"}` |
//! | `POST /subscriptions/{id}/messages` | `{"message"}` or `{"payload"}`, and `ttl`, `urgency`, `topic` | 200 `{"status", "pushService", "location"}` |
//! | `POST /users/{user}/messages` | the same, to each device of the user, now | 200 `{"sent", "failed"}` |
//! | `GET /subscriptions/{id}` | | 200 `{"id", "created", …}` |
//! | `GET /messages/{id}/receipts` | | 200: how many of each type |
//! | `GET /users/{user}/devices`, `/export`; `DELETE /users/{user}` | | as for `/me` |
//!
//! Every error is `{"error": {"code", "message"}}`.

mod access;
mod body;
mod client;
mod demo;
mod error;
mod me;
mod messages;
mod origin;
mod receipts;
mod sends;
mod session;
mod subscriptions;
mod watch;

use std::collections::HashMap;

use axum::{
    Json, Router,
    extract::{Query, State as Extract},
    http::header,
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodRouter, delete, get, post, put},
};
use serde_json::{Value, json};

use crate::{metrics, state::State};
use access::Sender;
use error::ApiError;

pub(crate) use watch::log;

/// What the API can do, for programs; a test compares it with the routes.
const OPENAPI: &str = include_str!("openapi.json");

type Table = Vec<(&'static str, MethodRouter<State>)>;

/// Browsers and whoever else has no token.
fn browser_routes() -> Table {
    vec![
        ("/health", get(health)),
        ("/openapi.json", get(openapi)),
        ("/key", get(key)),
        ("/subscriptions", put(subscriptions::put).delete(subscriptions::delete)),
        ("/receipts", post(receipts::post)),
        ("/me", delete(me::erase)),
        ("/me/devices", get(me::devices)),
        ("/me/devices/{id}", delete(me::detach)),
        ("/me/export", get(me::export)),
        ("/session", get(session::get).post(session::post).delete(session::delete)),
    ]
}

/// The demo's own, which answer with `demo_sessions` only.
fn demo_routes() -> Table {
    vec![("/demo/messages", post(demo::send)), ("/demo/key", post(demo::rotate))]
}

/// Programs with a token: each handler takes a [`Sender`].
fn program_routes() -> Table {
    vec![
        ("/sends", get(sends::list).post(sends::post)),
        ("/sends/{id}", get(sends::get).delete(sends::cancel)),
        ("/sends/{id}/pause", post(sends::pause)),
        ("/sends/{id}/resume", post(sends::resume)),
        ("/sends/{id}/events", get(sends::events)),
        ("/sends/{id}/failures", get(sends::failures)),
        ("/subscriptions/{id}", get(subscriptions::get)),
        ("/subscriptions/{id}/messages", post(messages::post)),
        ("/messages/{id}/receipts", get(receipts::counts)),
        ("/users/{user}", delete(me::erase_of)),
        ("/users/{user}/devices", get(me::devices_of)),
        ("/users/{user}/export", get(me::export_of)),
        ("/users/{user}/messages", post(messages::post_to_user)),
    ]
}

pub(crate) fn routes(state: &State) -> Router<State> {
    let of =
        |table: Table| table.into_iter().fold(Router::new(), |router, (path, methods)| router.route(path, methods));
    of(browser_routes())
        .merge(of(demo_routes()))
        .layer(middleware::from_fn_with_state(state.clone(), watch::limit))
        .merge(of(program_routes()))
        .fallback(not_found)
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
}

pub(crate) async fn not_found() -> Response {
    ApiError::not_found().into_response()
}

pub(crate) async fn health(Extract(state): Extract<State>) -> Result<Json<Value>, ApiError> {
    state.store().ping().await?;
    Ok(Json(json!({ "status": "ok" })))
}

/// How many there are of what is nobody else's business: so it needs a token here.
pub(crate) async fn metrics(state: Extract<State>, _: Sender) -> Result<Response, ApiError> {
    metrics_unguarded(state).await
}

pub(crate) async fn metrics_unguarded(Extract(state): Extract<State>) -> Result<Response, ApiError> {
    Ok(([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], state.measure().await?).into_response())
}

async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
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

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, http::Request};
    use std::collections::{BTreeMap, BTreeSet};
    use tower::ServiceExt;

    /// The methods that a route has, as it says itself when asked for another.
    async fn methods(methods: MethodRouter<State>, state: &State) -> BTreeSet<String> {
        let request = Request::builder().method("BREW").uri("/").body(Body::empty()).expect("a request");
        let Ok(response) = methods.with_state(state.clone()).oneshot(request).await;
        let allow = response.headers()[header::ALLOW].to_str().expect("text").to_lowercase();
        allow.split(',').filter(|method| *method != "head").map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn the_description_has_every_route_and_no_other() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = State::open(&crate::Config::new(folder.path())).await.expect("opens");
        let mut routes = BTreeMap::new();
        for (path, router) in browser_routes().into_iter().chain(program_routes()) {
            routes.insert(path.to_owned(), methods(router, &state).await);
        }
        let description: Value = serde_json::from_str(OPENAPI).expect("JSON");
        let paths = description["paths"].as_object().expect("an object");
        let described: BTreeMap<String, BTreeSet<String>> = paths
            .iter()
            .map(|(path, methods)| (path.clone(), methods.as_object().expect("an object").keys().cloned().collect()))
            .collect();
        assert_eq!(described, routes);
    }

    #[test]
    fn the_description_says_which_routes_need_a_token() {
        let description: Value = serde_json::from_str(OPENAPI).expect("JSON");
        for (table, token) in [(browser_routes(), false), (program_routes(), true)] {
            for (path, _) in table {
                for (method, operation) in description["paths"][path].as_object().expect("described") {
                    let says = operation["security"][0].get("token").is_some();
                    assert_eq!(says, token, "{method} {path}");
                }
            }
        }
    }
}
