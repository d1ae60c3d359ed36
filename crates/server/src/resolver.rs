//! Name resolution that knows only the public internet.

use std::{fmt, io, net::SocketAddr, pin::Pin, sync::Arc};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::is_public;

/// Resolves names and drops every address that is not [public](is_public).
///
/// The connection is made to what this returns, so a name that changes its address between check and use (DNS rebinding)
/// gains nothing. A [proxy](crate::Config::proxy) resolves by itself, and must then have rules of its own.
#[derive(Clone, Debug, Default)]
pub struct PublicOnly {
    lookup: Lookup,
    /// The host of a proxy, which may well be a private one.
    except: Option<Box<str>>,
}

/// How a name is looked up: by the system's resolver, if nothing else is said.
#[derive(Clone)]
pub struct Lookup(Arc<Resolver>);

type Found = Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send>>;
type Resolver = dyn Fn(String) -> Found + Send + Sync;

impl Lookup {
    /// Looks names up with a function of yours. Ports that it returns are ignored.
    ///
    /// # Example
    ///
    /// ```
    /// use tidings_server::{Config, resolver::Lookup};
    ///
    /// let mut config = Config::new("./data");
    /// config.lookup = Lookup::new(|name| async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) });
    /// ```
    pub fn new<F>(resolve: impl Fn(String) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'static,
    {
        Self(Arc::new(move |name| Box::pin(resolve(name))))
    }
}

impl Default for Lookup {
    fn default() -> Self {
        Self::new(|name| async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    }
}

impl fmt::Debug for Lookup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lookup(…)")
    }
}

impl PublicOnly {
    /// Drops what is not public from what this finds.
    pub fn new(lookup: Lookup) -> Self {
        Self { lookup, except: None }
    }

    /// Takes any address for this host: that of the proxy.
    pub(crate) fn except(mut self, host: Option<&str>) -> Self {
        self.except = host.map(Into::into);
        self
    }
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let found = (self.lookup.0)(name.as_str().to_owned());
        let any = self.except.as_deref() == Some(name.as_str());
        Box::pin(async move {
            let mut public = found.await?;
            public.retain(|address| any || is_public(address.ip()));
            // The port is the URL's.
            public.iter_mut().for_each(|address| address.set_port(0));
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
        let only = PublicOnly::default();
        for name in ["localhost", "127.0.0.1", "::1"] {
            let result = only.resolve(name.parse().expect("a name")).await;
            assert!(result.is_err(), "{name}");
        }
        let addresses = only.resolve("8.8.8.8".parse().expect("a name")).await.expect("public");
        assert_eq!(addresses.count(), 1);
    }

    #[tokio::test]
    async fn keeps_the_public_ones_among_others() {
        let mixed = ["127.0.0.1:80", "[::1]:80", "8.8.8.8:22", "10.0.0.1:0", "[64:ff9b::a00:1]:0", "[2606:4700::1]:5"];
        let lookup =
            Lookup::new(move |_| async move { Ok(mixed.iter().filter_map(|text| text.parse().ok()).collect()) });
        let addresses = PublicOnly::new(lookup).resolve("mixed.example".parse().expect("a name")).await.expect("some");
        let addresses: Vec<String> = addresses.map(|address| address.to_string()).collect();
        assert_eq!(addresses, ["8.8.8.8:0", "[2606:4700::1]:0"]);
    }
}
