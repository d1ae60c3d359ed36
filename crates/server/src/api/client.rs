//! Which client sends a request: for limits, for logs, and for who needs no token.

use std::{
    convert::Infallible,
    net::{IpAddr, SocketAddr},
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{HeaderMap, header, request::Parts},
};
use ipnet::IpNet;
use url::Host;

use crate::state::State;

/// Headers of reverse proxies. A request with one of them comes from elsewhere, though a proxy on this machine hands it on.
const FORWARDED: [&str; 5] = ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via"];

/// The sender of a request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client {
    /// Its address. None if the application that mounts the router does not say (`ConnectInfo`).
    pub(super) address: Option<IpAddr>,
    /// Whether it is a program on this machine that means this machine.
    pub(super) local: bool,
}

impl FromRequestParts<State> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical());
        let headers = &parts.headers;
        let local = peer.is_some_and(|peer| peer.is_loopback())
            && !FORWARDED.iter().any(|name| headers.contains_key(*name))
            // A page whose name was made to lead here (DNS rebinding) still says its own name.
            && host(parts).is_some_and(is_this_machine);
        let address = peer.map(|peer| sender(peer, headers, &state.config().trusted_proxies));
        Ok(Self { address, local })
    }
}

/// The address of the client behind trusted proxies: the last that none of them has added.
fn sender(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let trusted = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
    if !trusted(&peer) {
        return peer;
    }
    let all = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = all.flat_map(|value| value.split(',')).map(str::trim).collect();
    let mut last = peer;
    for hop in hops.into_iter().rev() {
        let Ok(address) = hop.parse::<IpAddr>() else { break };
        last = address.to_canonical();
        if !trusted(&last) {
            break;
        }
    }
    last
}

/// The host and port that a request is for: `Host`, or the authority of HTTP/2.
pub(super) fn host(parts: &Parts) -> Option<&str> {
    match parts.headers.get(header::HOST) {
        Some(host) => host.to_str().ok(),
        None => parts.uri.authority().map(|authority| authority.as_str()),
    }
}

fn is_this_machine(authority: &str) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    match Host::parse(host) {
        Ok(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Ok(Host::Ipv4(address)) => address.is_loopback(),
        Ok(Host::Ipv6(address)) => address.to_canonical().is_loopback(),
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn believes_trusted_proxies_alone() {
        let proxies: Vec<IpNet> = ["10.0.0.0/8", "127.0.0.1/32"].map(|net| net.parse().expect("a network")).into();
        let ip = |text: &str| text.parse::<IpAddr>().expect("an address");
        for (peer, forwarded, client) in [
            ("192.0.2.1", &["198.51.100.7"][..], "192.0.2.1"),
            ("127.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["1.1.1.1, 198.51.100.7, 10.1.2.3"], "198.51.100.7"),
            ("127.0.0.1", &["1.1.1.1", "198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["1.1.1.1, nonsense"], "127.0.0.1"),
            ("127.0.0.1", &[], "127.0.0.1"),
            ("10.0.0.1", &["10.0.0.2"], "10.0.0.2"),
            ("127.0.0.1", &["::ffff:198.51.100.7"], "198.51.100.7"),
        ] {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", HeaderValue::from_static(value));
            }
            assert_eq!(sender(ip(peer), &headers, &proxies), ip(client), "{peer} {forwarded:?}");
        }
    }

    #[test]
    fn knows_the_names_of_this_machine() {
        for host in ["localhost", "localhost:8080", "a.localhost:1", "127.0.0.1", "127.9.9.9:80", "[::1]:8080", "[::1]"]
        {
            assert!(is_this_machine(host), "{host}");
        }
        for host in ["", "evil.example", "evil.example:8080", "localhost.evil.example", "10.0.0.1:8080", "[fe80::1]:1"]
        {
            assert!(!is_this_machine(host), "{host}");
        }
    }
}
