//! `tidings browser`.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use url::Url;

use crate::browser::{self, Kind, Options, Origin};
use crate::signals;

/// Opens a real browser that does Web Push with the local push service.
///
/// The browser gets a throwaway profile, removed at the end, and reaches nothing but this machine.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Which browser
    browser: Kind,

    /// The page to open
    url: Option<Url>,

    /// Where `tidings push-service` runs
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7474")]
    push_service: Url,

    /// Without a window
    #[arg(long)]
    headless: bool,

    /// Use this profile folder, and keep it
    #[arg(long, value_name = "DIR")]
    profile: Option<PathBuf>,

    /// Let this site show notifications without asking; in Firefox any use of it lets all sites
    #[arg(long, value_name = "ORIGIN")]
    allow: Vec<Origin>,

    /// The browser's program, instead of the one found (or set TIDINGS_CHROMIUM, TIDINGS_FIREFOX)
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,

    /// Print as JSON what would be started ({program, args, env, profile, prefs}), and do nothing
    #[arg(long)]
    print: bool,
}

impl Args {
    pub(crate) async fn run(self) -> anyhow::Result<()> {
        let service = browser::discover(&self.push_service).await?;
        let profile = match self.profile {
            Some(profile) => Some(std::path::absolute(profile).context("cannot find the profile folder")?),
            None => None,
        };
        let options = Options {
            kind: self.browser,
            url: self.url,
            headless: self.headless,
            profile,
            allow: self.allow,
            program: self.program,
        };
        if self.print {
            println!("{}", serde_json::to_string_pretty(&browser::plan(&options, &service)?)?);
            return Ok(());
        }
        let mut browser = browser::open(&options, &service)?;
        tracing::info!(pid = browser.pid(), "the browser runs: close it or press Ctrl-C to end");
        let ended = tokio::select! {
            status = browser.wait() => Some(status.context("cannot wait for the browser's end")?),
            interrupted = signals::interrupted() => { interrupted?; None }
        };
        browser.close().await?;
        match ended {
            Some(status) if !status.success() => {
                bail!("the browser ended with {status}: set TIDINGS_LOG=debug to see what it says")
            }
            _ => Ok(()),
        }
    }
}
