//! Firefox: arguments and preferences.

use std::fmt::Write as _;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};
use tidings_push_service::Description;
use url::Url;

use super::{environment, text};

/// The first line of the file with our preferences: without it the file is the person's own.
const MARK: &str = "// Written by `tidings browser`, anew at each start.";

/// The arguments that open a profile.
pub(super) fn args(profile: Option<&Path>, headless: bool) -> anyhow::Result<Vec<String>> {
    let mut args = vec!["--no-remote".to_owned()];
    if let Some(profile) = profile {
        args.extend(["--profile".to_owned(), text(profile)?.to_owned()]);
    }
    if headless {
        args.push("--headless".to_owned());
    }
    Ok(args)
}

/// What a release build needs to be kept from calling home.
pub(super) fn environment() -> [(String, String); 2] {
    [
        // Lets `services.settings.server` count.
        ("MOZ_REMOTE_SETTINGS_DEVTOOLS".to_owned(), "1".to_owned()),
        ("MOZ_CRASHREPORTER_DISABLE".to_owned(), "1".to_owned()),
    ]
}

/// The preferences that wire Firefox to a push service. Permission is given to all sites or to none: Firefox keeps the
/// permission of a single site in a database.
pub(super) fn preferences(service: &Description, allow: bool) -> anyhow::Result<Map<String, Value>> {
    let proxy = Url::parse(&service.proxy).context("the push service names a proxy that is no URL")?;
    let Some((host, port)) = proxy.host_str().zip(proxy.port_or_known_default()) else {
        bail!("the push service names a proxy without a host: {proxy}");
    };
    let push = json!({
        "dom.push.serverURL": service.web_socket,
        "dom.push.testing.allowInsecureServerURL": true,
        // The default, but remote control turns it off where it is not set.
        "dom.push.connection.enabled": true,
    });
    let mut preferences = quiet();
    preferences.extend(object(push));
    // Loopback needs no proxy. For all the rest there is the push service's, which refuses it.
    preferences.extend(object(json!({
        "network.proxy.type": 1,
        "network.proxy.http": host,
        "network.proxy.http_port": port,
        "network.proxy.ssl": host,
        "network.proxy.ssl_port": port,
        "network.proxy.failover_direct": false,
    })));
    if allow {
        preferences.insert("permissions.default.desktop-notification".to_owned(), json!(1));
    }
    if !environment::has_notifications() {
        // Without the desktop's notifications, Firefox must draw its own.
        preferences.insert("alerts.useSystemBackend".to_owned(), json!(false));
    }
    Ok(preferences)
}

/// No first-run pages, no calls home.
fn quiet() -> Map<String, Value> {
    object(json!({
        "app.normandy.enabled": false,
        "app.shield.optoutstudies.enabled": false,
        "app.update.auto": false,
        "app.update.disabledForTesting": true,
        "browser.aboutwelcome.enabled": false,
        "browser.discovery.enabled": false,
        "browser.newtabpage.enabled": false,
        "browser.newtabpage.activity-stream.feeds.topsites": false,
        "browser.newtabpage.activity-stream.feeds.section.topstories": false,
        "browser.region.update.enabled": false,
        "browser.safebrowsing.downloads.remote.enabled": false,
        "browser.safebrowsing.malware.enabled": false,
        "browser.safebrowsing.phishing.enabled": false,
        "browser.search.update": false,
        "browser.shell.checkDefaultBrowser": false,
        "browser.startup.homepage": "about:blank",
        "browser.startup.homepage_override.mstone": "ignore",
        "browser.startup.page": 0,
        "datareporting.healthreport.uploadEnabled": false,
        "datareporting.policy.dataSubmissionEnabled": false,
        "datareporting.policy.dataSubmissionPolicyBypassNotification": true,
        "extensions.getAddons.cache.enabled": false,
        "extensions.systemAddon.update.enabled": false,
        "extensions.update.enabled": false,
        "media.gmp-manager.updateEnabled": false,
        "network.captive-portal-service.enabled": false,
        "network.connectivity-service.enabled": false,
        "network.dns.disablePrefetch": true,
        "network.prefetch-next": false,
        "network.trr.mode": 5,
        "services.settings.server": "data:,#remote-settings-dummy/v1",
        "startup.homepage_welcome_url": "",
        "toolkit.telemetry.enabled": false,
        "toolkit.telemetry.reportingpolicy.firstRun": false,
        "toolkit.telemetry.server": "data:,",
        "toolkit.telemetry.unified": false,
        "trailhead.firstrun.didSeeAboutWelcome": true,
    }))
}

/// Writes preferences where Firefox reads them at each start.
pub(super) fn write_preferences(profile: &Path, preferences: &Map<String, Value>) -> anyhow::Result<()> {
    let file = profile.join("user.js");
    match fs::read_to_string(&file) {
        Ok(text) if !text.starts_with(MARK) => {
            bail!("{} is not from Tidings: pass another folder with --profile", file.display())
        }
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let mut text = format!("{MARK}\n");
    for (name, value) in preferences {
        writeln!(text, "user_pref({}, {value});", Value::from(name.as_str()))?;
    }
    fs::write(&file, text)?;
    Ok(())
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn does_not_touch_a_persons_own_preferences() {
        let profile = tempfile::tempdir().unwrap();
        let file = profile.path().join("user.js");
        for _ in 0..2 {
            write_preferences(profile.path(), &object(json!({"a.b": "c\"d", "e": 1}))).unwrap();
        }
        let written = fs::read_to_string(&file).unwrap();
        assert_eq!(written, format!("{MARK}\nuser_pref(\"a.b\", \"c\\\"d\");\nuser_pref(\"e\", 1);\n"));
        fs::write(&file, "user_pref(\"mine\", true);").unwrap();
        let error = write_preferences(profile.path(), &Map::new()).unwrap_err();
        assert!(error.to_string().contains("--profile"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "user_pref(\"mine\", true);");
    }
}
