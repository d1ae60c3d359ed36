//! What a click on a notification does: focus a window that already shows the target, or open one.

/// What to do with the windows that are open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Focus the window of this index: it shows the target.
    Focus(usize),
    /// Open a new window at the target.
    Open,
}

/// Chooses among the URLs of the open windows, the last used first (the order of `clients.matchAll`).
///
/// Two URLs that differ in their fragment only are the same document.
///
/// # Example
///
/// ```
/// use tidings_core::click::{Decision, choose};
///
/// let windows = ["https://app.example/", "https://app.example/inbox#12"];
/// assert_eq!(choose("https://app.example/inbox", windows), Decision::Focus(1));
/// assert_eq!(choose("https://app.example/new", windows), Decision::Open);
/// ```
pub fn choose<T: AsRef<str>>(target: &str, windows: impl IntoIterator<Item = T>) -> Decision {
    windows
        .into_iter()
        .position(|url| document(url.as_ref()) == document(target))
        .map_or(Decision::Open, Decision::Focus)
}

/// Whether a click may open this absolute URL, for an app of this scope URL (both serialised).
///
/// Only the app's own origin: a notification must not become a way to another site, nor to `javascript:` or `data:`.
///
/// # Example
///
/// ```
/// use tidings_core::click::may_open;
///
/// assert!(may_open("https://app.example/inbox", "https://app.example/scope/"));
/// assert!(!may_open("https://app.example.evil.example/", "https://app.example/scope/"));
/// assert!(!may_open("javascript:alert(1)", "https://app.example/scope/"));
/// ```
pub fn may_open(url: &str, scope: &str) -> bool {
    // A serialised http(s) URL always has a path, so its origin is followed by "/".
    // Bytes, because searching a text for a character costs the worker 1 kB.
    let slashes = scope.bytes().enumerate().filter(|&(_, byte)| byte == b'/');
    let Some((end, _)) = slashes.into_iter().nth(2) else {
        return false;
    };
    url.as_bytes().get(..=end) == scope.as_bytes().get(..=end)
}

fn document(url: &str) -> &str {
    url.bytes().position(|byte| byte == b'#').and_then(|end| url.get(..end)).unwrap_or(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefers_the_last_used_of_several_windows_on_the_target() {
        assert_eq!(choose("https://a/x", ["https://a/x#2", "https://a/x"]), Decision::Focus(0));
        assert_eq!(choose("https://a/x", ["https://a/x?q", "https://a/x/"]), Decision::Open);
        assert_eq!(choose::<&str>("https://a/x", []), Decision::Open);
    }

    #[test]
    fn opens_nothing_outside_the_origin() {
        for url in [
            "https://app.example:444/",
            "http://app.example/",
            "https://app.example@evil.example/",
            "https://evil.example/https://app.example/",
            "data:text/html,x",
            "about:blank",
            "",
        ] {
            assert!(!may_open(url, "https://app.example/"), "{url:?}");
        }
    }
}
