//! One TCP connection: which protocol it speaks, and serving it to its end.

use std::convert::Infallible;
use std::fmt;
use std::pin::{Pin, pin};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use http::{Method, Request, StatusCode};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::{HttpService, Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader};
use tokio_rustls::TlsAcceptor;

use crate::certificate::HTTP_2;
use crate::chromium::mcs;
use crate::proxy;
use crate::shared::Shared;

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl fmt::Display for Scheme {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Http => "http",
            Self::Https => "https",
        })
    }
}

/// Serves connections.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) shared: Arc<Shared>,
    pub(crate) router: Router,
    pub(crate) tls: TlsAcceptor,
}

impl Server {
    /// Serves a connection of the plain port: HTTP, WebSocket, or a tunnel to the TLS side.
    pub(crate) async fn serve_plain<S>(self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let shared = Arc::clone(&self.shared);
        let service = service_fn(move |request| {
            let server = self.clone();
            async move {
                Ok::<_, Infallible>(match *request.method() {
                    Method::CONNECT => server.tunnel(request),
                    _ => server.answer(request, Scheme::Http).await,
                })
            }
        });
        serve_http(stream, service, &shared).await;
    }

    /// Serves a connection of the TLS port: MCS if it starts with MCS's version, else HTTP.
    pub(crate) async fn serve_tls<S>(self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let shared = Arc::clone(&self.shared);
        let first_byte = async {
            let stream = self.tls.accept(stream).await?;
            let http_2 = stream.get_ref().1.alpn_protocol() == Some(HTTP_2);
            let mut stream = BufReader::new(stream);
            let first = stream.fill_buf().await?.first().copied();
            Ok::<_, std::io::Error>((stream, first, http_2))
        };
        let (stream, first, http_2) = tokio::select! {
            accepted = first_byte => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "TLS handshake failed: does the client trust the certificate of GET /about?");
                    return;
                }
            },
            () = shared.stopped() => return,
        };
        match first {
            None => {}
            Some(mcs::VERSION) => mcs::serve(stream, shared).await,
            Some(_) => {
                let service = service_fn(move |request| {
                    let server = self.clone();
                    async move { Ok::<_, Infallible>(server.answer(request, Scheme::Https).await) }
                });
                if http_2 {
                    serve_http_2(stream, service, &shared).await;
                } else {
                    serve_http(stream, service, &shared).await;
                }
            }
        }
    }

    async fn answer(self, mut request: Request<Incoming>, scheme: Scheme) -> Response {
        if !proxy::is_ours(request.uri(), &self.shared) {
            return proxy::refusal(&request.uri().to_string());
        }
        request.extensions_mut().insert(scheme);
        match TowerToHyperService::new(self.router).call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }

    /// Answers CONNECT: what comes through the tunnel is served as on the TLS port.
    fn tunnel(self, request: Request<Incoming>) -> Response {
        match request.uri().authority() {
            Some(target) if proxy::tunnels_to(target, &self.shared) => {}
            _ => return proxy::refusal(&request.uri().to_string()),
        }
        tokio::spawn(async move {
            match hyper::upgrade::on(request).await {
                Ok(upgraded) => self.serve_tls(TokioIo::new(upgraded)).await,
                Err(error) => tracing::warn!(%error, "tunnel failed"),
            }
        });
        StatusCode::OK.into_response()
    }
}

async fn serve_http_2<S, H>(stream: S, service: H, shared: &Shared)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    H: HttpService<Incoming, ResBody = Body, Error = Infallible> + Clone + Send + Unpin + 'static,
    H::Future: Send + 'static,
{
    let connection = http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service);
    until_stopped("HTTP/2", connection, |connection| connection.graceful_shutdown(), shared).await;
}

async fn serve_http<S, H>(stream: S, service: H, shared: &Shared)
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    H: HttpService<Incoming, ResBody = Body, Error = Infallible>,
{
    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service).with_upgrades();
    until_stopped("HTTP", connection, |connection| connection.graceful_shutdown(), shared).await;
}

/// Serves a connection until it ends; once the service stops, what is under way is still answered.
async fn until_stopped<C>(name: &str, connection: C, shut_down: impl FnOnce(Pin<&mut C>), shared: &Shared)
where
    C: Future<Output = hyper::Result<()>>,
{
    let mut connection = pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = shared.stopped() => {
            shut_down(connection.as_mut());
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "{name} connection ended early");
    }
}
