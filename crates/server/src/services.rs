//! The push services that are sent to.

use std::{fmt, str::FromStr};

use url::{Host, Url};

/// The push services of the browsers.
///
/// Chrome and everything made of it uses Google's, Firefox Mozilla's, Safari Apple's, and Edge on Windows Microsoft's.
pub const KNOWN: [&str; 6] = [
    "fcm.googleapis.com",
    "jmt17.google.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
    "android.googleapis.com",
];

/// Which hosts an endpoint may have.
///
/// Anybody can upload an endpoint, and the server then posts to it. So only the push services of the browsers are
/// [known](KNOWN), and others need a setting.
///
/// # Example
///
/// ```
/// use tidings_server::services::PushServices;
///
/// let mut services = PushServices::default();
/// let own = "https://push.example:8443/abc".parse()?;
/// assert!(!services.allows(&own));
/// services.allow("*.example:8443".parse()?);
/// assert!(services.allows(&own));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushServices(Vec<Pattern>);

/// A host, `*.` and a domain for all hosts in it, or `*` for every host; with a port if it is not 443.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    host: String,
    /// Also the hosts below it.
    below: bool,
    port: Option<u16>,
}

/// Why something is no [`Pattern`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no host: write `push.example`, `*.push.example`, or `*` for every host, and `:port` if it is not 443"
)]
pub struct PatternError(String);

impl Default for PushServices {
    /// The push services of the browsers.
    fn default() -> Self {
        Self(KNOWN.iter().filter_map(|known| known.parse().ok()).collect())
    }
}

impl PushServices {
    /// Allows more hosts.
    pub fn allow(&mut self, pattern: Pattern) {
        self.0.push(pattern);
    }

    /// Whether the endpoint with this URL is at one of them.
    pub fn allows(&self, endpoint: &Url) -> bool {
        let Some(Host::Domain(host)) = endpoint.host() else {
            // A push service has a name. An address may stand in for anything, so only `*` takes it.
            return self.0.iter().any(|pattern| pattern.host.is_empty() && pattern.port == endpoint.port());
        };
        self.0.iter().any(|pattern| pattern.port == endpoint.port() && pattern.has(host))
    }
}

impl Pattern {
    fn has(&self, host: &str) -> bool {
        match host.strip_suffix(self.host.as_str()) {
            Some("") => !self.below,
            Some(rest) => self.host.is_empty() || self.below && rest.ends_with('.'),
            None => false,
        }
    }
}

impl FromStr for Pattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let wrong = || PatternError(text.to_owned());
        let (rest, below) = match text.strip_prefix('*') {
            Some(rest) => (rest, true),
            None => (text, false),
        };
        let (host, port) = match rest.split_once(':') {
            Some((host, port)) => (host, Some(port.parse::<u16>().map_err(|_| wrong())?)),
            None => (rest, None),
        };
        let port = port.filter(|port| *port != 443);
        if below && host.is_empty() {
            return Ok(Self { host: String::new(), below, port });
        }
        let host = match (below, host.strip_prefix('.')) {
            (true, Some(domain)) => domain,
            (false, None) => host,
            _ => return Err(wrong()),
        };
        if host.contains(['*', '/', '?', '#', '@', '\\', '[']) {
            return Err(wrong());
        }
        // As URLs spell it: in lower case, international names in Punycode.
        match Url::parse(&format!("https://{host}/")).map_err(|_| wrong())?.host() {
            Some(Host::Domain(name)) => Ok(Self { host: name.to_owned(), below, port }),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = match (self.below, self.host.is_empty()) {
            (true, true) => "*",
            (true, false) => "*.",
            _ => "",
        };
        write!(f, "{star}{}", self.host)?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(services: &PushServices, url: &str) -> bool {
        services.allows(&url.parse().expect("a URL"))
    }

    #[test]
    fn knows_the_push_services_of_browsers_and_no_look_alike() {
        let known = PushServices::default();
        assert_eq!(known.0.len(), KNOWN.len());
        for url in [
            "https://fcm.googleapis.com/fcm/send/a:b",
            "https://FCM.googleapis.com:443/wp/1",
            "https://updates.push.services.mozilla.com/wpush/v2/g",
            "https://web.push.apple.com/Q",
            "https://wns2-par02p.notify.windows.com/w/?token=x",
        ] {
            assert!(allows(&known, url), "{url}");
        }
        for url in [
            "https://fcm.googleapis.com.evil.example/1",
            "https://evil-fcm.googleapis.com/1",
            "https://storage.googleapis.com/1",
            "https://fcm.googleapis.com:8443/1",
            "https://fcm.googleapis.com./1",
            "https://evilnotify.windows.com/1",
            "https://notify.windows.com/1",
            "https://push.example/1",
            "https://8.8.8.8/1",
            "https://[2606:4700::1]/1",
        ] {
            assert!(!allows(&known, url), "{url}");
        }
    }

    #[test]
    fn takes_more_when_told() {
        let mut services = PushServices::default();
        for pattern in ["Push.Example", "*.apps.example:8443"] {
            services.allow(pattern.parse().expect("a pattern"));
        }
        for (url, good) in [
            ("https://push.example/1", true),
            ("https://a.push.example/1", false),
            ("https://a.b.apps.example:8443/1", true),
            ("https://apps.example:8443/1", false),
            ("https://a.apps.example/1", false),
        ] {
            assert_eq!(allows(&services, url), good, "{url}");
        }
        services.allow("*".parse().expect("a pattern"));
        assert!(allows(&services, "https://anything.example/1") && allows(&services, "https://8.8.8.8/1"));
        assert!(!allows(&services, "https://anything.example:25/1"));
    }

    #[test]
    fn refuses_what_is_no_pattern() {
        for text in
            ["", "*a.example", "a.*.example", "https://push.example", "push.example:x", "127.0.0.1", "[::1]", "a/b"]
        {
            let result: Result<Pattern, _> = text.parse();
            assert!(result.is_err(), "{text}: {result:?}");
        }
        for text in ["*", "*:8443", "push.example", "*.push.example:1"] {
            assert_eq!(text.parse::<Pattern>().map(|pattern| pattern.to_string()), Ok(text.to_owned()));
        }
    }
}
