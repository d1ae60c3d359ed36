//! Errors as clients see them: a status, a stable code, and a sentence that says what to do.

use std::time::Duration;

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

use crate::{
    push::PushError,
    sender::SendError,
    state::DeliveryError,
    store::{PutError, StoreError},
    subscription::SubscriptionError,
    upload::UploadError,
    vapid::KeyError,
};

/// When to come back after the database was busy, or away.
const STORE_BUSY: Duration = Duration::from_secs(5);

/// An error answer.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<Duration>,
}

/// The code of an error answer, for logs and metrics.
#[derive(Clone, Copy)]
pub(crate) struct Refusal(pub(crate) &'static str);

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    /// The stable code.
    #[cfg(test)]
    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    /// Too much from one client.
    pub(crate) fn slow_down(code: &'static str, wait: Duration, message: &'static str) -> Self {
        Self { retry_after: Some(wait), ..Self::new(StatusCode::TOO_MANY_REQUESTS, code, message) }
    }

    /// No token, or not a good one.
    pub(crate) fn unauthorized(code: &'static str, message: &'static str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, code, message)
    }

    pub(crate) fn missing(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "missing-field", message)
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid-field", message)
    }

    pub(crate) fn unknown_subscription() -> Self {
        DeliveryError::Unknown.into()
    }

    pub(crate) fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "there is nothing at this path: the API is under /api/v1")
    }

    pub(crate) fn rotation(error: KeyError) -> Self {
        tracing::error!(?error, "the key was not changed");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "key-not-written", "the new key could not be written: see the log")
    }

    pub(crate) fn method_not_allowed() -> Self {
        let message = "this path has other methods: see the header `allow`";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": { "code": self.code, "message": self.message } }));
        let mut response = (self.status, body).into_response();
        response.extensions_mut().insert(Refusal(self.code));
        let headers = response.headers_mut();
        if let Some(wait) = self.retry_after {
            // In whole seconds: never earlier than it says.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if self.status == StatusCode::REQUEST_TIMEOUT {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// For `?` on `Subscription::from_json`.
impl From<SubscriptionError> for ApiError {
    fn from(error: SubscriptionError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error.code(), error.to_string())
    }
}

/// For `?` on `Upload::from_json`.
impl From<UploadError> for ApiError {
    fn from(error: UploadError) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error.code(), error.to_string())
    }
}

/// For `?` on `State::upload`.
impl From<PutError> for ApiError {
    fn from(error: PutError) -> Self {
        let message = error.to_string();
        match error {
            PutError::Key => Self::new(StatusCode::CONFLICT, "key-unknown", message),
            PutError::Keys => Self::new(StatusCode::CONFLICT, "keys-refused", message),
            PutError::NotYours => Self::new(StatusCode::CONFLICT, "replaces-refused", message),
            PutError::User { known: true } => Self::new(StatusCode::FORBIDDEN, "user-refused", message),
            PutError::User { known: false } => Self::new(StatusCode::UNAUTHORIZED, "user-refused", message),
            PutError::Store(error) => error.into(),
        }
    }
}

/// For `?` on the making of a `Push`.
impl From<PushError> for ApiError {
    fn from(error: PushError) -> Self {
        let status = match error {
            PushError::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
            _ => StatusCode::BAD_REQUEST,
        };
        Self::new(status, error.code(), error.to_string())
    }
}

/// For `?` on the store.
impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(?error, "the store failed");
        let passes = matches!(error, StoreError::Locked | StoreError::Conflict(_) | StoreError::Unreachable(_));
        Self {
            retry_after: passes.then_some(STORE_BUSY),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "store-unavailable", error.to_string())
        }
    }
}

/// For `?` on `State::send`.
impl From<DeliveryError> for ApiError {
    fn from(error: DeliveryError) -> Self {
        let (code, message) = (error.code(), error.to_string());
        match error {
            DeliveryError::Store(error) => error.into(),
            DeliveryError::Subscription(error) => error.into(),
            DeliveryError::Unknown => Self::new(StatusCode::NOT_FOUND, code, message),
            DeliveryError::Send(error) => {
                let status = match error {
                    SendError::Gone(_) | SendError::Key => StatusCode::GONE,
                    SendError::TooLarge | SendError::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
                    SendError::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
                    SendError::Refused { .. } | SendError::Unavailable { .. } => StatusCode::BAD_GATEWAY,
                };
                Self { retry_after: error.retry_after(), ..Self::new(status, code, message) }
            }
        }
    }
}
