//! Where a browser's program is.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::bail;

use super::Kind;

/// Where to look, in this order.
struct Places {
    /// Names the browser in errors.
    name: &'static str,
    /// Overrides all places.
    variable: &'static str,
    /// Whole paths: before the names, because a distribution's wrapper script may set API keys and flags.
    paths: &'static [&'static str],
    /// Names in the folders of PATH.
    names: &'static [&'static str],
    /// On Windows, below the folders for programs.
    windows: &'static [&'static str],
    install: &'static str,
}

const CHROMIUM: Places = Places {
    name: "Chromium",
    variable: "TIDINGS_CHROMIUM",
    paths: &[
        "/usr/lib/chromium/chromium",
        "/usr/lib64/chromium-browser/chromium-browser",
        "/opt/google/chrome/chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    ],
    names: &["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"],
    windows: &[r"Chromium\Application\chrome.exe", r"Google\Chrome\Application\chrome.exe"],
    install: "`apt-get install chromium`, `brew install --cask chromium`, or https://www.google.com/chrome/",
};

const FIREFOX: Places = Places {
    name: "Firefox",
    variable: "TIDINGS_FIREFOX",
    paths: &["/Applications/Firefox.app/Contents/MacOS/firefox"],
    names: &["firefox", "firefox-esr"],
    windows: &[r"Mozilla Firefox\firefox.exe"],
    install: "`apt-get install firefox-esr`, `brew install --cask firefox`, or https://www.mozilla.org/firefox/",
};

/// The program to start: the one given, the one of the environment variable, or the first one found.
pub(super) fn find(kind: Kind, given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let places = match kind {
        Kind::Chromium => CHROMIUM,
        Kind::Firefox => FIREFOX,
    };
    let variable = env::var_os(places.variable).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(chosen) = given.map(Path::to_owned).or(variable) {
        if !chosen.is_file() {
            bail!("there is no program {}: correct --program or {}", chosen.display(), places.variable);
        }
        return Ok(chosen);
    }
    match places.candidates().find(|path| path.is_file()) {
        Some(found) => Ok(found),
        None => bail!(
            "cannot find {}: install it ({}), or pass its path with --program or {}",
            places.name,
            places.install,
            places.variable
        ),
    }
}

impl Places {
    fn candidates(&self) -> impl Iterator<Item = PathBuf> {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders: Vec<_> = env::split_paths(&path).filter(|folder| folder.is_absolute()).collect();
        let named =
            self.names.iter().flat_map(move |name| folders.clone().into_iter().map(move |folder| folder.join(name)));
        let windows = ["ProgramFiles", "ProgramFiles(x86)", "LocalAppData"]
            .into_iter()
            .filter_map(env::var_os)
            .flat_map(|folder| self.windows.iter().map(move |path| Path::new(&folder).join(path)));
        self.paths.iter().map(PathBuf::from).chain(named).chain(windows)
    }
}
