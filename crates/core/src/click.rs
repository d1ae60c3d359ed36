//! What a click on a notification does: which window it focuses, or which URL it opens.

use crate::value::Value;

/// How a click reaches its target.
///
/// A message says so in `data.tidings.click`, for each button in `data.tidings.actions`.
///
/// # Example
///
/// ```
/// use tidings_core::click::Policy;
///
/// assert_eq!(Policy::default(), Policy::Focus);
/// assert_eq!(Policy::Request.name(), "request");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// `"focus"`: the window that shows the target is focused; if there is none, one is opened. The default.
    #[default]
    Focus,
    /// `"navigate"`: the last used window of the app is focused and goes to the target; if there is none, one is opened.
    Navigate,
    /// `"open"`: a new window, whatever is open.
    Open,
    /// `"request"`: no window; the target gets a POST request.
    Request,
}

impl Policy {
    /// The policy of this name; the default for anything else.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "json")] {
    /// use tidings_core::{click::Policy, json::Json};
    ///
    /// assert_eq!(Policy::named(&Json::from("open")), Policy::Open);
    /// assert_eq!(Policy::named(&Json::from("teleport")), Policy::Focus);
    /// # }
    /// ```
    pub fn named<V: Value>(name: &V) -> Self {
        [("navigate", Self::Navigate), ("open", Self::Open), ("request", Self::Request)]
            .into_iter()
            .find(|(text, _)| name.is_text(text))
            .map_or(Self::Focus, |(_, policy)| policy)
    }

    /// The policy's name.
    ///
    /// See the example of [`Policy`].
    pub const fn name(self) -> &'static str {
        match self {
            Self::Focus => "focus",
            Self::Navigate => "navigate",
            Self::Open => "open",
            Self::Request => "request",
        }
    }
}

/// What to do with the windows that are open.
///
/// See the example of [`choose`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Focus the window of this index: it shows the target.
    Focus(usize),
    /// Focus the window of this index and let it go to the target.
    Navigate(usize),
    /// Open a new window at the target.
    Open,
}

/// Chooses among the URLs of the open windows, the last used first (the order of `clients.matchAll`).
///
/// Two URLs that differ in their fragment only are the same document. A window outside the scope is focused if it shows
/// the target, but never made to go elsewhere. [`Policy::Request`] has no window to choose.
///
/// # Example
///
/// ```
/// use tidings_core::click::{Decision, Policy, choose};
///
/// let windows = ["https://app.example/", "https://app.example/inbox#12"];
/// let scope = "https://app.example/";
/// assert_eq!(choose(Policy::Focus, "https://app.example/inbox", scope, windows), Decision::Focus(1));
/// assert_eq!(choose(Policy::Focus, "https://app.example/new", scope, windows), Decision::Open);
/// assert_eq!(choose(Policy::Navigate, "https://app.example/new", scope, windows), Decision::Navigate(0));
/// ```
pub fn choose<T: AsRef<str>>(
    policy: Policy,
    target: &str,
    scope: &str,
    windows: impl IntoIterator<Item = T>,
) -> Decision {
    let mut last_used = None;
    if policy != Policy::Open {
        for (index, url) in windows.into_iter().enumerate() {
            let url = url.as_ref();
            if document(url) == document(target) {
                return Decision::Focus(index);
            }
            if last_used.is_none() && url.as_bytes().starts_with(scope.as_bytes()) {
                last_used = Some(index);
            }
        }
    }
    match last_used {
        Some(index) if policy == Policy::Navigate => Decision::Navigate(index),
        _ => Decision::Open,
    }
}

/// Whether a click may open this absolute URL, for an app of this scope URL (both serialised).
///
/// Only the app's own origin: a notification must not become a way to another site, nor to `javascript:` or `data:`.
///
/// # Example
///
/// ```
/// use tidings_core::click::same_origin;
///
/// assert!(same_origin("https://app.example/inbox", "https://app.example/scope/"));
/// assert!(!same_origin("https://app.example.evil.example/", "https://app.example/scope/"));
/// assert!(!same_origin("javascript:alert(1)", "https://app.example/scope/"));
/// ```
pub fn same_origin(url: &str, scope: &str) -> bool {
    // A serialised http(s) URL always has a path, so its origin is followed by "/".
    // Bytes, because searching a text for a character costs the worker 1 kB.
    let mut slashes = scope.bytes().enumerate().filter(|&(_, byte)| byte == b'/');
    let Some((end, _)) = slashes.nth(2) else {
        return false;
    };
    scope.as_bytes().starts_with(b"http") && url.as_bytes().get(..=end) == scope.as_bytes().get(..=end)
}

fn document(url: &str) -> &[u8] {
    let bytes = url.as_bytes();
    let end = bytes.iter().position(|&byte| byte == b'#').unwrap_or(bytes.len());
    bytes.get(..end).unwrap_or(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCOPE: &str = "https://a/";

    #[test]
    fn prefers_the_last_used_of_several_windows_on_the_target() {
        let choose = |target, windows: &[&str]| choose(Policy::Focus, target, SCOPE, windows);
        assert_eq!(choose("https://a/x", &["https://a/x#2", "https://a/x"]), Decision::Focus(0));
        assert_eq!(choose("https://a/x", &["https://a/x?q", "https://a/x/"]), Decision::Open);
        assert_eq!(choose("https://a/x", &[]), Decision::Open);
    }

    #[test]
    fn navigates_only_windows_of_the_scope() {
        let scope = "https://a/app/";
        let choose = |windows: &[&str]| choose(Policy::Navigate, "https://a/app/x", scope, windows);
        assert_eq!(choose(&["https://a/other/", "https://a/app/y", "https://a/app/z"]), Decision::Navigate(1));
        assert_eq!(choose(&["https://a/other/"]), Decision::Open);
        assert_eq!(choose(&["https://a/app/y", "https://a/app/x#1"]), Decision::Focus(1));
    }

    #[test]
    fn opens_a_new_window_when_told_so() {
        assert_eq!(choose(Policy::Open, "https://a/x", SCOPE, ["https://a/x"]), Decision::Open);
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
            assert!(!same_origin(url, "https://app.example/"), "{url:?}");
        }
        assert!(!same_origin("about:a/b/c/d", "about:a/b/c/d"));
    }
}
