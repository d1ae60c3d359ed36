//! What hinders web push in a page, from plain facts; no browser is asked here.
//!
//! User agents say the truth about themselves in their features, and only where a feature cannot tell (is this a tab on
//! an iPhone, or a browser inside an app?) their name decides.
//!
//! # Example
//!
//! ```
//! use tidings_core::{environment::{Facts, obstacle}, error::Code};
//!
//! let iphone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
//! let tab = Facts { user_agent: iphone, secure: true, service_worker: true, ..Facts::default() };
//! assert_eq!(obstacle(&tab), Some(Code::NeedsInstall));
//! ```

use alloc::string::String;

use crate::error::Code;

/// What a page finds in its globals.
///
/// # Example
///
/// ```
/// use tidings_core::environment::{Facts, obstacle};
///
/// let facts = Facts { secure: true, service_worker: true, push: true, ..Facts::default() };
/// assert_eq!(obstacle(&facts), None);
/// assert_eq!(obstacle(&Facts::from_bits("", 0b111)), None); // the same
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts<'a> {
    /// `navigator.userAgent`.
    pub user_agent: &'a str,
    /// `isSecureContext`.
    pub secure: bool,
    /// Whether there is a `navigator.serviceWorker`.
    pub service_worker: bool,
    /// Whether there is a `PushManager` and a `Notification`.
    pub push: bool,
    /// Whether this is a frame of a page of another origin.
    pub foreign_frame: bool,
    /// Whether it runs as an installed app (`display-mode: standalone`, `navigator.standalone`).
    pub installed: bool,
    /// Whether there is a touch screen with several points: an iPad that calls itself a Macintosh.
    pub touch: bool,
}

impl<'a> Facts<'a> {
    /// Unpacks facts, which come over the border to JavaScript as bits in the order of their declaration.
    ///
    /// See the example of [`Facts`].
    pub const fn from_bits(user_agent: &'a str, bits: u32) -> Self {
        const fn flag(bits: u32, at: u32) -> bool {
            bits >> at & 1 == 1
        }
        Self {
            user_agent,
            secure: flag(bits, 0),
            service_worker: flag(bits, 1),
            push: flag(bits, 2),
            foreign_frame: flag(bits, 3),
            installed: flag(bits, 4),
            touch: flag(bits, 5),
        }
    }
}

/// What hinders push, if anything.
///
/// # Example
///
/// ```
/// use tidings_core::{environment::{Facts, obstacle}, error::Code};
///
/// let facts = Facts { secure: true, service_worker: true, ..Facts::default() };
/// assert_eq!(obstacle(&facts), Some(Code::NoPush));
/// assert_eq!(obstacle(&Facts { user_agent: "Instagram", ..facts }), Some(Code::Webview));
/// ```
pub fn obstacle(facts: &Facts<'_>) -> Option<Code> {
    let ua = facts.user_agent;
    if !facts.secure {
        return Some(Code::InsecureContext);
    }
    if facts.foreign_frame {
        return Some(Code::InIframe);
    }
    if facts.service_worker && facts.push {
        return None;
    }
    if ["; wv)", "FBAN", "FBAV", "Instagram", " Line/"].iter().any(|app| has(ua, app)) {
        return Some(Code::Webview);
    }
    if is_ios(ua, facts.touch) && !facts.installed {
        return Some(Code::NeedsInstall);
    }
    Some(if facts.service_worker {
        Code::NoPush
    } else if has(ua, "Firefox/") {
        Code::PrivateMode
    } else {
        Code::NoServiceWorker
    })
}

/// Whether this browser asks for permission only after a click or a key.
///
/// Chromium asks at any time, though it may do so quietly; Firefox and Safari do not.
///
/// # Example
///
/// ```
/// use tidings_core::environment::needs_gesture;
///
/// assert!(needs_gesture("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0"));
/// assert!(!needs_gesture("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"));
/// ```
pub fn needs_gesture(user_agent: &str) -> bool {
    !has(user_agent, "Chrome/")
}

/// Browser and platform, for people who look at the list of their devices: `Firefox on Linux`.
///
/// # Example
///
/// ```
/// let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";
/// assert_eq!(tidings_core::environment::label(firefox, false), "Firefox on Linux");
/// ```
pub fn label(user_agent: &str, touch: bool) -> String {
    let (browser, platform) = names(user_agent, touch);
    let mut label = String::from(browser);
    label.push_str(" on ");
    label.push_str(platform);
    label
}

/// Browser and platform, the two parts of a [`label`].
///
/// # Example
///
/// ```
/// assert_eq!(tidings_core::environment::names("", false), ("Browser", "?"));
/// ```
pub fn names(user_agent: &str, touch: bool) -> (&'static str, &'static str) {
    // The first that fits: most name older ones, too.
    const BROWSERS: &[(&str, &str)] = &[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("SamsungBrowser/", "Samsung Internet"),
        ("FxiOS/", "Firefox"),
        ("Firefox/", "Firefox"),
        ("CriOS/", "Chrome"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const PLATFORMS: &[(&str, &str)] = &[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac", "macOS"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ];
    let first = |names: &[(&str, &'static str)], other| {
        names.iter().find(|(part, _)| has(user_agent, part)).map_or(other, |(_, name)| *name)
    };
    let platform = if touch && has(user_agent, "Macintosh") { "iPad" } else { first(PLATFORMS, "?") };
    (first(BROWSERS, "Browser"), platform)
}

/// `str::contains` without its fast searcher, which is two kilobytes of WASM.
fn has(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window == part.as_bytes())
}

fn is_ios(user_agent: &str, touch: bool) -> bool {
    ["iPhone", "iPad", "iPod"].iter().any(|name| has(user_agent, name)) || touch && has(user_agent, "Macintosh")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHROMIUM: &str =
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
    const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";
    const SAFARI: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/27.2 Safari/605.1.15";
    const IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1";
    const CHROME_IPHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/157.0.0.0 Mobile/15E148 Safari/604.1";
    const WEBVIEW: &str = "Mozilla/5.0 (Linux; Android 15; Pixel 9 Build/X; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/156.0.0.0 Mobile Safari/537.36";
    const FACEBOOK: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/500.0]";
    const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36";

    fn all(user_agent: &str) -> Facts<'_> {
        Facts { user_agent, secure: true, service_worker: true, push: true, ..Facts::default() }
    }

    #[test]
    fn nothing_hinders_where_everything_is() {
        for user_agent in [CHROMIUM, FIREFOX, SAFARI, ANDROID] {
            assert_eq!(obstacle(&all(user_agent)), None, "{user_agent}");
        }
    }

    #[test]
    fn with_faked_facts_of_ios_and_ipados_a_tab_must_be_installed_and_an_app_must_not() {
        for (user_agent, touch) in [(IPHONE, true), (CHROME_IPHONE, true), (SAFARI, true)] {
            let tab = Facts { push: false, touch, ..all(user_agent) };
            assert_eq!(obstacle(&tab), Some(Code::NeedsInstall), "{user_agent}");
            assert_eq!(obstacle(&Facts { installed: true, ..tab }), Some(Code::NoPush), "older than 16.4");
            assert_eq!(obstacle(&Facts { installed: true, push: true, ..tab }), None);
        }
    }

    #[test]
    fn with_faked_facts_of_a_mac_a_safari_without_push_is_no_ipad() {
        assert_eq!(obstacle(&Facts { push: false, ..all(SAFARI) }), Some(Code::NoPush));
    }

    #[test]
    fn with_faked_facts_of_android_and_ios_a_browser_inside_an_app_is_named() {
        for user_agent in [WEBVIEW, FACEBOOK] {
            assert_eq!(obstacle(&Facts { push: false, ..all(user_agent) }), Some(Code::Webview), "{user_agent}");
        }
        assert_eq!(obstacle(&Facts { push: false, service_worker: false, ..all(WEBVIEW) }), Some(Code::Webview));
    }

    #[test]
    fn the_reason_that_can_be_mended_comes_first() {
        let http = Facts { secure: false, service_worker: false, push: false, foreign_frame: true, ..all(FIREFOX) };
        assert_eq!(obstacle(&http), Some(Code::InsecureContext));
        assert_eq!(obstacle(&Facts { secure: true, ..http }), Some(Code::InIframe));
        let private = Facts { secure: true, foreign_frame: false, ..http };
        assert_eq!(obstacle(&private), Some(Code::PrivateMode));
        assert_eq!(obstacle(&Facts { user_agent: CHROMIUM, ..private }), Some(Code::NoServiceWorker));
    }

    #[test]
    fn knows_who_wants_a_gesture() {
        assert!(
            needs_gesture(FIREFOX) && needs_gesture(SAFARI) && needs_gesture(IPHONE) && needs_gesture(CHROME_IPHONE)
        );
        assert!(!needs_gesture(CHROMIUM) && !needs_gesture(ANDROID));
    }

    #[test]
    fn labels_devices_for_people() {
        for (user_agent, touch, expected) in [
            (CHROMIUM, false, "Chrome on Linux"),
            (FIREFOX, true, "Firefox on Linux"),
            (SAFARI, false, "Safari on macOS"),
            (SAFARI, true, "Safari on iPad"),
            (IPHONE, true, "Safari on iPhone"),
            (CHROME_IPHONE, true, "Chrome on iPhone"),
            (ANDROID, true, "Chrome on Android"),
            ("", false, "Browser on ?"),
        ] {
            assert_eq!(label(user_agent, touch), expected);
        }
    }
}
