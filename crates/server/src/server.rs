//! The listening server, or a router for your own.

use std::{io, net::SocketAddr};

use axum::{
    Router, middleware,
    routing::{any, get},
};
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{api, config::Config, error::StartError, files, jobs::Runner, listener, state::State, tidy};

/// Starts servers.
#[derive(Debug)]
pub struct Server;

/// A server that answers; it stops when this is dropped.
#[derive(Debug)]
#[must_use = "the server stops when this is dropped"]
pub struct Running {
    address: SocketAddr,
    metrics: Option<SocketAddr>,
    state: State,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    runner: Option<Runner>,
}

impl Server {
    /// Opens the data folder and listens; it answers when this returns.
    ///
    /// # Errors
    ///
    /// [`StartError`], which says what to do.
    pub async fn start(config: Config) -> Result<Running, StartError> {
        let state = State::open(&config).await?;
        let (listener, address) = bind(config.address, "--address").await?;
        let (stop, _) = watch::channel(false);
        let serve = |listener, router| {
            let mut stopped = stop.subscribe();
            // Whoever drops the server wants none, too.
            let stopped = async move { stopped.wait_for(|stopped| *stopped).await.map_or((), |_| ()) };
            tokio::spawn(listener::serve(listener, router, config.limits, stopped))
        };
        let mut tasks = vec![serve(listener, router(state.clone()))];
        let mut metrics = None;
        if let Some(address) = config.metrics_address {
            let (listener, address) = bind(address, "--metrics").await?;
            tasks.push(serve(listener, operations(state.clone())));
            metrics = Some(address);
        }
        tasks.push(tokio::spawn(tidy::run(state.clone(), stop.subscribe())));
        let runner = config.runner.map(|options| Runner::start(state.clone(), options));
        tracing::info!(%address, metrics = metrics.map(tracing::field::display), "listening");
        Ok(Running { address, metrics, state, stop, tasks, runner })
    }
}

async fn bind(address: SocketAddr, option: &'static str) -> Result<(TcpListener, SocketAddr), StartError> {
    let listener = TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::PortInUse { address, option },
        _ => StartError::Listen { address, option, source },
    })?;
    let address = listener.local_addr().map_err(|source| StartError::Listen { address, option, source })?;
    Ok((listener, address))
}

impl Running {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it answers `/metrics` without a token, if the settings say so.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Its subscriptions and sender.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Takes no more requests and no more deliveries, finishes those under way, and closes the database.
    pub async fn stop(self) {
        self.state.stop();
        self.stop.send_replace(true);
        let runner = async {
            if let Some(runner) = self.runner {
                runner.stop(listener::GRACE).await;
            }
        };
        let tasks = async {
            for task in self.tasks {
                if let Err(error) = task.await {
                    tracing::error!(%error, "a task did not end well");
                }
            }
        };
        tokio::join!(tasks, runner);
        self.state.store().close().await;
    }
}

/// The API under `/api/v1`, `/health` and `/metrics`, and the static files if the settings name a folder.
///
/// For those who mount it into their own server: every answer carries the security headers, and the API's routes for
/// browsers want `application/json` from the same origin. See [`State`] for an example. Serve it with
/// `into_make_service_with_connect_info::<SocketAddr>()`: without the client's address nothing limits how much one client
/// asks for.
pub fn router(state: State) -> Router {
    let router = Router::new()
        .nest("/api/v1", api::routes(&state))
        .route("/health", get(api::health))
        .route("/metrics", get(api::metrics))
        .layer(middleware::from_fn_with_state(state.clone(), api::log));
    let router = match &state.config().www {
        Some(www) => router.fallback_service(files::serve(www)),
        None => router.fallback(api::not_found),
    };
    router.layer(middleware::from_fn(files::headers)).with_state(state)
}

/// What those who run the server ask, at an address that only they reach.
fn operations(state: State) -> Router {
    Router::new()
        .route("/health", get(api::health))
        .route("/metrics", get(api::metrics_unguarded))
        .fallback(any(api::not_found))
        .layer(middleware::from_fn(files::headers))
        .with_state(state)
}
