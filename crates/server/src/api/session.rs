//! The demo's sessions: who says a name gets it. No app should be like that; see [`crate::users`].

use axum::{
    Json,
    extract::{FromRequestParts, State as Extract},
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{body::Object, error::ApiError, origin};
use crate::state::State;

/// The user of a request that must have one.
pub(super) struct Person(pub(super) String);

impl FromRequestParts<State> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, ApiError> {
        if parts.method.is_safe() {
            origin::check_read(parts)?
        } else {
            origin::check(parts)?
        }
        let user = user(state, &parts.headers).await?;
        user.map(Self).ok_or_else(|| ApiError::unauthorized("user-unknown", "nobody is signed in: sign in first"))
    }
}

const COOKIE: &str = "tidings-session";

/// The user of a request, if there is one.
pub(super) async fn user(state: &State, headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    if let Some(authenticate) = &state.config().authenticate {
        return Ok(authenticate.user(headers));
    }
    match secret(headers) {
        Some(secret) if state.config().demo_sessions => Ok(state.store().session(secret).await?),
        _ => Ok(None),
    }
}

pub(super) async fn get(Extract(state): Extract<State>, headers: HeaderMap) -> Result<Json<Value>, ApiError> {
    Ok(Json(json!({ "user": user(&state, &headers).await? })))
}

pub(super) async fn post(Extract(state): Extract<State>, Object(members): Object) -> Result<Response, ApiError> {
    only_demo(&state)?;
    let user = members.get("user").and_then(Value::as_str).filter(|user| (1..=200).contains(&user.chars().count()));
    let user = user.ok_or_else(|| ApiError::invalid("`user` must be a string of 1 to 200 characters"))?;
    let secret = state.store().begin_session(user).await?;
    Ok((StatusCode::CREATED, cookie(&secret, 30 * 24 * 3600), Json(json!({ "user": user }))).into_response())
}

pub(super) async fn delete(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    Object(_): Object,
) -> Result<Response, ApiError> {
    only_demo(&state)?;
    if let Some(secret) = secret(&headers) {
        state.store().end_session(secret).await?;
    }
    Ok((StatusCode::NO_CONTENT, cookie("", 0)).into_response())
}

pub(super) fn only_demo(state: &State) -> Result<(), ApiError> {
    if state.config().demo_sessions { Ok(()) } else { Err(ApiError::not_found()) }
}

fn cookie(secret: &str, seconds: u32) -> [(header::HeaderName, HeaderValue); 1] {
    let text = format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={seconds}");
    // base64url and digits: always a header.
    [(header::SET_COOKIE, HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("")))]
}

fn secret(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    cookies.flat_map(|all| all.split(';')).find_map(|one| one.trim().strip_prefix(COOKIE)?.strip_prefix('='))
}
