//! The listening server, or a router for your own.

use std::{io, net::SocketAddr, time::Duration};

use axum::{Router, middleware};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

use crate::{api, config::Config, error::StartError, files, state::State};

/// How long requests under way may take after the server was told to stop.
const GRACE: Duration = Duration::from_secs(5);

/// Starts servers.
#[derive(Debug)]
pub struct Server;

/// A server that answers; it stops when this is dropped.
#[derive(Debug)]
#[must_use = "the server stops when this is dropped"]
pub struct Running {
    address: SocketAddr,
    state: State,
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Opens the data folder and listens; it answers when this returns.
    ///
    /// # Errors
    ///
    /// [`StartError`], which says what to do.
    pub async fn start(config: Config) -> Result<Running, StartError> {
        let address = config.address;
        let state = State::open(&config).await?;
        let listener = TcpListener::bind(address).await.map_err(|source| match source.kind() {
            io::ErrorKind::AddrInUse => StartError::PortInUse(address),
            _ => StartError::Listen { address, source },
        })?;
        let address = listener.local_addr().map_err(|source| StartError::Listen { address, source })?;
        let router = router(state.clone());
        let (stop, stopped) = oneshot::channel::<()>();
        let task = tokio::spawn(async move {
            // The sender's end means "stop" too: whoever drops the server wants none.
            let stopped = async { stopped.await.unwrap_or_default() };
            if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(stopped).await {
                tracing::error!(%error, "the server stopped");
            }
        });
        tracing::info!(%address, "listening");
        Ok(Running { address, state, stop, task })
    }
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its subscriptions and sender.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Takes no more requests, finishes those under way, and closes the database.
    pub async fn stop(self) {
        // Fails only if the task has ended already.
        let _ = self.stop.send(());
        let task = self.task.abort_handle();
        if timeout(GRACE, self.task).await.is_err() {
            tracing::warn!("requests under way were cut off");
            task.abort();
        }
        self.state.store().close().await;
    }
}

/// The API under `/api/v1`, and the static files if the settings name a folder.
///
/// For those who mount it into their own server: every answer carries the security headers, and the API's routes for
/// browsers want `application/json` from the same origin. See [`State`] for an example.
pub fn router(state: State) -> Router {
    let router = Router::new().nest("/api/v1", api::routes());
    let router = match &state.config().www {
        Some(www) => router.fallback_service(files::serve(www)),
        None => router.fallback(api::not_found),
    };
    router.layer(middleware::from_fn(files::headers)).with_state(state)
}
