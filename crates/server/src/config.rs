//! What a server must know before it starts.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use ipnet::IpNet;
use url::Url;

use crate::{
    error::StartError, jobs::Options, limits::Limits, resolver::Lookup, sender::TIMEOUT, services::PushServices,
    users::Authenticate,
};

/// The contact of a server that was told none.
///
/// Good for trying things out; Apple's push service wants a real one.
pub const DEFAULT_CONTACT: &str = "mailto:admin@localhost";

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Longer than a push service keeps a message.
const KEEP_SENDS: Duration = DAY.saturating_mul(30);

/// Longer than a browser's receipt is taken for a new one.
const KEEP_RECEIPTS: Duration = DAY.saturating_mul(90);

/// The settings of a server.
///
/// # Example
///
/// ```
/// use tidings_server::Config;
///
/// let mut config = Config::new("./data");
/// config.contact = "https://app.example/contact".into();
/// assert!(config.address.ip().is_loopback());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub address: SocketAddr,
    /// The folder of the database and the VAPID key, created at the first start.
    pub data: PathBuf,
    /// The URL of the database, see [`Store::open_url`](crate::Store::open_url); without it, a file in the data folder.
    pub database: Option<String>,
    /// A folder of static files to serve at `/`.
    pub www: Option<PathBuf>,
    /// Whom a push service may contact: a `mailto:` or `https:` URL (RFC 8292 section 2.1).
    pub contact: String,
    /// How the user of a request is found out; without it, and without `demo_sessions`, no device belongs to a user.
    pub authenticate: Option<Authenticate>,
    /// For demos: `POST /api/v1/session` lets anybody be anybody.
    pub demo_sessions: bool,
    /// How this process sends jobs; none: it only stores them, for others to send.
    pub runner: Option<Options>,
    /// A push service on this machine, for tests and demos without the internet.
    pub local_push_service: Option<LocalPushService>,
    /// Which push services are sent to.
    pub push_services: PushServices,
    /// The proxy to reach them by, `http:` or `https:`. It looks names up itself, and must then have rules of its own for where
    /// it connects to. Those of the environment (`HTTPS_PROXY`) are not used, for that reason.
    pub proxy: Option<Url>,
    /// How long a push service may take to answer who waits for it, see [`State::send`](crate::State::send); 30 seconds if
    /// nothing is said. For jobs, see [`Options::timeout`].
    pub send_timeout: Duration,
    /// How their names are looked up; whatever it finds, only public addresses are connected to.
    pub lookup: Lookup,
    /// Programs on this machine may send without a token: for demos and tests.
    pub loopback_without_token: bool,
    /// The reverse proxies in front of the server, whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// How much one client may ask for, and how long it may take.
    pub limits: Limits,
    /// How long a send is kept once it is over, with its counts, its failures and its `Idempotency-Key`; none: for ever. 30 days
    /// if nothing is said.
    pub keep_sends: Option<Duration>,
    /// How long receipts are kept, and those of a message are counted after it was sent; none: for ever. 90 days if nothing is
    /// said.
    pub keep_receipts: Option<Duration>,
    /// Where to answer `/metrics` and `/health` besides, without a token: an address that only you reach.
    pub metrics_address: Option<SocketAddr>,
}

impl Config {
    /// Settings with this data folder: port 8080 on the loopback interface, no static files, the real push services.
    pub fn new(data: impl Into<PathBuf>) -> Self {
        Self {
            address: (Ipv4Addr::LOCALHOST, 8080).into(),
            data: data.into(),
            database: None,
            www: None,
            contact: DEFAULT_CONTACT.into(),
            authenticate: None,
            demo_sessions: false,
            runner: Some(Options::default()),
            local_push_service: None,
            push_services: PushServices::default(),
            proxy: None,
            send_timeout: TIMEOUT,
            lookup: Lookup::default(),
            loopback_without_token: false,
            trusted_proxies: Vec::new(),
            limits: Limits::default(),
            keep_sends: Some(KEEP_SENDS),
            keep_receipts: Some(KEEP_RECEIPTS),
            metrics_address: None,
        }
    }

    pub(crate) fn check(&self) -> Result<(), StartError> {
        let contact = Url::parse(&self.contact).ok();
        let good = contact.is_some_and(|url| match url.scheme() {
            "mailto" => url.path().contains('@'),
            "https" => url.has_host(),
            _ => false,
        });
        if !good {
            return Err(StartError::Contact(self.contact.clone()));
        }
        if let Some(proxy) = &self.proxy
            && !(matches!(proxy.scheme(), "http" | "https") && proxy.has_host())
        {
            return Err(StartError::Proxy(proxy.scheme().to_owned()));
        }
        match &self.www {
            Some(www) if !www.is_dir() => Err(StartError::Www(www.clone())),
            _ => Ok(()),
        }
    }
}

/// A push service on this machine that stands in for the real ones.
///
/// Only while it is set are endpoints at its origin accepted, and only then do the given hosts lead to it.
#[derive(Clone, Debug)]
pub struct LocalPushService {
    /// Where its own endpoints are: `http://127.0.0.1:7474`.
    pub origin: Url,
    /// Where it answers https in the name of `hosts`.
    pub https: SocketAddr,
    /// The hosts that browsers have compiled in, and that it answers for: `fcm.googleapis.com`.
    pub hosts: Vec<String>,
    /// The certificate that it shows for `hosts`; no other request trusts it.
    pub certificate_pem: String,
}
