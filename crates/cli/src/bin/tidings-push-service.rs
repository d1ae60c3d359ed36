//! `tidings-push-service`: the local push service and browsers wired to it, and nothing else, for those who test their own
//! web push. It is `tidings push-service` and `tidings browser`, of the same modules.

#![forbid(unsafe_code)]

// The other program uses more of it.
#[allow(dead_code, unused_imports)]
#[path = "../browser/mod.rs"]
mod browser;
#[path = "../commands/browser.rs"]
mod launch;
#[path = "../commands/push_service.rs"]
mod service;
#[path = "../signals.rs"]
mod signals;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "tidings-push-service", version, propagate_version = true, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(flatten)]
    service: service::Args,

    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Browser(launch::Args),
}

#[tokio::main]
async fn main() -> ExitCode {
    let Cli { service, command } = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("TIDINGS_LOG").unwrap_or_else(|_| "info".into()))
        .with_writer(std::io::stderr)
        .init();
    let run = match command {
        None => service.run().await,
        Some(Command::Browser(args)) => args.run().await,
    };
    match run {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tidings-push-service: {error:#}");
            ExitCode::FAILURE
        }
    }
}
