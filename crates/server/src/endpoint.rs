//! Which endpoints are sent to, and which never are.

use std::{fmt, net::IpAddr};

use sha2::{Digest, Sha256};
use tidings_core::base64url;
use url::{Host, Url};

use crate::{address::is_public, config::LocalPushService, services::PushServices};

/// The most characters an endpoint may have; the longest in use have about 500.
pub const MAX_LENGTH: usize = 2048;

/// Where a message to a subscription is posted (RFC 8030 section 5): a secret URL at a push service.
///
/// It is https and at a public address, or at the local push service that the server was told of. `Debug` shows only
/// the host.
///
/// # Example
///
/// ```
/// use tidings_server::endpoint::{Endpoint, EndpointError};
///
/// assert!(Endpoint::parse("https://fcm.googleapis.com/fcm/send/abc", None).is_ok());
/// assert_eq!(Endpoint::parse("https://0x7f.1/", None).err(), Some(EndpointError::NotPublic));
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Endpoint {
    url: Url,
    route: Route,
}

/// Which way requests to an endpoint go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// To the internet.
    Public,
    /// To the local push service.
    Local,
}

/// Why an endpoint is not sent to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// It is no URL, or too long.
    #[error("the endpoint is not a URL: upload what `subscription.toJSON()` returns")]
    NotUrl,
    /// Its scheme is not https.
    #[error("the endpoint must be https: upload what `subscription.toJSON()` returns")]
    NotHttps,
    /// It has a user name or a password.
    #[error("the endpoint must not have a user name or a password: upload what `subscription.toJSON()` returns")]
    Credentials,
    /// It leads to this machine or to a private network.
    #[error(
        "the endpoint is not on the public internet: for a push service on this machine, \
         start the server with --push-service"
    )]
    NotPublic,
    /// It is at a push service that the server does not know.
    #[error(
        "the endpoint is at no push service that this server knows: \
         if it is one, allow its host with --allow-push-service"
    )]
    UnknownService,
}

impl EndpointError {
    /// The stable code of this error.
    pub fn code(self) -> &'static str {
        match self {
            Self::NotUrl => "endpoint-invalid",
            Self::NotHttps => "endpoint-not-https",
            Self::Credentials => "endpoint-has-credentials",
            Self::NotPublic => "endpoint-not-public",
            Self::UnknownService => "endpoint-service-unknown",
        }
    }
}

impl Endpoint {
    /// Checks an endpoint; with a local push service, its endpoints are good as well.
    ///
    /// A name is not resolved here: that happens when it is sent to, see [`PublicOnly`](crate::resolver::PublicOnly).
    ///
    /// # Errors
    ///
    /// [`EndpointError`] if it must not be sent to.
    pub fn parse(text: &str, local: Option<&LocalPushService>) -> Result<Self, EndpointError> {
        if text.len() > MAX_LENGTH {
            return Err(EndpointError::NotUrl);
        }
        let url = Url::parse(text).map_err(|_| EndpointError::NotUrl)?;
        // What is stored is read again: it must not have grown beyond the limit when it was encoded.
        if url.as_str().len() > MAX_LENGTH {
            return Err(EndpointError::NotUrl);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        if local.is_some_and(|local| is_local(&url, local)) {
            return Ok(Self { url, route: Route::Local });
        }
        if url.scheme() != "https" {
            return Err(EndpointError::NotHttps);
        }
        let public = match url.host() {
            Some(Host::Domain(name)) => !is_local_name(name),
            Some(Host::Ipv4(address)) => is_public(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => is_public(IpAddr::V6(address)),
            None => false,
        };
        if public { Ok(Self { url, route: Route::Public }) } else { Err(EndpointError::NotPublic) }
    }

    /// Checks that it is at a push service that is sent to: a [known](PushServices) one, or the local one.
    ///
    /// # Errors
    ///
    /// [`EndpointError::UnknownService`].
    pub fn check_service(&self, services: &PushServices) -> Result<(), EndpointError> {
        let good = self.route == Route::Local || services.allows(&self.url);
        if good { Ok(()) } else { Err(EndpointError::UnknownService) }
    }

    /// The host of the push service, for logs: the rest of the URL is a secret.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The URL.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Which way requests go.
    pub fn route(&self) -> Route {
        self.route
    }

    /// The origin of the push service, which a VAPID token is made for (RFC 8292 section 2).
    pub fn audience(&self) -> String {
        self.url.origin().ascii_serialization()
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({}/…)", self.audience())
    }
}

/// The id of the subscription with this endpoint: base64url of the SHA-256 of the URL.
///
/// # Example
///
/// ```
/// let id = tidings_server::subscription_id("https://push.example/1");
/// assert_eq!(id, "W6Ff_5ZfRK-lWqT6TVK5SwuoY4ChYQid3Km50IvvnvY");
/// ```
pub fn subscription_id(endpoint: &str) -> String {
    let digest = match Url::parse(endpoint) {
        Ok(url) => Sha256::digest(url.as_str()),
        Err(_) => Sha256::digest(endpoint),
    };
    base64url::encode(&digest)
}

fn is_local(url: &Url, local: &LocalPushService) -> bool {
    // Only the standard port: another one in the URL would lead elsewhere on this machine.
    let stands_in = url.scheme() == "https"
        && url.port().is_none()
        && url.host_str().is_some_and(|host| local.hosts.iter().any(|known| known.eq_ignore_ascii_case(host)));
    stands_in || url.origin() == local.origin.origin()
}

/// `localhost` in every spelling, and names that never leave a network (RFC 6761, RFC 6762, RFC 8375).
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let last = name.rsplit('.').next().unwrap_or_default();
    name.is_empty() || ["localhost", "local", "internal", "localdomain"].contains(&last) || name.ends_with("home.arpa")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn local() -> LocalPushService {
        LocalPushService {
            origin: "http://127.0.0.1:7474".parse().expect("a URL"),
            https: ([127, 0, 0, 1], 7475).into(),
            hosts: vec!["fcm.googleapis.com".into()],
            certificate_pem: String::new(),
        }
    }

    #[test]
    fn refuses_what_must_not_be_sent_to() {
        use EndpointError::*;
        let cases = [
            ("", NotUrl),
            ("/fcm/send/1", NotUrl),
            ("https://", NotUrl),
            ("https://[::1", NotUrl),
            ("http://push.example/1", NotHttps),
            ("ftp://push.example/1", NotHttps),
            ("data:text/plain,1", NotHttps),
            ("file:///etc/passwd", NotHttps),
            ("https://user@push.example/1", Credentials),
            ("https://user:secret@push.example/1", Credentials),
            ("https://:secret@127.0.0.1/1", Credentials),
            ("https://localhost/1", NotPublic),
            ("https://LOCALHOST./1", NotPublic),
            ("https://app.localhost/1", NotPublic),
            ("https://printer.local/1", NotPublic),
            ("https://metadata.google.internal/1", NotPublic),
            ("https://127.0.0.1/1", NotPublic),
            ("https://127.1/1", NotPublic),
            ("https://2130706433/1", NotPublic),
            ("https://0x7f000001/1", NotPublic),
            ("https://0177.0.0.1/1", NotPublic),
            ("https://127。0。0。1/1", NotPublic),
            ("https://①②⑦.0.0.1/1", NotPublic),
            ("https://0/1", NotPublic),
            ("https://10.1.2.3/1", NotPublic),
            ("https://172.16.0.1/1", NotPublic),
            ("https://192.168.0.1/1", NotPublic),
            ("https://169.254.169.254/latest/meta-data", NotPublic),
            ("https://224.0.0.1/1", NotPublic),
            ("https://[::]/1", NotPublic),
            ("https://[::1]/1", NotPublic),
            ("https://[::ffff:127.0.0.1]/1", NotPublic),
            ("https://[::ffff:8.8.8.8]/1", NotPublic),
            ("https://[64:ff9b::7f00:1]/1", NotPublic),
            ("https://[fe80::1]/1", NotPublic),
            ("https://[fd00::1]/1", NotPublic),
            ("https://[ff02::1]/1", NotPublic),
        ];
        for (text, why) in cases {
            assert_eq!(Endpoint::parse(text, None).err(), Some(why), "{text}");
        }
        let long = format!("https://push.example/{}", "a".repeat(MAX_LENGTH));
        assert_eq!(Endpoint::parse(&long, None).err(), Some(NotUrl));
        let grows = format!("https://push.example/{}", "ä".repeat(MAX_LENGTH / 4));
        assert_eq!(Endpoint::parse(&grows, None).err(), Some(NotUrl));
    }

    #[test]
    fn takes_the_endpoints_of_browsers() {
        for text in [
            "https://fcm.googleapis.com/fcm/send/abc:def",
            "https://jmt17.google.com/fcm/send/abc",
            "https://updates.push.services.mozilla.com/wpush/v2/gAAAA",
            "https://web.push.apple.com/QGu",
            "https://wns2-par02p.notify.windows.com/w/?token=x",
        ] {
            let endpoint = Endpoint::parse(text, None).expect(text);
            assert_eq!((endpoint.url().as_str(), endpoint.route()), (text, Route::Public));
        }
    }

    #[test]
    fn opens_only_the_local_push_service() {
        let local = local();
        for text in ["http://127.0.0.1:7474/push/1", "https://fcm.googleapis.com/1", "https://FCM.googleapis.com:443/1"]
        {
            assert_eq!(Endpoint::parse(text, Some(&local)).map(|e| e.route()), Ok(Route::Local), "{text}");
        }
        for (text, why) in [
            ("http://127.0.0.1:7475/push/1", EndpointError::NotHttps),
            ("https://127.0.0.1:7474/push/1", EndpointError::NotPublic),
            ("http://localhost:7474/push/1", EndpointError::NotHttps),
            ("http://fcm.googleapis.com/1", EndpointError::NotHttps),
            ("http://me@127.0.0.1:7474/push/1", EndpointError::Credentials),
        ] {
            assert_eq!(Endpoint::parse(text, Some(&local)).err(), Some(why), "{text}");
        }
        let elsewhere = Endpoint::parse("https://fcm.googleapis.com:444/1", Some(&local));
        assert_eq!(elsewhere.map(|e| e.route()), Ok(Route::Public));
    }

    #[test]
    fn shows_no_secret() {
        let endpoint = Endpoint::parse("https://push.example/secret", None).expect("good");
        assert_eq!(format!("{endpoint:?}"), "Endpoint(https://push.example/…)");
    }

    proptest! {
        #[test]
        fn never_panics(text in "\\PC{0,60}", tail in "[a-z0-9:/@.\\[\\]%x]{0,30}") {
            let _ = Endpoint::parse(&text, None);
            let _ = Endpoint::parse(&format!("https://{tail}{text}"), Some(&local()));
            subscription_id(&text);
        }

        #[test]
        fn lets_no_private_literal_through(
            bytes in prop_oneof![
                (0u8..1, any::<[u8; 3]>()), (10u8..11, any::<[u8; 3]>()), (127u8..128, any::<[u8; 3]>()),
                (224u8..=255, any::<[u8; 3]>()),
                (192u8..193, any::<[u8; 2]>().prop_map(|[a, b]| [168, a, b])),
                (172u8..173, (16u8..32, any::<[u8; 2]>()).prop_map(|(x, [a, b])| [x, a, b])),
                (169u8..170, any::<[u8; 2]>().prop_map(|[a, b]| [254, a, b])),
            ],
            spelling in 0..9u8, port in prop::option::of(1u16..), path in "[a-z/]{0,8}",
        ) {
            let (a, [b, c, d]) = bytes;
            let whole = u32::from_be_bytes([a, b, c, d]);
            let host = match spelling {
                0 => format!("{a}.{b}.{c}.{d}"),
                1 => format!("{whole}"),
                2 => format!("0x{whole:x}"),
                3 => format!("0{whole:o}"),
                4 => format!("0x{a:X}.0{b:o}.{}", u16::from_be_bytes([c, d])),
                5 => format!("{a}.{}", whole & 0xff_ffff),
                6 => format!("{a}.{b}.{c}.{d}."),
                7 => format!("[::ffff:{a}.{b}.{c}.{d}]"),
                _ => format!("[64:ff9b::{a}.{b}.{c}.{d}]"),
            };
            let port = port.map(|port| format!(":{port}")).unwrap_or_default();
            let text = format!("https://{host}{port}/{path}");
            prop_assert_eq!(Endpoint::parse(&text, None).err(), Some(EndpointError::NotPublic), "{}", text);
        }
    }
}
