//! The subcommands, one module each.

mod browser;
mod keys;
mod push_service;
mod send;
mod serve;
mod tokens;
mod worker;

use clap::Subcommand;

/// What `tidings` can do.
#[derive(Subcommand)]
pub(crate) enum Command {
    Serve(serve::Args),
    PushService(push_service::Args),
    Browser(browser::Args),
    Keys(keys::Args),
    Tokens(tokens::Args),
    Send(send::Args),
    Worker(worker::Args),
}

impl Command {
    /// Runs the chosen subcommand to its end.
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Serve(args) => args.run().await,
            Self::PushService(args) => args.run().await,
            Self::Browser(args) => args.run().await,
            Self::Keys(args) => args.run().await,
            Self::Tokens(args) => args.run().await,
            Self::Send(args) => args.run().await,
            Self::Worker(args) => args.run().await,
        }
    }
}
