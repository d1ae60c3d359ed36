//! Chromium: switches, and permissions in the profile.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context as _;
use serde_json::{Map, Value, json};
use tidings_push_service::Description;

use super::{Origin, text};

/// No first-run pages, no calls home, nothing of the desktop's keyring.
const SWITCHES: &[&str] = &[
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-features=MediaRouter,OptimizationHints,Translate",
    "--disable-quic",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    "--hide-crash-restore-bubble",
    "--metrics-recording-only",
    "--password-store=basic",
    "--use-mock-keychain",
    // Every other name does not exist, so nothing leaves this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost , EXCLUDE *.localhost",
];

/// The switches that wire Chromium to a push service.
pub(super) fn args(service: &Description, profile: Option<&Path>, headless: bool) -> anyhow::Result<Vec<String>> {
    let mut args: Vec<_> = SWITCHES.iter().map(|&switch| switch.to_owned()).collect();
    args.extend([
        format!("--gcm-checkin-url={}", service.checkin),
        format!("--gcm-registration-url={}", service.register),
        format!("--gcm-mcs-endpoint={}", service.mcs),
        format!("--ignore-certificate-errors-spki-list={}", service.spki_sha256),
    ]);
    if let Some(profile) = profile {
        args.push(format!("--user-data-dir={}", text(profile)?));
    }
    if headless {
        args.extend(["--headless=new".to_owned(), "--disable-gpu".to_owned()]);
    }
    if is_root() {
        args.push("--no-sandbox".to_owned());
    }
    Ok(args)
}

/// What the profile must say so that these sites need not ask.
pub(super) fn preferences(allow: &[Origin]) -> Map<String, Value> {
    let mut preferences = Map::new();
    if !allow.is_empty() {
        let allowed: Map<_, _> = allow.iter().map(|origin| (origin.pattern(), json!({"setting": 1}))).collect();
        let exceptions = json!({"content_settings": {"exceptions": {"notifications": allowed}}});
        preferences.insert("profile".to_owned(), exceptions);
    }
    preferences
}

/// Merges preferences into the profile's own.
pub(super) fn write_preferences(profile: &Path, preferences: &Map<String, Value>) -> anyhow::Result<()> {
    let folder = profile.join("Default");
    let file = folder.join("Preferences");
    let mut all = match fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text).with_context(|| {
            format!("{} is no JSON: delete it, or pass another folder with --profile", file.display())
        })?,
        Err(error) if error.kind() == ErrorKind::NotFound => Map::new(),
        Err(error) => return Err(error.into()),
    };
    merge(&mut all, preferences);
    fs::create_dir_all(&folder)?;
    fs::write(&file, Value::Object(all).to_string())?;
    Ok(())
}

fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(Value::Object(into)), Value::Object(from)) => merge(into, from),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Chromium refuses to run its sandbox as root, which is what a container usually is.
fn is_root() -> bool {
    #[cfg(unix)]
    return rustix::process::geteuid().is_root();
    #[cfg(not(unix))]
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn preferences_join_those_of_the_profile() {
        let profile = tempfile::tempdir().unwrap();
        let file = profile.path().join("Default/Preferences");
        for origin in ["http://localhost:1", "http://localhost:2"] {
            write_preferences(profile.path(), &preferences(&[origin.parse().unwrap()])).unwrap();
        }
        let written: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        let notifications = &written["profile"]["content_settings"]["exceptions"]["notifications"];
        assert_eq!(notifications["http://localhost:1,*"]["setting"], 1);
        assert_eq!(notifications["http://localhost:2,*"]["setting"], 1);
        fs::write(&file, "{").unwrap();
        assert!(write_preferences(profile.path(), &Map::new()).unwrap_err().to_string().contains("no JSON"));
    }
}
