//! Around each request: limits before it, logs and metrics after it.

use std::time::Instant;

use axum::{
    extract::{FromRequestParts, MatchedPath, Request, State as Extract},
    http::Method,
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    client::Client,
    error::{ApiError, Refusal},
};
use crate::state::State;

/// Refuses clients that ask for too much.
pub(super) async fn limit(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let Ok(client) = Client::from_request_parts(&mut parts, &state).await;
    if let Some(address) = client.address
        && let Err(wait) = state.counters().request(address)
    {
        let message = "too many requests came from this address: wait";
        return ApiError::slow_down("too-many-requests", wait, message).into_response();
    }
    next.run(Request::from_parts(parts, body)).await
}

/// Logs and counts what is answered. It names the route, never the path, the query or a header: those hold secrets.
pub(crate) async fn log(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let start = Instant::now();
    let (mut parts, body) = request.into_parts();
    let Ok(client) = Client::from_request_parts(&mut parts, &state).await;
    let route = parts.extensions.get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    let method = name(&parts.method);
    let response = next.run(Request::from_parts(parts, body)).await;
    let (status, took) = (response.status().as_u16(), start.elapsed());
    state.metrics().answered(route, method, status, took);
    let client = client.address.map(tracing::field::display);
    let ms = took.as_millis();
    match response.extensions().get::<Refusal>() {
        Some(Refusal(code)) => {
            state.metrics().refused(code);
            tracing::warn!(code, status, method, route, client, ms, "refused");
        }
        None => tracing::debug!(status, method, route, client, ms, "answered"),
    }
    response
}

/// Anybody can make up methods, and each would be a number of its own.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
