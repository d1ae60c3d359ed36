//! A Firefox, a Chromium and an application server, as far as a push service sees them.

#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod chromium;
pub(crate) mod firefox;
pub(crate) mod sender;

use std::time::Duration;

use tidings_push_service::{Config, PushService};

/// Long enough for a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) async fn service() -> PushService {
    PushService::start(Config::ephemeral()).await.unwrap()
}

/// The state that the service shows to tests.
pub(crate) async fn state(service: &PushService) -> serde_json::Value {
    let url = format!("{}/control/state", service.description().http);
    sender::client(service).get(url).send().await.unwrap().json().await.unwrap()
}

/// Waits until the state is as wanted.
pub(crate) async fn eventually(service: &PushService, wanted: impl Fn(&serde_json::Value) -> bool) {
    for _ in 0..500 {
        if wanted(&state(service).await) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("never came to be: {}", state(service).await);
}

pub(crate) async fn control(service: &PushService, what: &str) {
    let url = format!("{}/control/{what}", service.description().http);
    let response = sender::client(service).post(url).send().await.unwrap();
    assert_eq!(response.status(), 204);
}
