//! The application server's side: push resources and message resources (RFC 8030).

mod headers;
mod refusal;
pub(crate) mod vapid;

use std::sync::Arc;
use std::time::SystemTime;

use axum::Extension;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode, header};

pub(crate) use headers::read as read_headers;
pub(crate) use refusal::Refusal;

use crate::connection::Scheme;
use crate::mailbox::NotTaken;
use crate::shared::Shared;

/// What every push service must take, and most take no more (RFC 8030, section 7.2).
pub(crate) const LARGEST_BODY: usize = 4096;

/// A larger body is still read to its end, up to here: a sender that is cut off while it writes never sees the 413.
const LARGEST_READ: usize = 1 << 20;

/// `POST` on a push resource: takes a message for one subscription.
pub(crate) async fn post(
    State(shared): State<Arc<Shared>>,
    Extension(scheme): Extension<Scheme>,
    Path(token): Path<String>,
    request: Request,
) -> Result<Response, Refusal> {
    let channel = shared.mailbox.channel(&token)?;
    let (parts, body) = request.into_parts();
    let body = read_body(body).await;
    if body.len() > LARGEST_BODY {
        return Err(Refusal::too_large(LARGEST_BODY));
    }
    vapid::check(&parts.headers, &channel, SystemTime::now())?;
    let post = headers::read(&parts.headers, body.into())?;
    let message = shared.mailbox.post(&token, post)?;
    tracing::info!(channel = channel.name, id = message.id, "message taken");
    let location = message_url(scheme, &parts.headers, &shared, &message.id);
    let ttl = message.post.ttl.as_secs().to_string();
    Ok((StatusCode::CREATED, [(header::LOCATION, location), (header::HeaderName::from_static("ttl"), ttl)])
        .into_response())
}

/// `DELETE` on a message resource: takes a waiting message back.
pub(crate) async fn delete(
    State(shared): State<Arc<Shared>>,
    Path(message): Path<String>,
) -> Result<StatusCode, Refusal> {
    if shared.mailbox.remove(&message)? { Ok(StatusCode::NO_CONTENT) } else { Err(Refusal::no_message()) }
}

/// The body of a message. One that could not be read to its end counts as too large.
pub(crate) async fn read_body(body: Body) -> Bytes {
    to_bytes(body, LARGEST_READ).await.unwrap_or_else(|_| Bytes::from_static(&[0; LARGEST_BODY + 1]))
}

/// The message resource, reachable the way the push resource was: directly or through the proxy.
fn message_url(scheme: Scheme, headers: &HeaderMap, shared: &Shared, id: &str) -> String {
    match headers.get(header::HOST).and_then(|host| host.to_str().ok()) {
        Some(host) => format!("{scheme}://{host}/m/{id}"),
        None => format!("{}/m/{id}", shared.description.http),
    }
}

impl From<NotTaken> for Refusal {
    fn from(reason: NotTaken) -> Self {
        match reason {
            NotTaken::Unknown => Self::unknown_endpoint(),
            NotTaken::Gone => Self::gone(),
            NotTaken::Unwritten => Self::unwritten(),
        }
    }
}
