//! The way to the first page of a Firefox.
//!
//! Firefox makes its push service in an idle moment after startup, and until then nobody listens to what its pages ask
//! of `pushManager`: their promises never settle. So the first page has to wait for Firefox's hello.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::response::Redirect;
use http::StatusCode;
use serde::Deserialize;

use crate::sender::Refusal;
use crate::shared::Shared;

/// A Firefox may say hello before it asks for its first page, but not long before.
const JUST: Duration = Duration::from_secs(3);

/// Who asks may be no Firefox, or one that says nothing.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where to go.
#[derive(Debug, Deserialize)]
pub(crate) struct Page {
    url: String,
}

/// `GET /open?url=<page>`: goes to the page when Firefox is ready for it.
pub(crate) async fn open(
    State(shared): State<Arc<Shared>>,
    Query(Page { url }): Query<Page>,
) -> Result<Redirect, Refusal> {
    let usable = ["http://", "https://"].iter().any(|scheme| url.starts_with(scheme));
    if !usable || url.parse::<http::Uri>().is_err() {
        let message = "url must be an http or https URL: GET /open?url=http%3A%2F%2Flocalhost%3A8080%2F";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, 100, message));
    }
    tokio::select! {
        () = shared.firefox(JUST) => {}
        () = shared.stopped() => {}
        () = tokio::time::sleep(PATIENCE) => {
            tracing::warn!(url, "no Firefox said hello: the page may find that push does not answer");
        }
    }
    Ok(Redirect::to(&url))
}
