//! The origin of a site.

use std::str::FromStr;

use anyhow::{Context as _, bail};
use url::Url;

/// The origin of a site on the web, its port included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// As Chromium names it in its settings: always with the port.
    pub(super) fn pattern(&self) -> String {
        format!("{}://{}:{},*", self.scheme, self.host, self.port)
    }
}

impl FromStr for Origin {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let url = Url::parse(text).with_context(|| format!("{text} is no URL: pass one like http://localhost:8080"))?;
        match (url.scheme(), url.host_str(), url.port_or_known_default()) {
            (scheme @ ("http" | "https"), Some(host), Some(port)) => {
                Ok(Self { scheme: scheme.to_owned(), host: host.to_owned(), port })
            }
            _ => bail!("{text} is no site: pass one like http://localhost:8080"),
        }
    }
}

impl TryFrom<&Url> for Origin {
    type Error = anyhow::Error;

    fn try_from(url: &Url) -> anyhow::Result<Self> {
        url.as_str().parse()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn chromium_wants_the_port() {
        for (text, pattern) in [
            ("http://localhost:8080", "http://localhost:8080,*"),
            ("http://localhost/path", "http://localhost:80,*"),
            ("https://EXAMPLE.test/", "https://example.test:443,*"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().pattern(), pattern);
        }
    }

    #[test]
    fn only_sites_have_one() {
        for text in ["localhost:8080", "about:blank", "file:///tmp", "", "*"] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
    }
}
