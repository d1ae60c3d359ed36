//! What a browser may know of the person who starts it: the screen and the desktop, nothing else.

use std::collections::BTreeMap;
use std::env;
use std::path::{Path, PathBuf};

/// Keys, proxies and settings stay outside: Chromium must not find an API key, neither browser a proxy.
const PASSED_ON: &[&str] = &[
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "LANG",
    "PATH",
    "TMPDIR",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
];

/// Without these nothing starts on Windows.
const PASSED_ON_BY_WINDOWS: &[&str] = &[
    "APPDATA",
    "COMSPEC",
    "LOCALAPPDATA",
    "PROGRAMDATA",
    "PROGRAMFILES",
    "PROGRAMFILES(X86)",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "USERPROFILE",
    "WINDIR",
];

/// A clean environment, with a home folder of its own.
pub(super) fn clean(home: Option<&Path>) -> BTreeMap<String, String> {
    let windows = if cfg!(windows) { PASSED_ON_BY_WINDOWS } else { &[] };
    let mut clean: BTreeMap<_, _> =
        PASSED_ON.iter().chain(windows).filter_map(|&name| Some((name.to_owned(), env::var(name).ok()?))).collect();
    if let Some(home) = home.and_then(Path::to_str) {
        clean.insert("HOME".to_owned(), home.to_owned());
    }
    // X looks for it in the home folder, which is another one now.
    if clean.contains_key("DISPLAY")
        && !clean.contains_key("XAUTHORITY")
        && let Some(authority) = x_authority()
    {
        clean.insert("XAUTHORITY".to_owned(), authority);
    }
    clean
}

/// Whether a window can be opened.
pub(super) fn has_display() -> bool {
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}

/// Whether the desktop's notifications can be reached. Firefox's own do without.
pub(super) fn has_notifications() -> bool {
    !cfg!(target_os = "linux") || is_set("DBUS_SESSION_BUS_ADDRESS")
}

fn is_set(name: &str) -> bool {
    env::var_os(name).is_some_and(|value| !value.is_empty())
}

fn x_authority() -> Option<String> {
    let file = PathBuf::from(env::var_os("HOME")?).join(".Xauthority");
    file.is_file().then(|| file.to_str().map(str::to_owned))?
}
