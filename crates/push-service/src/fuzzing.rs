//! The ways in for `fuzz/`, with no socket between. No part of the API: it may change in any version.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsAcceptor;

use crate::certificate::Certificate;
use crate::chromium::mcs;
use crate::connection::Server;
use crate::mailbox::{Channel, Mailbox, Payload, Post};
use crate::router::router;
use crate::shared::Shared;
use crate::{Description, StartError};

/// A device that has two messages waiting; its one channel has the same name.
pub const DEVICE: &str = "1";

/// A service that listens nowhere.
#[derive(Debug)]
pub struct Service {
    shared: Arc<Shared>,
    certificate: Arc<Certificate>,
    token: String,
}

impl Service {
    /// A service with a new certificate.
    ///
    /// # Errors
    ///
    /// When the certificate cannot be made.
    pub fn new() -> Result<Self, StartError> {
        Ok(Self::with(Arc::new(Certificate::open(None)?)))
    }

    /// Another service with the same certificate, which takes long to make, and with nothing of the first one's past.
    #[must_use]
    pub fn fresh(&self) -> Self {
        Self::with(Arc::clone(&self.certificate))
    }

    /// The same service after every device was forgotten.
    #[must_use]
    pub fn empty(self) -> Self {
        // There is no file that could be in the way.
        let _ = self.shared.mailbox.forget_devices();
        self
    }

    /// The last part of the endpoint of [`DEVICE`], which takes unsigned messages.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Serves what comes to the plain port.
    pub async fn plain<S>(self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let tls = TlsAcceptor::from(Arc::clone(&self.certificate.tls));
        let router = router(Arc::clone(&self.shared), true);
        Server { shared: self.shared, router, tls }.serve_plain(stream).await;
    }

    /// Serves what comes to the TLS port after the handshake, as MCS.
    pub async fn mcs<S>(self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        mcs::serve(stream, self.shared).await;
    }

    fn with(certificate: Arc<Certificate>) -> Self {
        let address = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let shared = Shared::new(Description::new(address(7474), address(7475), &certificate), Mailbox::default());
        shared.mailbox.admit(DEVICE);
        let channel = Channel { name: DEVICE.to_owned(), ..Channel::default() };
        let token = shared.mailbox.subscribe(DEVICE, channel).unwrap_or_default();
        for body in [b"".as_slice(), b"message"] {
            let payload = Payload {
                body: body.to_vec(),
                encoding: "aes128gcm".to_owned(),
                encryption: None,
                crypto_key: Some("dh=a".to_owned()),
            };
            let post = Post { payload: Some(payload), ttl: Duration::from_secs(60), topic: None };
            // The channel was just made.
            let _ = shared.mailbox.post(&token, post);
        }
        Self { shared: Arc::new(shared), certificate, token }
    }
}
