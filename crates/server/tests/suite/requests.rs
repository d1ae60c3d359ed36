//! Requests that are refused before anything else, and the API's other answers.

use std::{
    net::ToSocketAddrs,
    time::{Duration, Instant},
};

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, Executor};
use tidings_server::subscription_id;

use crate::setup::{Api, Receiver, hello};

const SUBSCRIPTIONS: &str = "/api/v1/subscriptions";

fn good() -> Value {
    Receiver::new().subscription("https://push.example/1")
}

#[tokio::test]
async fn bad_bodies_are_refused() {
    let api = Api::start(None).await;
    let nested = "[".repeat(500);
    let long = json!({"endpoint": "x".repeat(17_000)}).to_string();
    let cases = [
        ("", (400, "malformed-json")),
        ("{", (400, "malformed-json")),
        ("{\"endpoint\": \"https://push.example/1\",}", (400, "malformed-json")),
        ("endpoint=https://push.example/1", (400, "malformed-json")),
        (&nested, (400, "malformed-json")),
        ("null", (400, "invalid-field")),
        ("[]", (400, "invalid-field")),
        ("\"https://push.example/1\"", (400, "invalid-field")),
        ("{}", (400, "missing-field")),
        (&long, (413, "body-too-large")),
    ];
    let path = format!("{SUBSCRIPTIONS}/x/messages");
    for (method, path) in [(Method::PUT, SUBSCRIPTIONS), (Method::DELETE, SUBSCRIPTIONS), (Method::POST, &path)] {
        for (body, expected) in &cases {
            let request = api.request(method.clone(), path).header("content-type", "application/json");
            let answer = api.send(request.body((*body).to_owned())).await;
            assert_eq!(answer.error(), *expected, "{method} {body:.60}");
            assert!(!answer.message().is_empty());
        }
        let invalid_utf8 = api.request(method.clone(), path).header("content-type", "application/json");
        assert_eq!(api.send(invalid_utf8.body(b"{\"\xff\": 1}".to_vec())).await.error(), (400, "malformed-json"));
    }
    assert_eq!(api.count().await, 0);
}

#[tokio::test]
async fn another_sites_page_is_refused() {
    let api = Api::start(None).await;
    let put = |site: Option<&str>, content_type: Option<&str>| {
        let mut request = api.request(Method::PUT, SUBSCRIPTIONS).body(good().to_string());
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        if let Some(content_type) = content_type {
            request = request.header("content-type", content_type);
        }
        api.send(request)
    };
    for site in ["cross-site", "same-site", "", "nonsense"] {
        assert_eq!(put(Some(site), Some("application/json")).await.error(), (403, "cross-site"), "{site}");
    }
    for content_type in [None, Some("text/plain"), Some("application/x-www-form-urlencoded"), Some("application/jsonp")]
    {
        assert_eq!(put(None, content_type).await.error(), (415, "unsupported-media-type"), "{content_type:?}");
    }
    assert_eq!(api.count().await, 0);
    for (site, content_type) in [
        (Some("same-origin"), "application/json"),
        (Some("none"), "Application/JSON; charset=utf-8"),
        (None, "application/json"),
    ] {
        assert!(put(site, Some(content_type)).await.status.is_success(), "{site:?} {content_type}");
    }
    let preflight = api.request(Method::OPTIONS, SUBSCRIPTIONS).header("origin", "https://evil.example");
    let answer = api.send(preflight.header("access-control-request-method", "PUT")).await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"));
}

#[tokio::test]
async fn bad_subscriptions_are_refused() {
    let api = Api::start(None).await;
    let cases = [
        ("/endpoint", json!("http://push.example/1"), "endpoint-not-https"),
        ("/endpoint", json!("http://127.0.0.1:7474/push/1"), "endpoint-not-https"),
        ("/endpoint", json!("https://me:secret@push.example/1"), "endpoint-has-credentials"),
        ("/endpoint", json!("https://localhost/1"), "endpoint-not-public"),
        ("/endpoint", json!("https://127.0.0.1/1"), "endpoint-not-public"),
        ("/endpoint", json!("https://2130706433/1"), "endpoint-not-public"),
        ("/endpoint", json!("https://10.0.0.1/1"), "endpoint-not-public"),
        ("/endpoint", json!("https://169.254.169.254/1"), "endpoint-not-public"),
        ("/endpoint", json!("https://0.0.0.0/1"), "endpoint-not-public"),
        ("/endpoint", json!("https://239.0.0.1/1"), "endpoint-not-public"),
        ("/endpoint", json!("https://[::1]/1"), "endpoint-not-public"),
        ("/endpoint", json!("https://[::ffff:10.0.0.1]/1"), "endpoint-not-public"),
        ("/endpoint", json!("https://[64:ff9b::a00:1]/1"), "endpoint-not-public"),
        ("/endpoint", json!("not a URL"), "endpoint-invalid"),
        ("/endpoint", json!({}), "invalid-field"),
        ("/expirationTime", json!("never"), "invalid-field"),
        ("/keys", json!(null), "invalid-field"),
        ("/keys", json!({}), "missing-field"),
        ("/keys/p256dh", json!("****"), "p256dh-invalid"),
        ("/keys/p256dh", json!("BA"), "p256dh-invalid"),
        ("/keys/p256dh", json!(tidings_core::base64url::encode(&[4; 65])), "p256dh-invalid"),
        ("/keys/auth", json!("****"), "auth-invalid"),
        ("/keys/auth", json!("BA"), "auth-invalid"),
    ];
    for (pointer, value, code) in cases {
        let mut subscription = good();
        *subscription.pointer_mut(pointer).expect("there") = value;
        let answer = api.put(&subscription).await;
        assert_eq!(answer.error(), (400, code), "{subscription}");
        assert!(answer.message().contains(' '), "a sentence: {}", answer.message());
    }
    assert_eq!(api.count().await, 0);
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_not_sent_to() {
    // A name that passes the check of its spelling. Where it leads elsewhere, the resolver's own test must do.
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").expect("a name");
    let mut addresses = (name.trim(), 443).to_socket_addrs().into_iter().flatten();
    if !addresses.next().is_some_and(|address| address.ip().is_loopback()) {
        return;
    }
    let endpoint = format!("https://{}/1", name.trim());
    let api = Api::start_with(|config| config.push_services.allow("*".parse().expect("all hosts"))).await;
    assert_eq!(api.put(&Receiver::new().subscription(&endpoint)).await.status, 201);
    let answer = api.post(&subscription_id(&endpoint), &json!({"message": hello()})).await;
    assert_eq!(answer.error(), (502, "push-service-unavailable"));
    assert!(answer.message().contains("no public address"), "{}", answer.message());
    assert_eq!(api.count().await, 1);
}

#[tokio::test]
async fn a_locked_database_is_waited_for_and_then_reported() {
    if crate::database::is_postgres() {
        return; // It locks rows, not itself.
    }
    let api = Api::start(None).await;
    let file = api.server.state().config().data.join("tidings.db");
    let mut other = sqlx::SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.expect("opens");
    other.execute("BEGIN IMMEDIATE").await.expect("locks");
    let start = Instant::now();
    let answer = api.put(&good()).await;
    assert_eq!(answer.error(), (503, "store-unavailable"));
    assert!(answer.message().contains("locked"), "{}", answer.message());
    assert_eq!(answer.headers["retry-after"], "5");
    assert!(start.elapsed() > Duration::from_secs(4));
    assert_eq!(api.get("/api/v1/health").await.status, 200, "reading goes on");
    other.execute("ROLLBACK").await.expect("unlocks");
    assert_eq!(api.count().await, 0);
    assert_eq!(api.put(&good()).await.status, 201);
}

#[tokio::test]
async fn other_paths_and_methods_are_named() {
    let api = Api::start(None).await;
    assert_eq!(api.get("/api/v1/health").await.body, json!({"status": "ok"}));
    let key = api.get("/api/v1/key").await.body["publicKey"].as_str().expect("a key").to_owned();
    assert!(key.parse::<tidings_core::key::ApplicationServerKey>().is_ok());
    for path in ["/api/v1/", "/api/v1/nothing", "/api/v1/subscriptions/x/y"] {
        assert_eq!(api.get(path).await.error(), (404, "not-found"), "{path}");
    }
    assert_eq!(api.send(api.request(Method::POST, "/api/v1/key")).await.error(), (405, "method-not-allowed"));
    assert_eq!(api.get(SUBSCRIPTIONS).await.error(), (405, "method-not-allowed"));
    assert_eq!(api.get("/").await.status, 404);
}
