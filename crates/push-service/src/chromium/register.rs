//! Registration: a browser subscribes and unsubscribes.

use std::sync::Arc;

use axum::Form;
use axum::extract::State;
use serde::Deserialize;

use crate::description::chromium_origins;
use crate::key::ApplicationServerKey;
use crate::mailbox::Channel;
use crate::shared::Shared;

/// The sender that Chromium registers with for itself, not for a page.
const INTERNAL_SENDER: &str = "745476177629";

/// The form that Chromium posts.
#[derive(Debug, Deserialize)]
pub(crate) struct Registration {
    #[serde(default)]
    app: String,
    /// The Android identity of check-in.
    device: String,
    /// The page's application server key; `*` to unsubscribe.
    #[serde(default)]
    sender: String,
    /// Which subscription: `wp:<origin>/#<GUID>-V2`.
    #[serde(default, rename = "X-subtype")]
    subtype: String,
    #[serde(default)]
    delete: bool,
}

/// `POST /register`: always 200. What went wrong stands in the text, as Chromium expects.
pub(crate) async fn register(State(shared): State<Arc<Shared>>, Form(form): Form<Registration>) -> String {
    if form.delete {
        shared.mailbox.unsubscribe(&form.device, &form.subtype);
        return format!("token={}", form.subtype);
    }
    if form.sender == INTERNAL_SENDER {
        return format!("token={}", crate::random::token());
    }
    let Some(key) = ApplicationServerKey::parse(&form.sender) else {
        tracing::warn!(sender = form.sender, "a page subscribes with what is no VAPID public key: refused");
        return "Error=INVALID_SENDER".to_owned();
    };
    // A browser with an older profile checked in with a service that has been stopped since.
    shared.mailbox.admit(&form.device);
    let channel = Channel {
        name: form.subtype,
        key: Some(key),
        audiences: chromium_origins(),
        sender: form.sender,
        app: form.app,
        ..Channel::default()
    };
    match shared.mailbox.subscribe(&form.device, channel) {
        Ok(token) => format!("token={token}"),
        // Forgotten this very moment, or not written; Chromium tries again.
        Err(_) => "Error=SERVICE_NOT_AVAILABLE".to_owned(),
    }
}
