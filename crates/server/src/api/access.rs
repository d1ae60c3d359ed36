//! Who may send: programs with an API token.

use std::net::{IpAddr, Ipv6Addr};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};

use super::{client::Client, error::ApiError, origin};
use crate::state::State;

/// A request with a good token, or from this machine where that is allowed.
///
/// Extracted before the body: who may not send need not be read.
pub(crate) struct Sender;

impl FromRequestParts<State> for Sender {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, ApiError> {
        let Ok(client) = Client::from_request_parts(parts, state).await;
        let Some(secret) = bearer(&parts.headers) else {
            if state.config().loopback_without_token && client.local {
                // A page of another site reaches this machine, too, by the person's own browser.
                origin::check(parts)?;
                return Ok(Self);
            }
            let message = "this needs an API token: make one with `tidings tokens create`, \
                and send the header `authorization: Bearer TOKEN`";
            return Err(ApiError::unauthorized("token-missing", message));
        };
        // Clients that the application does not tell apart share one count.
        let address = client.address.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED));
        state.counters().may_guess(address).map_err(|wait| {
            ApiError::slow_down("too-many-guesses", wait, "too many wrong tokens came from this address: wait")
        })?;
        match state.store().use_token(secret).await? {
            Some(token) => {
                tracing::debug!(token = token.id, "a token was used");
                Ok(Self)
            }
            None => {
                state.counters().guessed(address);
                let message = "this token is not known, or was revoked: make one with `tidings tokens create`";
                Err(ApiError::unauthorized("token-refused", message))
            }
        }
    }
}

/// The token of a request (RFC 6750 section 2.1). Anything else in the header is a wrong one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?;
    let text = value.to_str().unwrap_or_default();
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token.trim()),
        _ => Some(""),
    }
}
