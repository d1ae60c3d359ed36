//! `tidings send`.

use std::{fs, path::PathBuf};

use anyhow::{Context, bail, ensure};
use serde_json::Value;
use tidings_core::message::Builder;
use tidings_server::{Config, Push, Sent, State, Subscription, Urgency, config::DEFAULT_CONTACT, store};
use tokio::task::JoinSet;
use url::Url;

use super::serve::local_push_service;

/// How many subscriptions are sent to at once.
const AT_ONCE: u32 = 16;

/// Send a message from the shell
#[derive(clap::Args)]
#[command(
    group = clap::ArgGroup::new("target").required(true),
    group = clap::ArgGroup::new("content").required(true),
    after_help = "Examples:
  tidings send --all --title 'Lunch is ready' --navigate https://app.example/menu
  tidings send --to W6Ff_5ZfRK-lWqT6TVK5SwuoY4ChYQid3Km50IvvnvY --message message.json --urgency high
  tidings send --subscription subscription.json --title Hello --dry-run
  tidings send --all --title Hello --push-service http://127.0.0.1:7474

It prints one line for each message: `sent ID STATUS` or `failed ID CODE: REASON`.
Subscriptions that are gone (404, 410) are removed from the data folder.

Exit codes: 0 all sent, 1 something failed, 2 wrong usage"
)]
pub(crate) struct Args {
    /// The server's data folder, with its key and subscriptions
    #[arg(long, value_name = "DIR", default_value = "data")]
    data: PathBuf,
    /// Whom push services may contact: a mailto: or https: URL
    #[arg(long, value_name = "URL", default_value = DEFAULT_CONTACT)]
    contact: String,
    /// Send through this local push service (see `tidings push-service`)
    #[arg(long, value_name = "URL")]
    push_service: Option<Url>,

    /// Send to the stored subscription with this id
    #[arg(long, value_name = "ID", group = "target", help_heading = "To whom")]
    to: Option<String>,
    /// Send to the subscription in this file, as `subscription.toJSON()` writes it
    #[arg(long, value_name = "FILE", group = "target", help_heading = "To whom")]
    subscription: Option<PathBuf>,
    /// Send to every stored subscription
    #[arg(long, group = "target", help_heading = "To whom")]
    all: bool,

    /// The notification's title
    #[arg(long, group = "content", help_heading = "What")]
    title: Option<String>,
    /// The notification's text
    #[arg(long, conflicts_with = "message", help_heading = "What")]
    body: Option<String>,
    /// What a click opens: a URL, best absolute
    #[arg(long, value_name = "URL", conflicts_with = "message", default_value = "/", help_heading = "What")]
    navigate: String,
    /// The notification's icon: an absolute URL
    #[arg(long, value_name = "URL", conflicts_with = "message", help_heading = "What")]
    icon: Option<String>,
    /// A shown notification with the same tag is replaced
    #[arg(long, conflicts_with = "message", help_heading = "What")]
    tag: Option<String>,
    /// A file with the whole message: JSON, declarative or your own
    #[arg(long, value_name = "FILE", group = "content", help_heading = "What")]
    message: Option<PathBuf>,

    /// For how many seconds push services keep the message for a browser that is away [default: four weeks]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(..=i64::from(i32::MAX)), help_heading = "How")]
    ttl: Option<u32>,
    /// very-low, low, normal or high
    #[arg(long, help_heading = "How")]
    urgency: Option<Urgency>,
    /// An undelivered message with the same topic is replaced
    #[arg(long, help_heading = "How")]
    topic: Option<String>,
    /// Check everything, send nothing
    #[arg(long, help_heading = "How")]
    dry_run: bool,
}

/// How many messages were sent, and how many were not.
#[derive(Default)]
struct Tally {
    sent: usize,
    failed: usize,
}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let push = self.push()?;
        ensure!(
            self.data.join(store::FILE).is_file(),
            "{} is no data folder: name another with --data, or make one with `tidings serve`",
            self.data.display()
        );
        let mut config = Config::new(&self.data);
        config.contact.clone_from(&self.contact);
        if let Some(url) = &self.push_service {
            config.local_push_service = Some(local_push_service(url).await?);
        }
        let state = State::open(&config).await?;
        let mut tally = Tally::default();
        if let Some(path) = &self.subscription {
            let json = read_json(path)?;
            let subscription = Subscription::from_json(&json, state.local_push_service())
                .with_context(|| format!("{} holds no subscription", path.display()))?;
            if self.dry_run {
                tally.would_send(&subscription.id());
            } else {
                let result = state.sender().send(&subscription, &push).await;
                tally.report(&subscription.id(), result.map_err(|error| (error.code(), error.to_string())));
            }
        } else if let Some(id) = &self.to {
            ensure!(
                state.store().get(id).await?.is_some(),
                "there is no subscription {id} in {}: the page prints its id when it subscribes",
                self.data.display()
            );
            self.send_stored(&state, vec![id.clone()], &push, &mut tally).await;
        } else {
            let mut last: Option<String> = None;
            loop {
                let ids = state.store().page(last.as_deref(), AT_ONCE).await?;
                let Some(id) = ids.last() else { break };
                last = Some(id.clone());
                self.send_stored(&state, ids, &push, &mut tally).await;
            }
            if last.is_none() {
                eprintln!("There are no subscriptions in {}: open the app and subscribe first.", self.data.display());
            }
        }
        state.store().close().await;
        if tally.failed > 0 {
            bail!("{} of {} messages failed", tally.failed, tally.sent + tally.failed);
        }
        Ok(())
    }

    fn push(&self) -> anyhow::Result<Push> {
        let mut push = match (&self.message, &self.title) {
            (Some(path), _) => {
                Push::message(&read_json(path)?).with_context(|| format!("{} cannot be sent", path.display()))?
            }
            (None, title) => {
                let mut message = Builder::new(title.as_deref().unwrap_or_default(), &self.navigate);
                for (name, value) in [("body", &self.body), ("icon", &self.icon), ("tag", &self.tag)] {
                    if let Some(value) = value {
                        message = message.option(name, value.as_str());
                    }
                }
                Push::bytes(message.build()?)?
            }
        };
        if let Some(ttl) = self.ttl {
            push = push.ttl(ttl);
        }
        if let Some(urgency) = self.urgency {
            push = push.urgency(urgency);
        }
        if let Some(topic) = &self.topic {
            push = push.topic(topic)?;
        }
        Ok(push)
    }

    async fn send_stored(&self, state: &State, ids: Vec<String>, push: &Push, tally: &mut Tally) {
        let mut tasks = JoinSet::new();
        for id in ids {
            if self.dry_run {
                tally.would_send(&id);
                continue;
            }
            let (state, push) = (state.clone(), push.clone());
            tasks.spawn(async move {
                let result = state.send(&id, &push).await.map_err(|error| (error.code(), error.to_string()));
                (id, result)
            });
        }
        for (id, result) in tasks.join_all().await {
            tally.report(&id, result);
        }
    }
}

impl Tally {
    fn would_send(&mut self, id: &str) {
        println!("would send {id}");
        self.sent += 1;
    }

    fn report(&mut self, id: &str, result: Result<Sent, (&'static str, String)>) {
        match result {
            Ok(sent) => {
                println!("sent {id} {}", sent.push_service);
                self.sent += 1;
            }
            Err((code, reason)) => {
                println!("failed {id} {code}: {reason}");
                self.failed += 1;
            }
        }
    }
}

fn read_json(path: &PathBuf) -> anyhow::Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;
    use serde_json::json;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        args: Args,
    }

    fn parse(line: &[&str]) -> Result<Args, clap::Error> {
        Command::try_parse_from(["send"].iter().chain(line)).map(|command| command.args)
    }

    #[test]
    fn writes_a_declarative_message() {
        let line = ["--all", "--title", "T", "--body", "B", "--tag", "t", "--icon", "https://app.example/i.png"];
        let push = parse(&line).expect("good").push().expect("good");
        let message: Value = serde_json::from_slice(push.payload().expect("a payload")).expect("JSON");
        let notification =
            json!({"title": "T", "navigate": "/", "body": "B", "tag": "t", "icon": "https://app.example/i.png"});
        assert_eq!(message, json!({"web_push": 8030, "notification": notification}));
    }

    #[test]
    fn refuses_what_contradicts_itself() {
        for line in [
            &["--title", "T"][..],
            &["--all"],
            &["--all", "--to", "x", "--title", "T"],
            &["--all", "--title", "T", "--message", "m.json"],
            &["--all", "--message", "m.json", "--body", "B"],
            &["--all", "--title", "T", "--urgency", "urgent"],
            &["--all", "--title", "T", "--ttl", "-1"],
            &["--all", "--title", "T", "--ttl", "2147483648"],
            &["--all", "--title", "T", "--push-service", "7474"],
        ] {
            assert!(parse(line).is_err(), "{line:?}");
        }
        let long = "x".repeat(4000);
        for line in [&["--all", "--title", &long][..], &["--all", "--title", "T", "--topic", "a b"]] {
            assert!(parse(line).expect("parses").push().is_err(), "{line:.40?}");
        }
    }

    #[tokio::test]
    async fn makes_no_data_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().join("data");
        let line = ["--all", "--title", "T", "--data", data.to_str().expect("Unicode")];
        let error = parse(&line).expect("good").run().await.expect_err("nothing there");
        assert!(error.to_string().contains("tidings serve"), "{error}");
        assert!(!data.exists());
    }
}
