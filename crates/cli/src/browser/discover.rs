//! Finding out what a running push service wants browsers to know.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tidings_push_service::Description;
use url::Url;

/// Loopback answers at once or never.
const PATIENCE: Duration = Duration::from_secs(5);

/// Asks the push service at this address.
pub(crate) async fn discover(address: &Url) -> anyhow::Result<Description> {
    let about = address.join("/about").with_context(|| format!("{address} has no paths"))?;
    let remedy = || {
        format!(
            "no push service answers at {}: start one with `tidings push-service`, or pass its address with --push-service",
            address.as_str().trim_end_matches('/')
        )
    };
    let response = client()?.get(about).send().await.with_context(remedy)?;
    let response = response.error_for_status().with_context(remedy)?;
    response.json().await.with_context(remedy)
}

/// A client for plain HTTP on this machine: it trusts no certificate at all, and no proxy stands between.
fn client() -> anyhow::Result<reqwest::Client> {
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(rustls::RootCertStore::empty())
        .with_no_client_auth();
    Ok(reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy().timeout(PATIENCE).build()?)
}
