//! A push service that answers by script and keeps what it was sent.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use tidings_server::LocalPushService;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, rustls, server::TlsStream};

/// The host that the fake stands in for.
pub(crate) const HOST: &str = "fcm.googleapis.com";

/// A fake push service: http at its origin, https in the name of [`HOST`].
pub(crate) struct Fake {
    pub(crate) service: LocalPushService,
    script: Arc<Script>,
}

/// What the fake was sent.
pub(crate) struct Received {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

#[derive(Default)]
struct Script {
    answer: Mutex<Answer>,
    /// Another answer for requests to this host, if there is one.
    by_host: Mutex<Option<(String, Answer)>>,
    received: Mutex<Vec<Received>>,
}

#[derive(Clone)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Default for Answer {
    fn default() -> Self {
        Self { status: 201, headers: Vec::new(), body: String::new() }
    }
}

impl Fake {
    pub(crate) async fn start() -> Self {
        let script = Arc::new(Script::default());
        let app = Router::new().fallback(handle).with_state(script.clone());
        let http = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", http.local_addr().expect("bound")).parse().expect("a URL");
        tokio::spawn(axum::serve(http, app.clone()).into_future());
        let (tls, certificate_pem) = Tls::bind(&[HOST], &[]).await;
        let https = tls.listener.local_addr().expect("bound");
        tokio::spawn(axum::serve(tls, app).into_future());
        let service = LocalPushService { origin, https, hosts: vec![HOST.into()], certificate_pem };
        Self { service, script }
    }

    /// An endpoint at the fake's origin.
    pub(crate) fn endpoint(&self, name: &str) -> String {
        self.service.origin.join(name).expect("a URL").into()
    }

    pub(crate) fn answer(&self, status: u16) {
        self.answer_with(status, &[], "");
    }

    pub(crate) fn answer_with(&self, status: u16, headers: &[(&'static str, &str)], body: &str) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        *self.script.answer.lock().expect("no panic") = Answer { status, headers, body: body.into() };
        *self.script.by_host.lock().expect("no panic") = None;
    }

    /// Answers so to requests in the name of this host, until the next call of `answer`.
    pub(crate) fn answer_by_host(&self, host: &str, status: u16, headers: &[(&'static str, &str)]) {
        let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        let answer = Answer { status, headers, body: String::new() };
        *self.script.by_host.lock().expect("no panic") = Some((host.to_owned(), answer));
    }

    /// What was received since the last call.
    pub(crate) fn received(&self) -> Vec<Received> {
        std::mem::take(&mut self.script.received.lock().expect("no panic"))
    }
}

async fn handle(State(script): State<Arc<Script>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    let host =
        parts.uri.host().map(str::to_owned).or_else(|| Some(parts.headers.get("host")?.to_str().ok()?.to_owned()));
    let received = Received { method: parts.method, uri: parts.uri, headers: parts.headers, body };
    script.received.lock().expect("no panic").push(received);
    let mut answer = script.answer.lock().expect("no panic").clone();
    if let Some((name, other)) = &*script.by_host.lock().expect("no panic")
        && host.is_some_and(|host| host == *name)
    {
        answer = other.clone();
    }
    let mut response =
        (StatusCode::from_u16(answer.status).expect("a status"), Body::from(answer.body)).into_response();
    for (name, value) in answer.headers {
        let value = HeaderValue::try_from(value).expect("a header");
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
    response
}

/// A listener that speaks TLS with a certificate of its own making.
pub(crate) struct Tls {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Tls {
    /// In the name of these hosts, with these protocols to choose from by ALPN; and its certificate.
    pub(crate) async fn bind(hosts: &[&str], protocols: &[&str]) -> (Self, String) {
        let names: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let rcgen::CertifiedKey { cert, signing_key } =
            rcgen::generate_simple_self_signed(names).expect("a certificate");
        let key = rustls::pki_types::PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
        let mut config = rustls::ServerConfig::builder_with_provider(rustls::crypto::ring::default_provider().into())
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .expect("a pair");
        config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        (Self { listener, acceptor: TlsAcceptor::from(Arc::new(config)) }, cert.pem())
    }
}

impl axum::serve::Listener for Tls {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            if let Ok((stream, address)) = self.listener.accept().await
                && let Ok(stream) = self.acceptor.accept(stream).await
            {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
