//! `tidings tokens`.

use anyhow::{bail, ensure};
use serde_json::json;
use tidings_server::{State, store::ApiToken};

use crate::settings;

/// Make, list and revoke the API tokens that programs send with
#[derive(clap::Args)]
#[command(after_help = "Examples:
  tidings tokens create newsletter      prints the token: it is shown once, and not stored
  tidings tokens list
  tidings tokens revoke 0193…           at once, in every running server

Send it as `authorization: Bearer TOKEN`.")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    store: settings::Store,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Make a token
    Create {
        /// What it is for, to know it again
        name: String,
    },
    /// List the tokens, without their secrets
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a token
    Revoke {
        /// Its id, as `list` shows it
        id: String,
    },
}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let state = State::open(&self.store.existing()?).await?;
        let result = self.command.run(&state).await;
        state.store().close().await;
        result
    }
}

impl Command {
    async fn run(self, state: &State) -> anyhow::Result<()> {
        match self {
            Self::Create { name } => {
                ensure!((1..=200).contains(&name.chars().count()), "the name must have 1 to 200 characters");
                let (token, secret) = state.store().create_token(&name).await?;
                println!("{secret}");
                eprintln!("Keep it: it is not shown again. Its id, to revoke it, is {}.", token.id);
            }
            Self::List { json } => {
                let tokens = state.store().tokens().await?;
                if json {
                    println!("{}", serde_json::Value::from_iter(tokens.iter().map(describe)));
                } else if tokens.is_empty() {
                    eprintln!("There are no tokens: make one with `tidings tokens create NAME`.");
                } else {
                    for token in &tokens {
                        println!("{}  {}  ({})", token.id, token.name, used(token));
                    }
                }
            }
            Self::Revoke { id } => {
                if !state.store().revoke_token(&id).await? {
                    bail!("there is no token {id}: `tidings tokens list` shows them");
                }
                eprintln!("Revoked.");
            }
        }
        Ok(())
    }
}

fn describe(token: &ApiToken) -> serde_json::Value {
    json!({ "id": token.id, "name": token.name, "created": token.created, "lastUsed": token.last_used })
}

/// When it was last used, within a minute.
fn used(token: &ApiToken) -> String {
    let Some(milliseconds) = token.last_used else { return "never used".to_owned() };
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_millis(milliseconds.unsigned_abs());
    format!("used {}", httpdate::fmt_http_date(time))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn parse(line: &[&str]) -> Result<Args, clap::Error> {
        Cli::try_parse_from(["tokens"].iter().chain(line)).map(|cli| cli.args)
    }

    #[tokio::test]
    async fn makes_lists_and_revokes() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().to_str().expect("Unicode");
        let run = async |line: &[&str]| parse(&[line, &["--data", data]].concat()).expect("good").run().await;
        let error = run(&["create", "news"]).await.expect_err("no folder yet");
        assert!(error.to_string().contains("tidings serve"), "{error}");
        let state = State::open(&tidings_server::Config::new(data)).await.expect("made");
        run(&["create", "news"]).await.expect("made");
        assert!(run(&["create", ""]).await.is_err());
        let tokens = state.store().tokens().await.expect("readable");
        assert_eq!((tokens.len(), tokens[0].name.as_str(), used(&tokens[0]).as_str()), (1, "news", "never used"));
        run(&["list"]).await.expect("listed");
        run(&["list", "--json"]).await.expect("listed");
        run(&["revoke", &tokens[0].id]).await.expect("revoked");
        let error = run(&["revoke", &tokens[0].id]).await.expect_err("again");
        assert!(error.to_string().contains("tokens list"), "{error}");
        assert!(state.store().tokens().await.expect("readable").is_empty());
    }
}
