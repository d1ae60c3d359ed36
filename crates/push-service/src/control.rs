//! What tests may see and do. There is no access control: the service listens on loopback only.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use http::StatusCode;

use crate::mailbox::Snapshot;
use crate::sender::Refusal;
use crate::shared::Shared;

/// `GET /control/state`: devices, channels and waiting messages.
pub(crate) async fn state(State(shared): State<Arc<Shared>>) -> Json<Snapshot> {
    Json(shared.mailbox.snapshot())
}

/// `POST /control/drop-connections`: cuts every browser's connection. No close frame is sent: Firefox would not answer
/// it, but wait for the end of the TCP connection.
pub(crate) async fn drop_connections(State(shared): State<Arc<Shared>>) -> StatusCode {
    shared.cut_connections();
    StatusCode::NO_CONTENT
}

/// `POST /control/forget-devices`: forgets every device and cuts its connection, so that it returns as a stranger.
pub(crate) async fn forget_devices(State(shared): State<Arc<Shared>>) -> Result<StatusCode, Refusal> {
    shared.mailbox.forget_devices()?;
    shared.cut_connections();
    Ok(StatusCode::NO_CONTENT)
}
