//! Connections to push services: one to each that speaks HTTP/2, as many as there are requests at once to others.
//!
//! Only an answer tells which of the two a push service is. So the first request goes alone, and the others wait for its
//! answer, but not for long: a broadcast would else open a connection for each request that it begins with, and leave all
//! but one idle.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use reqwest::{Certificate, Client, ClientBuilder, Proxy, Request, Response, Version, redirect};
use url::Url;

use crate::{
    config::LocalPushService,
    error::StartError,
    resolver::{Lookup, PublicOnly},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long requests wait for the first one's answer; then they go as well.
const PATIENCE: Duration = Duration::from_secs(2);

/// After how many requests in a row without an answer what is known of a push service counts no more.
const STRIKES: u32 = 4;

/// A connection of HTTP/2 that says nothing for this long is asked whether it is still there, and has so long to answer: a
/// dead one would take every request until it times out.
const PING: Duration = Duration::from_secs(15);
const PONG: Duration = Duration::from_secs(10);

/// Of how many push services is known what they speak.
const CAPACITY: usize = 1024;

/// The connections of one way out.
#[derive(Debug)]
pub(crate) struct Connections {
    /// HTTP/1.1 or HTTP/2, as the other side likes.
    any: Client,
    /// For those that are known to speak it: then only one connection is made at a time.
    http_2: Client,
    known: Mutex<HashMap<String, Arc<Known>>>,
}

/// What is known of a push service.
#[derive(Debug, Default)]
struct Known {
    answered: AtomicBool,
    http_2: AtomicBool,
    /// Requests in a row without an answer.
    strikes: AtomicU32,
    /// Held by the request that finds out.
    first: tokio::sync::Mutex<()>,
}

impl Connections {
    /// To public addresses only, or to all through a proxy.
    pub(crate) fn public(lookup: Lookup, proxy: Option<&Url>) -> reqwest::Result<Self> {
        let resolver = Arc::new(PublicOnly::new(lookup).except(proxy.and_then(Url::host_str)));
        let proxy = proxy.map(|url| Proxy::https(url.clone())).transpose()?;
        Self::build(move |builder| {
            let builder = builder.https_only(true).dns_resolver(resolver.clone());
            match &proxy {
                Some(proxy) => builder.proxy(proxy.clone()),
                None => builder,
            }
        })
    }

    /// To the local push service.
    pub(crate) fn local(local: &LocalPushService) -> Result<Self, StartError> {
        let broken = |error: reqwest::Error| StartError::LocalPushService(describe(error));
        let certificate = Certificate::from_pem(local.certificate_pem.as_bytes()).map_err(broken)?;
        let wire = |mut builder: ClientBuilder| {
            for host in &local.hosts {
                builder = builder.resolve(host, local.https);
            }
            builder.tls_certs_only([certificate.clone()])
        };
        Self::build(wire).map_err(broken)
    }

    fn build(change: impl Fn(ClientBuilder) -> ClientBuilder) -> reqwest::Result<Self> {
        let client = || {
            let builder = Client::builder()
                .user_agent(concat!("tidings/", env!("CARGO_PKG_VERSION")))
                .redirect(redirect::Policy::none())
                .referer(false)
                .tcp_nodelay(true)
                .connect_timeout(CONNECT_TIMEOUT)
                .http2_keep_alive_interval(PING)
                .http2_keep_alive_timeout(PONG)
                // One from the environment would look names up itself, past the rules for them.
                .no_proxy();
            change(builder)
        };
        Ok(Self { any: client().build()?, http_2: client().http2_prior_knowledge().build()?, known: Mutex::default() })
    }

    /// Sends a request to the push service with this origin.
    pub(crate) async fn send(&self, origin: &str, mut request: Request, timeout: Duration) -> Result<Response, String> {
        let known = self.known(origin);
        let start = Instant::now();
        // Without TLS there is no HTTP/2 to choose.
        let alone = if known.answered.load(Relaxed) || request.url().scheme() != "https" {
            None
        } else {
            let first = tokio::time::timeout(PATIENCE.min(timeout / 2), known.first.lock()).await.ok();
            first.filter(|_| !known.answered.load(Relaxed))
        };
        *request.timeout_mut() = Some(timeout.saturating_sub(start.elapsed()));
        let client = if known.http_2.load(Relaxed) { &self.http_2 } else { &self.any };
        let result = client.execute(request).await;
        known.note(&result);
        drop(alone);
        result.map_err(describe)
    }

    fn known(&self, origin: &str) -> Arc<Known> {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(origin) {
            return known.clone();
        }
        if all.len() >= CAPACITY {
            all.clear();
        }
        all.entry(origin.to_owned()).or_default().clone()
    }
}

impl Known {
    fn note(&self, result: &reqwest::Result<Response>) {
        match result {
            Ok(response) => {
                self.strikes.store(0, Relaxed);
                if response.version() == Version::HTTP_2 {
                    self.http_2.store(true, Relaxed);
                }
                self.answered.store(true, Relaxed);
            }
            Err(_) if self.strikes.fetch_add(1, Relaxed) + 1 >= STRIKES => {
                self.answered.store(false, Relaxed);
                self.http_2.store(false, Relaxed);
            }
            Err(_) => {}
        }
    }
}

/// The error with its causes, without the URL: an endpoint is a secret.
pub(crate) fn describe(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(&error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
