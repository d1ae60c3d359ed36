//! What application servers are answered.

#![allow(clippy::unwrap_used)]

mod common;

use common::firefox::Firefox;
use common::sender::{Keys, client, push};
use common::service;
use reqwest::{RequestBuilder, Response};
use tidings_push_service::PushService;

/// The status and, for a refusal, its body: always JSON that says what to do.
async fn outcome(request: RequestBuilder) -> (u16, String) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    if status < 400 {
        return (status, String::new());
    }
    let body: serde_json::Value = response.json().await.unwrap();
    assert_eq!(body["code"], status);
    assert!(body["errno"].is_u64());
    assert!(body["error"].is_string());
    (status, body["message"].as_str().unwrap().to_owned())
}

async fn subscribed(keys: Option<&Keys>) -> (PushService, Firefox, String) {
    let service = service().await;
    let mut firefox = Firefox::start(&service).await;
    let key = keys.map(Keys::public);
    let endpoint = firefox.subscribe("c", key.as_deref()).await;
    (service, firefox, endpoint)
}

#[tokio::test]
async fn a_message_has_an_address_until_it_is_delivered() {
    let (service, mut firefox, endpoint) = subscribed(None).await;
    let client = client(&service);
    let location = |response: &Response| response.headers()["location"].to_str().unwrap().to_owned();
    let first = push(&client, &endpoint).send().await.unwrap();
    assert_eq!(first.status(), 201);
    assert_eq!(first.headers()["ttl"], "60");
    let notification = firefox.hear().await;
    assert_eq!(outcome(client.delete(location(&first))).await.0, 204, "not acknowledged yet");
    let second = push(&client, &endpoint).send().await.unwrap();
    let second_notification = firefox.hear().await;
    assert_ne!(notification["version"], second_notification["version"]);
    firefox.acknowledge(&second_notification, 100).await;
    common::eventually(&service, |state| state["waiting"] == 0).await;
    let (status, message) = outcome(client.delete(location(&second))).await;
    assert_eq!(status, 404);
    assert!(message.contains("delivered"), "{message}");
}

#[tokio::test]
async fn bad_headers_are_named() {
    let (service, _firefox, endpoint) = subscribed(None).await;
    let client = client(&service);
    for (request, name) in [
        (client.post(&endpoint), "TTL"),
        (client.post(&endpoint).header("ttl", "soon"), "TTL"),
        (push(&client, &endpoint).header("urgency", "urgent"), "Urgency"),
        (push(&client, &endpoint).header("topic", "a".repeat(33)), "Topic"),
        (push(&client, &endpoint).header("topic", "no spaces"), "Topic"),
        (client.post(&endpoint).header("ttl", "1").body("plain"), "Content-Encoding"),
    ] {
        let (status, message) = outcome(request).await;
        assert_eq!(status, 400);
        assert!(message.contains(name), "{message}");
    }
}

#[tokio::test]
async fn size_is_limited() {
    let (service, _firefox, endpoint) = subscribed(None).await;
    let client = client(&service);
    for (size, status) in [(4096, 201), (4097, 413), (300_000, 413)] {
        let request = push(&client, &endpoint).body(vec![0; size]);
        assert_eq!(outcome(request).await.0, status, "{size}");
    }
}

#[tokio::test]
async fn unknown_addresses_are_not_found() {
    let service = service().await;
    let client = client(&service);
    let http = &service.description().http;
    for path in ["wpush/v2/unknown", "fcm/send/unknown", "wp/unknown", "elsewhere"] {
        assert_eq!(outcome(push(&client, &format!("{http}/{path}"))).await.0, 404, "{path}");
    }
    assert_eq!(client.get(format!("{http}/wpush/v2/a")).send().await.unwrap().status(), 405);
    assert_eq!(outcome(client.get(format!("{http}/"))).await.0, 426);
}

#[tokio::test]
async fn only_the_subscribed_key_may_send() {
    let keys = Keys::new(1);
    let (service, mut firefox, endpoint) = subscribed(Some(&keys)).await;
    let (client, http) = (client(&service), service.description().http.clone());
    let signed = |authorization: String| push(&client, &endpoint).header("authorization", authorization);
    assert_eq!(outcome(push(&client, &endpoint)).await.0, 401);
    assert_eq!(outcome(signed("vapid t=a".to_owned())).await.0, 401);
    assert_eq!(outcome(signed(Keys::new(2).sign(&http))).await.0, 403);
    let (status, message) = outcome(signed(keys.sign("https://jmt17.google.com"))).await;
    assert_eq!(status, 403);
    assert!(message.contains(&http), "{message}");
    assert_eq!(outcome(signed(keys.sign(&http))).await.0, 201);
    assert_eq!(firefox.hear().await["messageType"], "notification");
    let response = push(&client, &endpoint).send().await.unwrap();
    assert_eq!(response.headers()["www-authenticate"], "vapid");
}

#[tokio::test]
async fn firefox_endpoints_answer_over_tls_too() {
    let keys = Keys::new(1);
    let (service, _firefox, endpoint) = subscribed(Some(&keys)).await;
    let https = &service.description().https;
    let endpoint = endpoint.replace(&service.description().http, https);
    let response = push(&client(&service), &endpoint).header("authorization", keys.sign(https)).send().await.unwrap();
    assert_eq!(response.status(), 201);
    let location = response.headers()["location"].to_str().unwrap();
    assert!(location.starts_with(&format!("{https}/m/")), "{location}");
}
