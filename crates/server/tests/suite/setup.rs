//! A server in a folder of its own, a client for its API, and a browser's half of a subscription.

use p256::{SecretKey, elliptic_curve::rand_core::OsRng};
use reqwest::{Client, Method, RequestBuilder, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use tempfile::TempDir;
use tidings_core::base64url;
use tidings_server::{Config, LocalPushService, Running, Server};

/// A server, and a client for it.
pub(crate) struct Api {
    pub(crate) server: Running,
    pub(crate) folder: TempDir,
    client: Client,
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The status and the error's code, for comparison.
    pub(crate) fn error(&self) -> (u16, &str) {
        (self.status.as_u16(), self.body["error"]["code"].as_str().unwrap_or_default())
    }

    pub(crate) fn message(&self) -> &str {
        self.body["error"]["message"].as_str().unwrap_or_default()
    }
}

/// Settings for a test: a free port, a data folder that does not exist yet, no token for programs on this machine.
pub(crate) fn config(folder: &TempDir) -> Config {
    let mut config = Config::new(folder.path().join("data"));
    config.address = ([127, 0, 0, 1], 0).into();
    config.loopback_without_token = true;
    config.push_services.allow("push.example".parse().expect("a host"));
    config
}

impl Api {
    pub(crate) async fn start(service: Option<&LocalPushService>) -> Self {
        Self::start_with(|config| config.local_push_service = service.cloned()).await
    }

    pub(crate) async fn start_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mut config = config(&folder);
        config.database = crate::database::database().await;
        change(&mut config);
        let server = Server::start(config).await.expect("starts");
        Self { server, folder, client: Client::builder().no_proxy().build().expect("a client") }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.server.address()))
    }

    pub(crate) async fn send(&self, request: RequestBuilder) -> Answer {
        let response = request.send().await.expect("an answer");
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.expect("a body");
        Answer { status, headers, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn put(&self, body: &Value) -> Answer {
        self.send(self.request(Method::PUT, "/api/v1/subscriptions").json(body)).await
    }

    pub(crate) async fn delete(&self, body: &Value) -> Answer {
        self.send(self.request(Method::DELETE, "/api/v1/subscriptions").json(body)).await
    }

    pub(crate) async fn post(&self, id: &str, body: &Value) -> Answer {
        self.send(self.request(Method::POST, &format!("/api/v1/subscriptions/{id}/messages")).json(body)).await
    }

    /// How many subscriptions are stored.
    pub(crate) async fn count(&self) -> usize {
        self.server.state().store().page(None, 1000).await.expect("readable").len()
    }
}

/// A browser's half of a subscription.
pub(crate) struct Receiver {
    secret: SecretKey,
    auth: [u8; 16],
}

impl Receiver {
    pub(crate) fn new() -> Self {
        Self { secret: SecretKey::random(&mut OsRng), auth: [9; 16] }
    }

    /// What `toJSON()` would say.
    pub(crate) fn subscription(&self, endpoint: &str) -> Value {
        json!({
            "endpoint": endpoint,
            "expirationTime": null,
            "keys": {
                "p256dh": base64url::encode(&self.secret.public_key().to_sec1_bytes()),
                "auth": base64url::encode(&self.auth),
            },
        })
    }

    pub(crate) fn decrypt(&self, body: &[u8]) -> Vec<u8> {
        web_push_native::decrypt(body.to_vec(), &self.secret, &self.auth.into()).expect("decrypts")
    }
}

/// A good declarative message.
pub(crate) fn hello() -> Value {
    json!({"web_push": 8030, "notification": {"title": "Hällo ✉", "navigate": "/inbox", "body": "There"}})
}
