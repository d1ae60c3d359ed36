//! Name resolution that knows only the public internet.

use std::{io, net::SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::is_public;

/// Resolves names with the system's resolver and drops every address that is not [public](is_public).
///
/// The connection is made to what this returns, so a name that changes its address between check and use (DNS rebinding)
/// gains nothing. A proxy from the environment (`HTTPS_PROXY`) resolves by itself, and must then have rules of its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found.into_iter().filter(|address| is_public(address.ip())).collect();
            if public.is_empty() {
                return Err(io::Error::other("the host has no public address").into());
            }
            Ok(Box::new(public.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn drops_what_leads_to_this_machine() {
        for name in ["localhost", "127.0.0.1", "::1"] {
            let result = PublicOnly.resolve(name.parse().expect("a name")).await;
            assert!(result.is_err(), "{name}");
        }
        let addresses = PublicOnly.resolve("8.8.8.8".parse().expect("a name")).await.expect("public");
        assert_eq!(addresses.count(), 1);
    }
}
