//! Starting and stopping.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

use crate::certificate::Certificate;
use crate::connection::Server;
use crate::mailbox::Mailbox;
use crate::router::router;
use crate::shared::Shared;
use crate::{Config, Description, StartError};

/// How long a stopping service waits for the requests it is answering.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long to wait when no connection can be accepted, for lack of file descriptors say.
const PAUSE: Duration = Duration::from_millis(100);

/// A running push service. It stops when it is dropped; [`stop`](Self::stop) also waits for the end.
#[derive(Debug)]
pub struct PushService {
    shared: Arc<Shared>,
    listeners: Vec<JoinHandle<()>>,
}

impl PushService {
    /// Starts listening. The ports answer as soon as this returns.
    ///
    /// # Errors
    ///
    /// When an address is not loopback or cannot be had, or the data folder, the certificate in it or the state file cannot
    /// be used.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        config.check()?;
        let (plain, http) = bind(config.http, "--address").await?;
        let (secure, tls) = bind(config.tls, "--tls-address").await?;
        let mut certificate = Certificate::open(config.folder())?;
        if config.load {
            // For senders. The browsers' protocols are of HTTP/1.1.
            certificate.offer_http_2();
        }
        let mailbox = config.state.as_deref().map_or_else(|| Ok(Mailbox::default()), Mailbox::open)?;
        let shared = Arc::new(Shared::new(Description::new(http, tls, &certificate), mailbox));
        let server = Server {
            router: router(Arc::clone(&shared), config.load),
            shared: Arc::clone(&shared),
            tls: TlsAcceptor::from(certificate.tls),
        };
        let (for_plain, for_secure) = (server.clone(), server);
        let listeners = vec![
            tokio::spawn(listen(plain, Arc::clone(&shared), move |stream| for_plain.clone().serve_plain(stream))),
            tokio::spawn(listen(secure, Arc::clone(&shared), move |stream| for_secure.clone().serve_tls(stream))),
        ];
        Ok(Self { shared, listeners })
    }

    /// What a browser or a sender must know.
    #[must_use]
    pub fn description(&self) -> &Description {
        &self.shared.description
    }

    /// Stops listening, cuts the browsers' connections and waits until the requests being answered are done.
    pub async fn stop(mut self) {
        self.shared.stop();
        for listener in self.listeners.drain(..) {
            if let Err(error) = listener.await {
                tracing::error!(%error, "a listener did not end well");
            }
        }
    }
}

impl Drop for PushService {
    fn drop(&mut self) {
        self.shared.stop();
    }
}

async fn bind(address: SocketAddr, option: &'static str) -> Result<(TcpListener, SocketAddr), StartError> {
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let local = listener.local_addr()?;
        Ok((listener, local))
    };
    bound.await.map_err(|source: io::Error| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::PortInUse { address, option },
        _ => StartError::Bind { address, option, source },
    })
}

/// Accepts connections until the service stops, then waits for them to end.
async fn listen<F, S>(listener: TcpListener, shared: Arc<Shared>, serve: F)
where
    F: Fn(TcpStream) -> S,
    S: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    let mut stopped = std::pin::pin!(shared.stopped());
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // A push is one small write: do not wait for more.
                    let _ = stream.set_nodelay(true);
                    connections.spawn(serve(stream));
                }
                Err(error) => {
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
            () = &mut stopped => break,
        }
    }
    drop(listener);
    let all = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(PATIENCE, all).await.is_err() {
        tracing::warn!("some connections did not end in time: cutting them");
        connections.shutdown().await;
    }
}
