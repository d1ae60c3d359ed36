//! `tidings push-service`.

use std::net::SocketAddr;
use std::path::PathBuf;

use tidings_push_service::{Config, PushService};

use crate::signals;

/// A local push service, for real browsers without internet.
///
/// Prints the address of its description when it is ready, and runs until Ctrl-C. `tidings browser` opens a browser
/// wired to it. Subscriptions and messages live in memory and end with the service, unless --state names a file.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Where to listen for Firefox, senders and control; port 0 takes a free one
    #[arg(long, default_value_t = Config::default().http)]
    address: SocketAddr,

    /// Where to listen for Chromium, and for senders over TLS; port 0 takes a free one
    #[arg(long, default_value_t = Config::default().tls)]
    tls_address: SocketAddr,

    /// A folder to keep the certificate in, so that senders need to trust it only once [default: that of --state]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,

    /// A file to keep subscriptions and waiting messages in, so that they outlive the service; keep the ports, too
    #[arg(long, value_name = "FILE")]
    state: Option<PathBuf>,

    /// Load mode, to measure senders: takes messages at /load/NUMBER, checks and counts them, and keeps none
    #[arg(long)]
    load: bool,
}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let Self { address: http, tls_address: tls, data, state, load } = self;
        let config = Config { http, tls, data, state, load };
        let service = PushService::start(config).await?;
        println!("{}/about", service.description().http);
        signals::interrupted().await?;
        service.stop().await;
        Ok(())
    }
}
