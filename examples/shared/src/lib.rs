//! What the four examples have in common, so that each shows only what its framework is about: the texts, the request, and
//! the data that goes from the page over the server to the worker, and back with the click.

#![forbid(unsafe_code)]

use serde::{Deserialize, Serialize};
use tidings::{
    Code,
    outbox::Request,
    page::{Permission, State, Subscription},
};

/// The `data` of a message: the page writes it, the worker and the page that gets the click read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reminder {
    /// What to remember.
    pub what: String,
}

impl Reminder {
    /// Has the server push this to the subscription with this id: a Declarative Web Push message.
    ///
    /// A server that others reach takes it from your own server only, which has a token: let your page ask that one. Here
    /// `tidings serve --loopback-without-token` takes it from a page on this machine.
    pub fn request(&self, id: &str) -> Request {
        let message = serde_json::json!({
            "web_push": 8030,
            "notification": { "title": self.what, "navigate": "/", "data": self, "actions": [{ "action": "again", "title": "Again", "navigate": "/" }] },
        });
        let body = serde_json::json!({ "message": message, "ttl": 3600 }).to_string();
        Request::new("POST", &format!("/api/v1/subscriptions/{id}/messages"))
            .header("content-type", "application/json")
            .body(body)
    }
}

/// Whether this device gets notifications.
pub fn is_on(state: &State) -> bool {
    let subscribed = !matches!(state.subscription, Subscription::Unknown | Subscription::None);
    subscribed && state.permission == Permission::Granted
}

/// The state in a word, for people.
pub fn summary(state: &State) -> &'static str {
    match (is_on(state), state.reason) {
        (true, None) => "on",
        (true, Some(_)) => "on, but the server does not know yet",
        (false, _) => "off",
    }
}

/// What a person can do about it.
pub fn advice(code: Code) -> &'static str {
    match code {
        Code::PermissionDenied | Code::PermissionQuiet => "Notifications are blocked. Allow them next to the address.",
        Code::PermissionDismissed => "You closed the question. Press the button to be asked again.",
        Code::NeedsInstall => "Add this app to the Home Screen first.",
        Code::PrivateMode => "A private window has no notifications: use a normal one.",
        Code::InIframe | Code::Webview => "Open this page in your browser, in a tab of its own.",
        Code::NoPush | Code::NoServiceWorker => "This browser has no notifications.",
        Code::PushServiceUnavailable => "Your browser cannot reach its push service. Are you offline?",
        Code::ServerUnavailable => "Our server does not answer. We go on when it does.",
        _ => "That did not work. Please try again.",
    }
}
