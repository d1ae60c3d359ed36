//! How the service says no to a sender.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// A refusal: the status, a number that tells refusals with the same status apart, and what to do about it.
///
/// The numbers are autopush's where it has one; 114 (urgency) is ours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    status: StatusCode,
    errno: u16,
    message: String,
}

#[derive(Serialize)]
struct Body<'a> {
    code: u16,
    errno: u16,
    error: &'a str,
    message: &'a str,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, errno: u16, message: impl Into<String>) -> Self {
        Self { status, errno, message: message.into() }
    }

    #[cfg(test)]
    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }

    pub(crate) fn nothing_here() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            100,
            "nothing lives at this address: GET /about lists the addresses of this push service",
        )
    }

    pub(crate) fn unknown_endpoint() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            102,
            "no subscription has this endpoint (without --state this service forgets them all when it stops): subscribe again",
        )
    }

    pub(crate) fn gone() -> Self {
        Self::new(
            StatusCode::GONE,
            103,
            "this subscription has ended: delete it from your store, the browser will send a new one",
        )
    }

    pub(crate) fn unwritten() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            201,
            "this service cannot write its state file, so it takes nothing: make room on the disk, then send again",
        )
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            104,
            format!(
                "the encrypted body is larger than {limit} bytes: send less, and let the service worker fetch the rest"
            ),
        )
    }

    pub(crate) fn no_message() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            102,
            "no such message waits: it was delivered, replaced, removed or has expired",
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = Body {
            code: self.status.as_u16(),
            errno: self.errno,
            error: self.status.canonical_reason().unwrap_or_default(),
            message: &self.message,
        };
        let mut response = (self.status, Json(body)).into_response();
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("vapid"));
        }
        response
    }
}
