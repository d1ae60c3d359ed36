//! Where the service listens and what it keeps.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use crate::StartError;

/// Where the service listens and what it keeps on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Plain HTTP: Firefox, check-in and registration of Chromium, senders, the proxy, control. Port 0 takes a free one.
    pub http: SocketAddr,
    /// TLS: delivery to Chromium, and senders over https. Port 0 takes a free one.
    pub tls: SocketAddr,
    /// A folder for the certificate and its key, made if missing. Without one they are kept beside `state`; without
    /// that, too, each start makes a new certificate.
    pub data: Option<PathBuf>,
    /// A file for subscriptions and waiting messages, made if missing. Without one they end with the service.
    pub state: Option<PathBuf>,
    /// Load mode, for measuring senders: messages to `/load/<number>` are checked, counted and forgotten, and TLS
    /// offers HTTP/2.
    pub load: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            http: (Ipv4Addr::LOCALHOST, 7474).into(),
            tls: (Ipv4Addr::LOCALHOST, 7475).into(),
            data: None,
            state: None,
            load: false,
        }
    }
}

impl Config {
    /// Two free loopback ports and nothing on disk: what a test wants.
    #[must_use]
    pub fn ephemeral() -> Self {
        Self { http: (Ipv4Addr::LOCALHOST, 0).into(), tls: (Ipv4Addr::LOCALHOST, 0).into(), ..Self::default() }
    }

    /// Where the certificate is kept.
    pub(crate) fn folder(&self) -> Option<&Path> {
        let beside = || self.state.as_deref().and_then(Path::parent);
        self.data.as_deref().or_else(beside)
    }

    /// Refuses addresses that other machines could reach: there is no access control here.
    pub(crate) fn check(&self) -> Result<(), StartError> {
        for (address, option) in [(self.http, "--address"), (self.tls, "--tls-address")] {
            if !address.ip().is_loopback() {
                return Err(StartError::NotLoopback { address, option });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_addresses_beyond_loopback() {
        for address in ["0.0.0.0:7474", "192.168.1.2:7474", "[::]:7474"] {
            let config = Config { http: address.parse().unwrap(), ..Config::default() };
            let error = config.check().unwrap_err();
            assert!(error.to_string().contains("127.0.0.1"), "{error}");
        }
        assert!(Config::default().check().is_ok());
    }
}
