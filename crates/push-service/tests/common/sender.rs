//! An application server.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use base64ct::{Base64UrlUnpadded, Encoding as _};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use reqwest::{Client, ClientBuilder, RequestBuilder};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::json;
use tidings_push_service::PushService;

/// A VAPID key pair.
pub(crate) struct Keys(SigningKey);

impl Keys {
    pub(crate) fn new(seed: u8) -> Self {
        Self(SigningKey::from_slice(&[seed; 32]).unwrap())
    }

    pub(crate) fn public(&self) -> String {
        let point = self.0.verifying_key().to_encoded_point(false);
        Base64UrlUnpadded::encode_string(point.as_bytes())
    }

    /// An Authorization header for an audience, valid for an hour.
    pub(crate) fn sign(&self, audience: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let header = json!({"typ": "JWT", "alg": "ES256"}).to_string();
        let claims = json!({"aud": audience, "exp": now + 3600, "sub": "mailto:a@push.test"}).to_string();
        let encode = |text: String| Base64UrlUnpadded::encode_string(text.as_bytes());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature: Signature = self.0.sign(signed.as_bytes());
        let signature = Base64UrlUnpadded::encode_string(&signature.to_bytes());
        format!("vapid t={signed}.{signature}, k={}", self.public())
    }
}

/// TLS that trusts the service's certificate and nothing else.
pub(crate) fn tls(service: &PushService) -> rustls::ClientConfig {
    let pem = service.description().certificate_pem.as_bytes();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(pem).unwrap()).unwrap();
    rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth()
}

fn builder(service: &PushService) -> ClientBuilder {
    Client::builder().tls_backend_preconfigured(tls(service))
}

pub(crate) fn client(service: &PushService) -> Client {
    builder(service).no_proxy().build().unwrap()
}

/// A client that reaches everything through the service's proxy.
pub(crate) fn proxied(service: &PushService) -> Client {
    let proxy = reqwest::Proxy::all(&service.description().proxy).unwrap();
    builder(service).proxy(proxy).build().unwrap()
}

/// A good push request, to be spoiled by the test.
pub(crate) fn push(client: &Client, endpoint: &str) -> RequestBuilder {
    client.post(endpoint).header("ttl", "60").header("content-encoding", "aes128gcm").body("encrypted")
}
