//! Load mode: subscriptions that nobody has to make and no browser reads, to measure senders with.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use axum::extract::{Path, Request, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use http::{HeaderValue, StatusCode, Version, header};
use serde::Serialize;

use crate::description::chromium_origins;
use crate::mailbox::Channel;
use crate::sender::{LARGEST_BODY, Refusal, read_body, read_headers, vapid};
use crate::shared::Shared;

/// Higher numbers would need a table of more than 8 MB.
const HIGHEST: u64 = 64 << 20;

/// Salt, record size, length of the key, key; then at least the delimiter and the tag (RFC 8188, RFC 8291).
const SHORTEST_BODY: usize = 16 + 4 + 1 + 65 + 1 + 16;

/// What senders have posted.
#[derive(Debug)]
struct Load {
    /// Takes anybody's signature, for any of the service's origins.
    channel: Channel,
    /// The last good `Authorization`: who signs anew for each message pays for it here, too.
    authorization: Mutex<Option<HeaderValue>>,
    /// One bit for each number.
    seen: Mutex<Vec<u64>>,
    taken: AtomicU64,
    distinct: AtomicU64,
    refused: AtomicU64,
    answered: AtomicU64,
    bytes: AtomicU64,
    http_2: AtomicU64,
}

/// The counts, as `GET /load` answers them.
#[derive(Serialize)]
struct Counts {
    /// Messages that got 201.
    taken: u64,
    /// Subscriptions that they were for.
    distinct: u64,
    /// Messages that were wrong.
    refused: u64,
    /// Messages that got the status which their subscription asks for.
    answered: u64,
    /// Bytes of the bodies of those taken.
    bytes: u64,
    /// How many of those taken came by HTTP/2.
    http2: u64,
}

/// The routes of load mode.
pub(crate) fn routes(shared: &Shared) -> Router {
    let mut audiences = shared.description.own_origins();
    audiences.extend(chromium_origins());
    let load = Load {
        channel: Channel { audiences, ..Channel::default() },
        authorization: Mutex::default(),
        seen: Mutex::default(),
        taken: AtomicU64::default(),
        distinct: AtomicU64::default(),
        refused: AtomicU64::default(),
        answered: AtomicU64::default(),
        bytes: AtomicU64::default(),
        http_2: AtomicU64::default(),
    };
    Router::new()
        .route("/load", get(counts))
        .route("/load/{number}", post(take))
        .route("/load/{number}/{status}", post(answer))
        .with_state(Arc::new(load))
}

async fn counts(State(load): State<Arc<Load>>) -> Json<Counts> {
    Json(Counts {
        taken: load.taken.load(Relaxed),
        distinct: load.distinct.load(Relaxed),
        refused: load.refused.load(Relaxed),
        answered: load.answered.load(Relaxed),
        bytes: load.bytes.load(Relaxed),
        http2: load.http_2.load(Relaxed),
    })
}

/// `POST /load/<number>`: checks a message, counts it, and keeps nothing of it.
async fn take(State(load): State<Arc<Load>>, Path(number): Path<u64>, request: Request) -> Result<Response, Refusal> {
    let http_2 = request.version() == Version::HTTP_2;
    let checked = load.check(number, request).await;
    let counter = if checked.is_ok() { &load.taken } else { &load.refused };
    counter.fetch_add(1, Relaxed);
    load.bytes.fetch_add(checked? as u64, Relaxed);
    load.http_2.fetch_add(u64::from(http_2), Relaxed);
    if load.first(number) {
        load.distinct.fetch_add(1, Relaxed);
    }
    Ok((StatusCode::CREATED, [(header::LOCATION, "/m/load")]).into_response())
}

/// `POST /load/<number>/<status>`: always this status; 429 and 503 with `Retry-After: 1`.
async fn answer(
    State(load): State<Arc<Load>>,
    Path((number, status)): Path<(u64, u16)>,
    request: Request,
) -> Result<Response, Refusal> {
    load.check(number, request).await?;
    load.answered.fetch_add(1, Relaxed);
    let status = StatusCode::from_u16(status).map_err(|_| Refusal::nothing_here())?;
    let mut response = status.into_response();
    if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    Ok(response)
}

impl Load {
    /// The length of the body, if the message is one that a browser could read.
    async fn check(&self, number: u64, request: Request) -> Result<usize, Refusal> {
        if number >= HIGHEST {
            return Err(Refusal::unknown_endpoint());
        }
        let (parts, body) = request.into_parts();
        let body = read_body(body).await;
        if body.len() > LARGEST_BODY {
            return Err(Refusal::too_large(LARGEST_BODY));
        }
        let authorization = parts.headers.get(header::AUTHORIZATION);
        let mut known = self.authorization.lock().unwrap_or_else(PoisonError::into_inner);
        if authorization.is_none() || known.as_ref() != authorization {
            vapid::check(&parts.headers, &self.channel, SystemTime::now())?;
            *known = authorization.cloned();
        }
        drop(known);
        let length = body.len();
        // The key's length and the first byte of an uncompressed point.
        if length > 0 && (length < SHORTEST_BODY || body[20] != 65 || body[21] != 4) {
            return Err(Refusal::new(StatusCode::BAD_REQUEST, 110, "the body is not `aes128gcm` of RFC 8291"));
        }
        read_headers(&parts.headers, body.into())?;
        Ok(length)
    }

    /// Whether this is the first message for a subscription.
    fn first(&self, number: u64) -> bool {
        let Ok(word) = usize::try_from(number / 64) else { return false };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() <= word {
            seen.resize(word + 1, 0);
        }
        let bit = 1 << (number % 64);
        let first = seen[word] & bit == 0;
        seen[word] |= bit;
        first
    }
}
