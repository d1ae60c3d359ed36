//! The body of a request that changes something: JSON, from the same origin, not too long, not too slow.

use axum::{
    body::Bytes,
    extract::{DefaultBodyLimit, FromRequest, Request},
    http::{HeaderMap, StatusCode, header},
};
use serde_json::{Map, Value};
use tokio::time::timeout;

use super::{error::ApiError, origin};
use crate::state::State;

/// The most bytes a request's body may have.
pub(crate) const LIMIT: usize = 16 * 1024;

/// A JSON object, from a request that another site cannot have made in a browser.
///
/// Another site's page can send `application/json` only after a CORS preflight, which is never granted; and a browser
/// says which site asks, see [`origin::check`].
pub(crate) struct Object(pub(crate) Map<String, Value>);

impl FromRequest<State> for Object {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &State) -> Result<Self, ApiError> {
        let (parts, body) = request.into_parts();
        origin::check(&parts)?;
        check_type(&parts.headers)?;
        let slow = |_| {
            let message = "the body took too long: send it again, over a better network";
            ApiError::new(StatusCode::REQUEST_TIMEOUT, "body-too-slow", message)
        };
        let limit = state.config().limits.body;
        let bytes = timeout(limit, read(Request::from_parts(parts, body))).await.map_err(slow)??;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(members)) => Ok(Self(members)),
            Ok(_) => Err(ApiError::invalid("the body must be a JSON object")),
            Err(error) => {
                Err(ApiError::new(StatusCode::BAD_REQUEST, "malformed-json", format!("the body is not JSON: {error}")))
            }
        }
    }
}

fn check_type(headers: &HeaderMap) -> Result<(), ApiError> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let message = "the body must be JSON: send the header `content-type: application/json`";
        return Err(ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "unsupported-media-type", message));
    }
    Ok(())
}

async fn read(mut request: Request) -> Result<Bytes, ApiError> {
    DefaultBodyLimit::max(LIMIT).apply(&mut request);
    Bytes::from_request(request, &()).await.map_err(|rejection| {
        if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
            let message = format!("the body has more than {LIMIT} bytes: a push has at most 3993");
            ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "body-too-large", message)
        } else {
            ApiError::new(StatusCode::BAD_REQUEST, "malformed-json", "the body broke off: send it again")
        }
    })
}
