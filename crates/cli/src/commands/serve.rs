//! `tidings serve`.

use std::{
    net::{Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    path::{Path, PathBuf},
};

use anyhow::{Context, anyhow};
use ipnet::IpNet;
use tidings_push_service::{Description, PushService, StartError};
use tidings_server::{LocalPushService, Server, services::Pattern};
use url::Url;

use crate::{
    browser::{self, Browser, Kind, Options, Origin},
    settings, signals,
};

/// Where `npm run build` puts the demo.
const DEMO: &str = "target/www";

/// Run the application server, and the demo
#[derive(clap::Args)]
#[command(after_help = "Examples:
  tidings serve --data /var/lib/tidings --contact mailto:you@example.com
  tidings serve --config tidings.toml                    settings from a file, named as the flags
  tidings serve --push-service http://127.0.0.1:7474     without internet, with `tidings push-service`
  tidings serve --demo-sessions --loopback-without-token --offline chromium
                                                         the demo in a browser, without internet

Programs that send need a token: `tidings tokens create NAME`.
It runs until Ctrl-C or SIGTERM, or until the browser is closed, and then finishes the requests under way.
Exit codes: 0 stopped, 1 could not start, 2 wrong usage")]
pub(crate) struct Args {
    #[command(flatten)]
    store: settings::Store,
    #[command(flatten)]
    outgoing: settings::Outgoing,
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "IP:PORT", env = "TIDINGS_ADDRESS")]
    address: Option<SocketAddr>,
    /// A folder of static files to serve at / [default: target/www, if it exists]
    #[arg(long, value_name = "DIR", env = "TIDINGS_WWW")]
    www: Option<PathBuf>,
    /// Whom push services may contact: a mailto: or https: URL; Apple's wants a real one
    #[arg(long, value_name = "URL", env = "TIDINGS_CONTACT")]
    contact: Option<String>,
    /// Where to answer /metrics and /health without a token, too: an address that only you reach
    #[arg(long, value_name = "IP:PORT", env = "TIDINGS_METRICS")]
    metrics: Option<SocketAddr>,
    /// A push service that is sent to besides those of the browsers: push.example, *.push.example, or * for all
    #[arg(long, value_name = "HOST", env = "TIDINGS_ALLOW_PUSH_SERVICE", value_delimiter = ',')]
    allow_push_service: Vec<Pattern>,
    /// A reverse proxy whose X-Forwarded-For is believed: 10.0.0.0/8
    #[arg(long, value_name = "NET", env = "TIDINGS_TRUSTED_PROXY", value_delimiter = ',', value_parser = network)]
    trusted_proxy: Vec<IpNet>,
    /// Requests a second from one client, in the long run [default: 20]
    #[arg(long, value_name = "NUMBER", env = "TIDINGS_RATE")]
    rate: Option<NonZeroU32>,
    /// Requests from one client at once [default: 200]
    #[arg(long, value_name = "NUMBER", env = "TIDINGS_BURST")]
    burst: Option<NonZeroU32>,
    #[command(flatten)]
    keep: settings::Keep,
    /// Send through this local push service (see `tidings push-service`)
    #[arg(long, value_name = "URL")]
    push_service: Option<Url>,
    /// Let anybody sign in under any name: for the demo, never for users of yours
    #[arg(long)]
    demo_sessions: bool,
    /// Let programs on this machine send without a token: for the demo and for tests
    #[arg(long)]
    loopback_without_token: bool,
    /// Start a local push service, and open this browser on the demo, wired to it
    #[arg(long, value_name = "BROWSER", conflicts_with = "push_service")]
    offline: Option<Kind>,
    /// With --offline: no window, and notifications are allowed without asking
    #[arg(long, requires = "offline")]
    headless: bool,
}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let file = self.store.file()?;
        let mut config = self.store.config(&file);
        config.address = self.address.or(file.address).unwrap_or(config.address);
        config.contact = self.contact.unwrap_or(config.contact);
        self.outgoing.over(&mut config);
        self.keep.over(&mut config);
        config.metrics_address = self.metrics.or(file.metrics);
        config.www = self.www.or(file.www).or_else(|| Path::new(DEMO).is_dir().then(|| DEMO.into()));
        let without_demo = config.www.is_none();
        for pattern in self.allow_push_service {
            config.push_services.allow(pattern);
        }
        config.trusted_proxies = if self.trusted_proxy.is_empty() { file.trusted_proxy } else { self.trusted_proxy };
        config.limits.rate = self.rate.unwrap_or(config.limits.rate);
        config.limits.burst = self.burst.unwrap_or(config.limits.burst);
        config.demo_sessions = self.demo_sessions;
        config.loopback_without_token = self.loopback_without_token;
        let push_service = match (self.offline, &self.push_service) {
            (Some(_), _) => Some(start_push_service().await?),
            (None, Some(url)) => {
                config.local_push_service = Some(local_push_service(url).await?);
                None
            }
            (None, None) => None,
        };
        if let Some(service) = &push_service {
            config.local_push_service = Some(wire(service.description())?);
        }
        let server = Server::start(config).await?;
        let url = url_of(server.address());
        println!("Tidings is at {url}");
        if let Some(address) = server.metrics_address() {
            println!("Metrics are at http://{address}/metrics");
        }
        if without_demo {
            eprintln!("There is no {DEMO}, so only the API is served: build the demo, or name a folder with --www.");
        }
        if let (Some(kind), Some(service)) = (self.offline, &push_service) {
            let mut options = Options { url: Some(url.parse()?), headless: self.headless, ..Options::new(kind) };
            if self.headless {
                // Nobody is there to answer the prompt.
                options.allow = vec![url.parse::<Origin>()?];
            }
            let mut browser = browser::open(&options, service.description())?;
            until_closed(&mut browser).await?;
            browser.close().await?;
        } else {
            signals::interrupted().await?;
        }
        server.stop().await;
        if let Some(service) = push_service {
            service.stop().await;
        }
        Ok(())
    }
}

/// A network, or one address.
fn network(text: &str) -> Result<IpNet, String> {
    let net = text.parse().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
    net.map_err(|_| format!("{text} is no network: write 10.0.0.0/8 or 10.0.0.1"))
}

/// Returns when the person closes the browser or asks the program to stop.
async fn until_closed(browser: &mut Browser) -> anyhow::Result<()> {
    tokio::select! {
        status = browser.wait() => {
            let status = status.context("cannot wait for the browser's end")?;
            if !status.success() {
                anyhow::bail!("the browser ended with {status}: set TIDINGS_LOG=debug to see what it says");
            }
            Ok(())
        }
        interrupted = signals::interrupted() => interrupted,
    }
}

/// Starts a push service at its usual ports, or at free ones if another runs there.
async fn start_push_service() -> anyhow::Result<PushService> {
    use tidings_push_service::Config;

    let service = match PushService::start(Config::default()).await {
        Err(StartError::PortInUse { .. }) => PushService::start(Config::ephemeral()).await?,
        result => result?,
    };
    eprintln!("The local push service is at {}", service.description().http);
    Ok(service)
}

/// Asks a local push service what a sender must know of it.
pub(super) async fn local_push_service(url: &Url) -> anyhow::Result<LocalPushService> {
    wire(&browser::discover(url).await?)
}

/// What the server must know of a local push service.
fn wire(description: &Description) -> anyhow::Result<LocalPushService> {
    let https = Url::parse(&description.https)?;
    let https = https.socket_addrs(|| None)?.into_iter().next().ok_or_else(|| anyhow!("{https} has no address"))?;
    Ok(LocalPushService {
        origin: Url::parse(&description.http)?,
        https,
        hosts: description.hosts.clone(),
        certificate_pem: description.certificate_pem.clone(),
    })
}

/// The URL to open: `localhost` where possible, since browsers allow push there without https.
fn url_of(address: SocketAddr) -> String {
    let ip = address.ip().to_canonical();
    if ip.is_unspecified() || ip == Ipv4Addr::LOCALHOST {
        format!("http://localhost:{}", address.port())
    } else {
        format!("http://{address}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_localhost_where_browsers_allow_push() {
        for (address, url) in [
            ("127.0.0.1:8080", "http://localhost:8080"),
            ("0.0.0.0:80", "http://localhost:80"),
            ("[::]:8080", "http://localhost:8080"),
            ("127.0.0.2:8080", "http://127.0.0.2:8080"),
            ("[::1]:8080", "http://[::1]:8080"),
            ("192.168.1.2:8080", "http://192.168.1.2:8080"),
        ] {
            assert_eq!(url_of(address.parse().expect("an address")), url);
        }
    }

    #[tokio::test]
    async fn wires_the_server_to_a_push_service() {
        let service = PushService::start(tidings_push_service::Config::ephemeral()).await.expect("starts");
        let description = service.description();
        let told = local_push_service(&description.http.parse().expect("a URL")).await.expect("answers");
        assert_eq!(told.origin.as_str().trim_end_matches('/'), description.http);
        assert_eq!(format!("https://{}", told.https), description.https);
        assert!(told.hosts.iter().any(|host| host == "fcm.googleapis.com"));
        service.stop().await;
        let error = local_push_service(&told.origin).await.expect_err("stopped");
        assert!(format!("{error:#}").contains("tidings push-service"), "{error:#}");
    }
}
