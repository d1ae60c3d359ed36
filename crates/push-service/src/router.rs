//! Which address does what. Both ports serve the same ones.

use std::sync::Arc;

use axum::extract::State;
use axum::routing::{any, delete, get, post};
use axum::{Json, Router};

use crate::sender::Refusal;
use crate::shared::Shared;
use crate::{Description, autopush, chromium, control, load, open, sender};

pub(crate) fn router(shared: Arc<Shared>, load: bool) -> Router {
    let router = if load { load::routes(&shared) } else { Router::new() };
    router.merge(routes(shared)).fallback(async || Refusal::nothing_here())
}

fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/about", get(about))
        .route("/control/state", get(control::state))
        .route("/control/drop-connections", post(control::drop_connections))
        .route("/control/forget-devices", post(control::forget_devices))
        .route("/open", get(open::open))
        // Firefox.
        .route("/", any(autopush::upgrade))
        .route("/wpush/v2/{token}", post(sender::post))
        // Chromium, with the paths of its endpoints that have been seen.
        .route("/checkin", post(chromium::checkin))
        .route("/register", post(chromium::register))
        .route("/fcm/send/{token}", post(sender::post))
        .route("/preprod/wp/{token}", post(sender::post))
        .route("/wp/{token}", post(sender::post))
        .route("/m/{message}", delete(sender::delete))
        .with_state(shared)
}

/// `GET /about`: all that a browser or a sender must know.
async fn about(State(shared): State<Arc<Shared>>) -> Json<Description> {
    Json(shared.description.clone())
}
