//! `tidings`: the application server, the local push service, real browsers wired to it, keys and messages, from the shell.

#![forbid(unsafe_code)]

mod browser;
mod commands;
mod settings;
mod signals;
mod worker;

use std::process::ExitCode;

use clap::Parser;

/// Web Push on one machine: application server, local push service, browsers, keys and messages.
#[derive(Parser)]
#[command(name = "tidings", version, about, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: commands::Command,
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_env("TIDINGS_LOG").unwrap_or_else(|_| "info,sqlx=warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    match cli.command.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tidings: {error:#}");
            ExitCode::FAILURE
        }
    }
}
