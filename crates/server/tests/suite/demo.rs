//! The routes of the demo: there with `demo_sessions`, and nowhere else.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tidings_server::{LocalPushService, subscription_id};

use crate::{
    fake::Fake,
    setup::{Api, Receiver, hello},
};

struct Demo {
    api: Api,
    fake: Fake,
    cookie: String,
}

impl Demo {
    /// Ada has two devices, somebody else has one.
    async fn start() -> Self {
        let fake = Fake::start().await;
        let service: &LocalPushService = &fake.service;
        let api = Api::start_with(|config| {
            config.demo_sessions = true;
            config.local_push_service = Some(service.clone());
        })
        .await;
        let sign_in = api.request(Method::POST, "/api/v1/session").json(&json!({"user": "ada"}));
        let cookie = api.send(sign_in).await.headers["set-cookie"].to_str().expect("text").to_owned();
        let cookie = cookie.split(';').next().expect("a cookie").to_owned();
        let demo = Self { api, fake, cookie };
        for (name, user) in [("phone", json!("ada")), ("laptop", json!("ada")), ("other", Value::Null)] {
            let mut body = Receiver::new().subscription(&demo.fake.endpoint(name));
            body["user"] = user;
            body["label"] = json!(name);
            body["device"] = json!(name);
            let stored = demo.api.send(demo.request(Method::PUT, "/subscriptions", &body)).await;
            assert_eq!(stored.status, 201, "{stored:?}");
        }
        demo
    }

    fn id(&self, name: &str) -> String {
        subscription_id(&self.fake.endpoint(name))
    }

    fn request(&self, method: Method, path: &str, body: &Value) -> RequestBuilder {
        let origin = format!("http://{}", self.api.server.address());
        let request = self.api.request(method, &format!("/api/v1{path}"));
        request.header("cookie", &self.cookie).header("origin", origin).json(body)
    }

    async fn send(&self, to: &str) -> Value {
        self.fake.answer_with(201, &[], "");
        let body = json!({"to": to, "message": hello(), "ttl": 60});
        self.api.send(self.request(Method::POST, "/demo/messages", &body)).await.body
    }
}

#[tokio::test]
async fn sends_to_one_to_a_users_and_to_all() {
    let demo = Demo::start().await;
    for (to, sent) in [(demo.id("other").as_str(), 1), ("mine", 2), ("everyone", 3)] {
        let answer = demo.send(to).await;
        assert_eq!((&answer["sent"], &answer["failed"]), (&json!(sent), &json!(0)), "{to}: {answer}");
        assert!(answer["took"].is_u64());
    }
    assert_eq!(demo.fake.received().len(), 6);
    let nobody = demo.send("nobody").await;
    assert_eq!(nobody["results"][0]["error"]["code"], "unknown-subscription");
    let stranger =
        demo.api.request(Method::POST, "/api/v1/demo/messages").json(&json!({"to": "mine", "message": hello()}));
    assert_eq!(demo.api.send(stranger).await.error(), (400, "invalid-field"));
}

#[tokio::test]
async fn a_new_key_signs_at_once_and_after_a_restart() {
    let demo = Demo::start().await;
    let key = |body: &Value| body["publicKey"].as_str().expect("a key").to_owned();
    let old = key(&demo.api.get("/api/v1/key").await.body);
    let new = key(&demo.api.send(demo.request(Method::POST, "/demo/key", &json!({}))).await.body);
    assert_ne!(new, old);
    assert_eq!(key(&demo.api.get("/api/v1/key").await.body), new);
    // A browser that subscribes now gets messages with the new key, those from before with theirs.
    let stored = demo.api.put(&Receiver::new().subscription(&demo.fake.endpoint("new"))).await;
    assert_eq!(stored.status, 201, "{stored:?}");
    for (device, key) in [("new", &new), ("phone", &old)] {
        demo.send(&demo.id(device)).await;
        let received = demo.fake.received();
        let authorization = received.last().and_then(|request| request.headers.get("authorization")).expect("signed");
        assert!(authorization.to_str().expect("text").ends_with(&format!(", k={key}")), "{device}");
    }
    let stored = tidings_server::VapidKey::load(&demo.api.folder.path().join("data")).expect("a key");
    assert_eq!(stored.public_key(), new);
}

#[tokio::test]
async fn no_other_server_has_them() {
    let api = Api::start(None).await;
    for path in ["messages", "key"] {
        let body = json!({"to": "everyone", "message": hello()});
        let request = api.request(Method::POST, &format!("/api/v1/demo/{path}")).json(&body);
        assert_eq!(api.send(request).await.error(), (404, "not-found"), "{path}");
    }
}
