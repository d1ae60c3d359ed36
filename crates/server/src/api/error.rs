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
};

/// An error answer.
#[derive(Debug)]
pub(crate) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<Duration>,
}

impl ApiError {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
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

    pub(crate) fn method_not_allowed() -> Self {
        let message = "this path has other methods: see the header `allow`";
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method-not-allowed", message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = Json(json!({ "error": { "code": self.code, "message": self.message } }));
        let mut response = (self.status, body).into_response();
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs()));
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
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "store-unavailable", error.to_string())
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
                    SendError::Gone(_) => StatusCode::GONE,
                    SendError::TooLarge | SendError::TooLong(_) => StatusCode::PAYLOAD_TOO_LARGE,
                    SendError::Busy { .. } => StatusCode::TOO_MANY_REQUESTS,
                    SendError::Refused { .. } | SendError::Unavailable { .. } => StatusCode::BAD_GATEWAY,
                };
                Self { retry_after: error.retry_after(), ..Self::new(status, code, message) }
            }
        }
    }
}
