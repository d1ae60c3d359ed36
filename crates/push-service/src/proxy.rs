//! Where the proxy leads: to this service, and nowhere else.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Response};
use http::uri::Authority;
use http::{StatusCode, Uri};

use crate::sender::Refusal;
use crate::shared::Shared;

const HTTPS: u16 = 443;

/// Whether a tunnel to `target` ends here.
pub(crate) fn tunnels_to(target: &Authority, shared: &Shared) -> bool {
    target.port_u16() == Some(HTTPS) && is_endpoint_host(target, shared)
}

/// Whether a request for `uri` may be answered here. A path alone always is; a whole URL, as a proxy gets it, must
/// name this service.
pub(crate) fn is_ours(uri: &Uri, shared: &Arc<Shared>) -> bool {
    let Some(authority) = uri.authority() else {
        return true;
    };
    let base = |url: &str| url.split_once("://").is_some_and(|(_, base)| base == authority.as_str());
    base(&shared.description.http) || base(&shared.description.https) || is_endpoint_host(authority, shared)
}

/// The answer to a request for anything else.
pub(crate) fn refusal(target: &str) -> Response {
    Refusal::new(
        StatusCode::FORBIDDEN,
        100,
        format!("this proxy leads to the local push service only, not to {target}: use it for the endpoints of subscriptions"),
    )
    .into_response()
}

fn is_endpoint_host(authority: &Authority, shared: &Shared) -> bool {
    let hosts = &shared.description.hosts;
    hosts.iter().any(|host| authority.host().eq_ignore_ascii_case(host))
}
