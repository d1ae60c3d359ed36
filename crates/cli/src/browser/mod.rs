//! Real browsers with a throwaway profile, wired to a local push service.
//!
//! ```ignore
//! let service = browser::discover(&"http://127.0.0.1:7474".parse()?).await?;
//! let options = browser::Options { url: Some(url), ..browser::Options::new(browser::Kind::Chromium) };
//! let mut browser = browser::open(&options, &service)?;
//! browser.wait().await?;
//! browser.close().await?;
//! ```

mod chromium;
mod discover;
mod environment;
mod firefox;
mod origin;
mod program;
mod running;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Serialize;
use serde_json::{Map, Value};
use tidings_push_service::Description;
use url::Url;

pub(crate) use discover::discover;
pub(crate) use origin::Origin;
pub(crate) use running::Browser;

/// The browsers this can start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Chromium, Chrome or another of its family.
    Chromium,
    /// Firefox.
    Firefox,
}

/// Which browser, and how.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) kind: Kind,
    /// The page to open.
    pub(crate) url: Option<Url>,
    pub(crate) headless: bool,
    /// A profile to use and to keep. Without one the browser gets a new one, removed at the end.
    pub(crate) profile: Option<PathBuf>,
    /// Sites that may show notifications without asking.
    pub(crate) allow: Vec<Origin>,
    /// The browser's program, instead of the one found.
    pub(crate) program: Option<PathBuf>,
}

impl Options {
    /// A window with a throwaway profile.
    pub(crate) fn new(kind: Kind) -> Self {
        Self { kind, url: None, headless: false, profile: None, allow: Vec::new(), program: None }
    }
}

/// All it takes to start a browser: `tidings browser --print` prints it.
#[derive(Debug, Serialize)]
pub(crate) struct Plan {
    program: PathBuf,
    args: Vec<String>,
    /// The whole environment: the browser gets nothing else.
    env: BTreeMap<String, String>,
    profile: Option<PathBuf>,
    /// Firefox: preferences by name. Chromium: to be merged into the profile's `Default/Preferences`.
    prefs: Map<String, Value>,
}

/// What starts a browser. Nothing is written or started. Without a profile in the options the plan has none: whoever
/// follows it adds one, and a home folder.
pub(crate) fn plan(options: &Options, service: &Description) -> anyhow::Result<Plan> {
    let program = program::find(options.kind, options.program.as_deref())?;
    let profile = options.profile.as_deref();
    let mut args = match options.kind {
        Kind::Chromium => chromium::args(service, profile, options.headless)?,
        Kind::Firefox => firefox::args(profile, options.headless)?,
    };
    args.extend(options.url.as_ref().map(|url| first_page(options.kind, url, service)).transpose()?);
    let mut env = environment::clean(profile.map(home).as_deref());
    let prefs = match options.kind {
        Kind::Chromium => chromium::preferences(&options.allow),
        Kind::Firefox => {
            env.extend(firefox::environment());
            firefox::preferences(service, !options.allow.is_empty())?
        }
    };
    Ok(Plan { program, args, env, profile: options.profile.clone(), prefs })
}

/// Firefox must not see a page before it is ready for push: the push service sends it there in time.
fn first_page(kind: Kind, url: &Url, service: &Description) -> anyhow::Result<String> {
    if kind == Kind::Chromium || !matches!(url.scheme(), "http" | "https") {
        return Ok(url.to_string());
    }
    let open = Url::parse_with_params(&format!("{}/open", service.http), [("url", url.as_str())]);
    Ok(open.context("the push service names an address that is no URL")?.into())
}

/// Opens a browser. It ends with the value this returns.
pub(crate) fn open(options: &Options, service: &Description) -> anyhow::Result<Browser> {
    let mut options = options.clone();
    let mut throwaway = None;
    if options.profile.is_none() {
        let folder = tempfile::Builder::new().prefix("tidings-profile-").tempdir();
        let folder =
            folder.context("cannot make a folder for the browser's profile: set TMPDIR to one that can be written")?;
        options.profile = Some(folder.path().to_owned());
        throwaway = Some(folder);
    }
    let plan = plan(&options, service)?;
    if !options.headless && !environment::has_display() {
        bail!("there is no display to open a window on: set DISPLAY or pass --headless");
    }
    if let Some(profile) = &plan.profile {
        prepare(options.kind, profile, &plan.prefs)
            .with_context(|| format!("cannot prepare the profile {}", profile.display()))?;
    }
    Browser::start(&plan, throwaway)
}

/// Makes the profile what the plan says.
fn prepare(kind: Kind, profile: &Path, prefs: &Map<String, Value>) -> anyhow::Result<()> {
    std::fs::create_dir_all(home(profile))?;
    match kind {
        Kind::Chromium => chromium::write_preferences(profile, prefs),
        Kind::Firefox => firefox::write_preferences(profile, prefs),
    }
}

/// The browser's home folder: what it writes beside its profile must not reach the person's own.
fn home(profile: &Path) -> PathBuf {
    profile.join("home")
}

/// A path as an argument. Arguments are printed as JSON, so they must be text.
fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().with_context(|| format!("{} is not Unicode: choose a folder with a plain name", path.display()))
}

#[cfg(test)]
mod tests;
