//! Firefox's side: autopush, JSON messages over a WebSocket.

mod protocol;
mod session;

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::response::{IntoResponse as _, Response};
use http::StatusCode;

use crate::sender::Refusal;
use crate::shared::Shared;

const SUBPROTOCOL: &str = "push-notification";

/// Firefox sends nothing larger than a list of acknowledgements.
const LARGEST_MESSAGE: usize = 1 << 20;

/// `GET /`: turns the connection into a WebSocket.
pub(crate) async fn upgrade(
    State(shared): State<Arc<Shared>>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    match upgrade {
        Ok(upgrade) => upgrade
            .protocols([SUBPROTOCOL])
            .max_message_size(LARGEST_MESSAGE)
            .on_upgrade(move |socket| session::run(socket, shared)),
        Err(_) => Refusal::new(
            StatusCode::UPGRADE_REQUIRED,
            100,
            "this is the address for Firefox (dom.push.serverURL), by WebSocket: GET /about lists the others",
        )
        .into_response(),
    }
}
