//! `tidings send`.

use std::{fs, path::PathBuf, time::Duration};

use anyhow::{Context, bail, ensure};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;
use tidings_core::message::Builder;
use tidings_server::{
    Push, Sent, State, Subscription, Urgency,
    jobs::{Audience, Job, NewJob, Phase, Runner},
    services::Pattern,
};
use url::Url;

use super::serve::local_push_service;
use crate::{settings, signals};

/// How many subscriptions a dry run reads at once, and how many failures.
const PAGE: u32 = 1000;

/// How often the bar moves.
const LOOK: Duration = Duration::from_millis(100);

/// How long messages under way may take once the person has pressed Ctrl-C.
const GRACE: Duration = Duration::from_secs(10);

/// Send a message from the shell
#[derive(clap::Args)]
#[command(
    group = clap::ArgGroup::new("target").required(true),
    group = clap::ArgGroup::new("content").required(true),
    after_help = "Examples:
  tidings send --all --title 'Lunch is ready' --navigate https://app.example/menu
  tidings send --user ada --title 'You have mail'
  tidings send --to W6Ff_5ZfRK-lWqT6TVK5SwuoY4ChYQid3Km50IvvnvY --message message.json --urgency high
  tidings send --subscription subscription.json --title Hello --dry-run
  tidings send --all --title Hello --push-service http://127.0.0.1:7474

To one subscription it prints `sent ID STATUS` or `failed ID CODE: REASON`. To many it shows a bar, and prints `sent NUMBER`,
`gone NUMBER`, `expired NUMBER`, and `failed ID CODE: REASON` for each failure. Ctrl-C pauses: `--resume SEND` goes on.
Subscriptions that are gone (404, 410) are removed.

Exit codes: 0 all sent, 1 something failed or there was nobody to send to, 2 wrong usage"
)]
pub(crate) struct Args {
    #[command(flatten)]
    store: settings::Store,
    #[command(flatten)]
    outgoing: settings::Outgoing,
    /// Whom push services may contact: a mailto: or https: URL
    #[arg(long, value_name = "URL", env = "TIDINGS_CONTACT")]
    contact: Option<String>,
    /// Send through this local push service (see `tidings push-service`)
    #[arg(long, value_name = "URL")]
    push_service: Option<Url>,
    /// A push service that is sent to besides those of the browsers, as for `tidings serve`
    #[arg(long, value_name = "HOST", env = "TIDINGS_ALLOW_PUSH_SERVICE", value_delimiter = ',')]
    allow_push_service: Vec<Pattern>,

    /// Send to the stored subscription with this id
    #[arg(long, value_name = "ID", group = "target", help_heading = "To whom")]
    to: Option<String>,
    /// Send to the subscription in this file, as `subscription.toJSON()` writes it
    #[arg(long, value_name = "FILE", group = "target", help_heading = "To whom")]
    subscription: Option<PathBuf>,
    /// Send to each device of this user
    #[arg(long, value_name = "USER", group = "target", help_heading = "To whom")]
    user: Option<String>,
    /// Send to the device with this id, which its browser has chosen
    #[arg(long, value_name = "ID", group = "target", help_heading = "To whom")]
    device: Option<String>,
    /// Send to every stored subscription with this tag
    #[arg(long = "to-tag", value_name = "TAG", group = "target", help_heading = "To whom")]
    to_tag: Option<String>,
    /// Go on with a send that was paused
    #[arg(long, value_name = "SEND", groups = ["target", "content"], help_heading = "To whom")]
    resume: Option<String>,
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

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let push = if self.resume.is_some() { None } else { Some(self.push()?) };
        let mut config = self.store.existing()?;
        self.outgoing.over(&mut config);
        if let Some(contact) = &self.contact {
            config.contact.clone_from(contact);
        }
        for pattern in &self.allow_push_service {
            config.push_services.allow(pattern.clone());
        }
        if let Some(url) = &self.push_service {
            config.local_push_service = Some(local_push_service(url).await?);
        }
        let state = State::open(&config).await?;
        let result = match push {
            Some(push) => self.send(&state, push).await,
            None => self.go_on(&state).await,
        };
        state.store().close().await;
        result
    }

    async fn send(&self, state: &State, push: Push) -> anyhow::Result<()> {
        if let Some(path) = &self.subscription {
            let json = read_json(path)?;
            let none = || format!("{} holds no subscription that is sent to", path.display());
            let subscription = Subscription::from_json(&json, state.local_push_service()).with_context(none)?;
            subscription.endpoint().check_service(&state.config().push_services).with_context(none)?;
            if self.dry_run {
                println!("would send {}", subscription.id());
                return Ok(());
            }
            let result = state.sender().send(&subscription, &push).await;
            return report(&subscription.id(), result.map_err(|error| (error.code(), error.to_string())));
        }
        if let Some(id) = &self.to {
            ensure!(
                state.store().get(id).await?.is_some(),
                "there is no subscription {id}: the page prints its id when it subscribes"
            );
            if self.dry_run {
                println!("would send {id}");
                return Ok(());
            }
            let result = state.send(id, &push).await;
            return report(id, result.map_err(|error| (error.code(), error.to_string())));
        }
        let audience = self.audience();
        let count = state.store().count_audience(&audience).await?;
        match &audience {
            Audience::Everyone => ensure!(count > 0, "there are no subscriptions: open the app and subscribe first"),
            some => ensure!(count > 0, "there are no subscriptions of {some}: open the app there and subscribe first"),
        }
        if self.dry_run {
            return would_send(state, &audience, count).await;
        }
        let job = state.create_job(&NewJob::new(push, audience)).await?;
        watch(state, job, count).await
    }

    async fn go_on(&self, state: &State) -> anyhow::Result<()> {
        let id = self.resume.as_deref().unwrap_or_default();
        let job = state.store().job(id).await?;
        let job = job.with_context(|| format!("there is no send {id}: `tidings send` names it when it pauses"))?;
        ensure!(job.finished.is_none(), "the send {id} is {}", job.phase().as_str());
        let count = state.store().count_audience(&job.audience).await?;
        if self.dry_run {
            return would_send(state, &job.audience, count).await;
        }
        state.store().resume_job(id).await?;
        watch(state, job, count).await
    }

    /// One of several; the last, if nothing else is said.
    fn audience(&self) -> Audience {
        match (&self.user, &self.device, &self.to_tag) {
            (Some(user), ..) => Audience::User(user.clone()),
            (_, Some(device), _) => Audience::Device(device.clone()),
            (.., Some(tag)) => Audience::Tag(tag.clone()),
            _ => Audience::Everyone,
        }
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
}

/// Names those who would get it, if it is everybody; else how many there are.
async fn would_send(state: &State, audience: &Audience, count: i64) -> anyhow::Result<()> {
    if *audience != Audience::Everyone {
        println!("would send to {count} subscriptions");
        return Ok(());
    }
    let mut last: Option<String> = None;
    loop {
        let ids = state.store().page(last.as_deref(), PAGE).await?;
        let Some(id) = ids.last() else { return Ok(()) };
        last = Some(id.clone());
        for id in &ids {
            println!("would send {id}");
        }
    }
}

/// Sends, and shows how far it has come, until it is done or Ctrl-C pauses it.
async fn watch(state: &State, job: Job, count: i64) -> anyhow::Result<()> {
    // A server that runs on the same database helps.
    let runner = Runner::start(state.clone(), state.config().runner.clone().unwrap_or_default());
    let bar = bar(count);
    let mut interrupted = std::pin::pin!(signals::interrupted());
    let id = job.id.clone();
    let mut job = job;
    let paused = loop {
        show(&bar, &job, count);
        if job.finished.is_some() {
            break false;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            result = &mut interrupted => {
                result?;
                state.store().pause_job(&id).await?;
                break true;
            }
        }
        job = state.store().job(&id).await?.context("the send was removed by somebody else")?;
    };
    runner.stop(GRACE).await;
    let job = state.store().job(&id).await?.unwrap_or(job);
    show(&bar, &job, count);
    bar.finish();
    summarize(state, &job).await?;
    if paused && job.finished.is_none() {
        bail!("paused: `tidings send --resume {id}` goes on");
    }
    let failed = job.counts.failed + job.counts.gone + job.counts.expired;
    ensure!(failed == 0, "{failed} of {} messages did not arrive", job.counts.total);
    ensure!(job.phase() != Phase::Cancelled, "the send was cancelled by somebody else");
    Ok(())
}

/// A bar, where a person looks; nothing in a pipe or a log.
fn bar(count: i64) -> ProgressBar {
    let length = u64::try_from(count).unwrap_or_default();
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    let template = "{wide_bar} {pos}/{len}  {per_sec}  {eta} left  {msg}";
    // The template is good, as a test makes sure.
    bar.with_style(ProgressStyle::with_template(template).unwrap_or(ProgressStyle::default_bar()))
}

fn show(bar: &ProgressBar, job: &Job, count: i64) {
    let counts = &job.counts;
    // While it spreads, more may come than there were at first.
    bar.set_length(counts.total.max(if job.spread { 0 } else { count }).unsigned_abs());
    bar.set_position((counts.total - counts.pending()).unsigned_abs());
    let failed = counts.failed + counts.gone + counts.expired;
    bar.set_message(if failed > 0 { format!("{failed} not sent") } else { String::new() });
}

/// Prints what became of a send.
async fn summarize(state: &State, job: &Job) -> anyhow::Result<()> {
    let mut last: Option<String> = None;
    loop {
        let failures = state.store().job_failures(&job.id, last.as_deref(), PAGE).await?;
        let Some(failure) = failures.last() else { break };
        last = Some(failure.subscription_id.clone());
        for failure in &failures {
            println!("failed {} {}: {}", failure.subscription_id, failure.code, failure.reason);
        }
    }
    println!("sent {}", job.counts.sent);
    for (name, count) in [("gone", job.counts.gone), ("expired", job.counts.expired)] {
        if count > 0 {
            println!("{name} {count}");
        }
    }
    Ok(())
}

/// Prints what became of one message.
fn report(id: &str, result: Result<Sent, (&'static str, String)>) -> anyhow::Result<()> {
    match result {
        Ok(sent) => {
            println!("sent {id} {}", sent.push_service);
            Ok(())
        }
        Err((code, reason)) => {
            println!("failed {id} {code}: {reason}");
            bail!("1 of 1 messages failed")
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
            &["--all", "--user", "ada", "--title", "T"],
            &["--resume", "x", "--title", "T"],
            &["--resume", "x", "--all"],
        ] {
            assert!(parse(line).is_err(), "{line:?}");
        }
        let long = "x".repeat(4000);
        for line in [&["--all", "--title", &long][..], &["--all", "--title", "T", "--topic", "a b"]] {
            assert!(parse(line).expect("parses").push().is_err(), "{line:.40?}");
        }
    }

    #[test]
    fn sends_to_whom_it_is_told() {
        let audience = |line: &[&str]| parse(line).expect("good").audience();
        assert_eq!(audience(&["--user", "ada", "--title", "T"]), Audience::User("ada".into()));
        assert_eq!(audience(&["--device", "d", "--title", "T"]), Audience::Device("d".into()));
        assert_eq!(audience(&["--to-tag", "news", "--title", "T", "--tag", "t"]), Audience::Tag("news".into()));
        assert_eq!(audience(&["--all", "--title", "T"]), Audience::Everyone);
        assert!(parse(&["--resume", "x"]).is_ok());
    }

    #[tokio::test]
    async fn says_that_there_is_nobody_and_fails() {
        let folder = tempfile::tempdir().expect("a folder");
        let data = folder.path().to_str().expect("Unicode");
        State::open(&tidings_server::Config::new(data)).await.expect("made").store().close().await;
        for who in [&["--all"][..], &["--all", "--dry-run"], &["--user", "ada"], &["--to-tag", "news"]] {
            let line: Vec<&str> = who.iter().copied().chain(["--title", "T", "--data", data]).collect();
            let error = parse(&line).expect("good").run().await.expect_err("nobody");
            assert!(error.to_string().contains("there are no subscriptions"), "{error}");
        }
        let line = ["--resume", "nothing", "--data", data];
        let error = parse(&line).expect("good").run().await.expect_err("nothing");
        assert!(error.to_string().contains("there is no send nothing"), "{error}");
    }

    #[test]
    fn the_bar_has_a_good_template() {
        assert!(ProgressStyle::with_template("{wide_bar} {pos}/{len}  {per_sec}  {eta} left  {msg}").is_ok());
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
