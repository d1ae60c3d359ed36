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
        for policy in [Self::Navigate, Self::Open, Self::Request] {
            if name.is_text(policy.name()) {
                return policy;
            }
        }
        Self::Focus
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
/// use tidings_core::{click::{Decision, Policy, choose}, json::Json};
///
/// # #[cfg(feature = "json")] {
/// let [root, inbox, new] = ["", "inbox", "new"].map(|path| Json::from(format!("https://app.example/{path}").as_str()));
/// let windows = Json::parse(r##"["https://app.example/", "https://app.example/inbox#12"]"##).unwrap();
/// assert_eq!(choose(Policy::Focus, &inbox, &root, &windows), Decision::Focus(1));
/// assert_eq!(choose(Policy::Focus, &new, &root, &windows), Decision::Open);
/// assert_eq!(choose(Policy::Navigate, &new, &root, &windows), Decision::Navigate(0));
/// # }
/// ```
pub fn choose<V: Value>(policy: Policy, target: &V, scope: &V, windows: &V) -> Decision {
    let mut last_used = None;
    if policy != Policy::Open
        && let Some(windows) = windows.items()
    {
        for (index, url) in windows.enumerate() {
            if url.before("#", 1) == target.before("#", 1) {
                return Decision::Focus(index);
            }
            if last_used.is_none() && url.starts_with(scope) {
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
/// # #[cfg(feature = "json")] {
/// use tidings_core::{click::same_origin, json::Json};
///
/// let same = |url| same_origin(&Json::from(url), &Json::from("https://app.example/scope/"));
/// assert!(same("https://app.example/inbox"));
/// assert!(!same("https://app.example.evil.example/"));
/// assert!(!same("javascript:alert(1)"));
/// # }
/// ```
pub fn same_origin<V: Value>(url: &V, scope: &V) -> bool {
    // A serialised http(s) URL always has a path, so its origin ends before the third "/".
    scope.starts_with(&V::of_text("http")) && url.before("/", 3) == scope.before("/", 3)
}

#[cfg(all(test, feature = "json"))]
mod tests {
    use super::*;
    use crate::json::Json;

    const SCOPE: &str = "https://a/";

    fn choose(policy: Policy, target: &str, scope: &str, windows: &[&str]) -> Decision {
        super::choose(policy, &target.into(), &scope.into(), &Json::from(serde_json::Value::from(windows)))
    }

    fn same_origin(url: &str, scope: &str) -> bool {
        super::same_origin(&Json::from(url), &Json::from(scope))
    }

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
        assert_eq!(choose(Policy::Open, "https://a/x", SCOPE, &["https://a/x"]), Decision::Open);
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
