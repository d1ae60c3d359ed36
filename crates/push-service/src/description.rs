//! What a browser or a sender must know of a running service.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::certificate::Certificate;

/// The hosts of the endpoints that Chromium hands out. They are compiled into it.
pub(crate) const CHROMIUM_HOSTS: [&str; 2] = ["jmt17.google.com", "fcm.googleapis.com"];

/// Everything a browser or a sender must know of a running service; `GET /about` answers it as JSON.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    /// Base URL of the plain port, without a slash at the end.
    pub http: String,
    /// Firefox: the preference `dom.push.serverURL`.
    pub web_socket: String,
    /// Chromium: `--gcm-checkin-url`.
    pub checkin: String,
    /// Chromium: `--gcm-registration-url`.
    pub register: String,
    /// Chromium: `--gcm-mcs-endpoint`.
    pub mcs: String,
    /// Base URL of the push resources over TLS, without a slash at the end.
    pub https: String,
    /// The CONNECT proxy through which senders reach endpoints at [`hosts`](Self::hosts).
    pub proxy: String,
    /// The hosts the proxy tunnels to this service, on port 443. It refuses all others.
    pub hosts: Vec<String>,
    /// The self-signed certificate, for senders to trust.
    pub certificate_pem: String,
    /// Chromium: `--ignore-certificate-errors-spki-list`. SHA-256 of the certificate's public key, in base64.
    pub spki_sha256: String,
}

impl Description {
    pub(crate) fn new(http: SocketAddr, tls: SocketAddr, certificate: &Certificate) -> Self {
        Self {
            http: format!("http://{http}"),
            web_socket: format!("ws://{http}/"),
            checkin: format!("http://{http}/checkin"),
            register: format!("http://{http}/register"),
            mcs: format!("https://{tls}"),
            https: format!("https://{tls}"),
            proxy: format!("http://{http}"),
            hosts: CHROMIUM_HOSTS.map(str::to_owned).to_vec(),
            certificate_pem: certificate.pem.clone(),
            spki_sha256: certificate.spki_sha256.clone(),
        }
    }

    /// Whom a sender to Firefox may address its VAPID token to.
    pub(crate) fn own_origins(&self) -> Vec<String> {
        vec![self.http.clone(), self.https.clone()]
    }
}

/// Whom a sender to Chromium may address its VAPID token to.
pub(crate) fn chromium_origins() -> Vec<String> {
    CHROMIUM_HOSTS.iter().map(|host| format!("https://{host}")).collect()
}
