//! Messages out: what arrives, and what each answer of the push service means.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tidings_server::subscription_id;

use crate::{
    fake::{Fake, HOST},
    setup::{Api, Receiver, hello},
};

/// A server with a fake push service and one subscription there.
async fn subscribed() -> (Fake, Api, Receiver, String) {
    let fake = Fake::start().await;
    let api = Api::start(Some(&fake.service)).await;
    let receiver = Receiver::new();
    let endpoint = fake.endpoint("push/secret");
    assert_eq!(api.put(&receiver.subscription(&endpoint)).await.status, 201);
    (fake, api, receiver, subscription_id(&endpoint))
}

#[tokio::test]
async fn a_message_arrives_encrypted_and_signed() {
    let (fake, api, receiver, id) = subscribed().await;
    fake.answer_with(201, &[("location", "/message/1")], "");
    let body = json!({"message": hello(), "ttl": 60, "urgency": "high", "topic": "inbox"});
    let answer = api.post(&id, &body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body, json!({"status": "sent", "pushService": 201, "location": "/message/1"}));

    let received = fake.received();
    let [request] = received.as_slice() else { panic!("one request, not {}", received.len()) };
    assert_eq!((&request.method, request.uri.path()), (&Method::POST, "/push/secret"));
    let header = |name| request.headers.get(name).map(|value| value.to_str().expect("text"));
    assert_eq!(header("ttl"), Some("60"));
    assert_eq!(header("urgency"), Some("high"));
    assert_eq!(header("topic"), Some("inbox"));
    assert_eq!(header("content-encoding"), Some("aes128gcm"));
    assert_eq!(header("content-type"), Some("application/octet-stream"));
    let key = api.server.state().sender().key().public_key();
    let authorization = header("authorization").expect("signed");
    assert!(authorization.starts_with("vapid t="));
    assert!(authorization.ends_with(&format!(", k={key}")));
    let claims = authorization.split('.').nth(1).and_then(tidings_core::base64url::decode).expect("claims");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    assert_eq!(claims["aud"], json!(fake.service.origin.origin().ascii_serialization()));
    assert_eq!(claims["sub"], json!("mailto:admin@localhost"));
    let shown: Value = serde_json::from_slice(&receiver.decrypt(&request.body)).expect("JSON");
    assert_eq!(shown, hello());

    let record = api.get(&format!("/api/v1/subscriptions/{id}")).await;
    assert!(record.body["lastSuccess"].is_i64());
}

#[tokio::test]
async fn a_compiled_in_host_leads_to_the_local_push_service() {
    let fake = Fake::start().await;
    let api = Api::start(Some(&fake.service)).await;
    let receiver = Receiver::new();
    let endpoint = format!("https://{HOST}/fcm/send/token");
    api.put(&receiver.subscription(&endpoint)).await;
    let answer = api.post(&subscription_id(&endpoint), &json!({"payload": {"text": "hello"}})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let received = fake.received();
    assert_eq!(received[0].uri.path(), "/fcm/send/token");
    assert_eq!(receiver.decrypt(&received[0].body), b"hello");
}

#[tokio::test]
async fn only_its_own_certificate_is_trusted() {
    let mut fake = Fake::start().await;
    fake.service.certificate_pem = Fake::start().await.service.certificate_pem;
    let api = Api::start(Some(&fake.service)).await;
    let endpoint = format!("https://{HOST}/fcm/send/token");
    api.put(&Receiver::new().subscription(&endpoint)).await;
    let answer = api.post(&subscription_id(&endpoint), &json!({"message": hello()})).await;
    assert_eq!(answer.error(), (502, "push-service-unavailable"));
    assert!(!answer.message().contains("token"), "{}", answer.message());
    assert!(fake.received().is_empty());
    assert_eq!(api.count().await, 1);
}

#[tokio::test]
async fn payloads_that_are_not_json_arrive_as_they_are() {
    let (fake, api, receiver, id) = subscribed().await;
    for (payload, expected) in [
        (json!({"text": "plain ✉"}), "plain ✉".as_bytes()),
        (json!({"text": ""}), b""),
        (json!({"base64url": "AP-A"}), &[0, 0xff, 0x80]),
    ] {
        assert_eq!(api.post(&id, &json!({"payload": payload})).await.status, 200);
        assert_eq!(receiver.decrypt(&fake.received()[0].body), expected);
    }
    assert_eq!(api.post(&id, &json!({"payload": null})).await.status, 200);
    let request = &fake.received()[0];
    assert!(request.body.is_empty());
    assert!(!request.headers.contains_key("content-encoding"));
    assert_eq!(request.headers["content-length"], "0");
    for message in [json!(null), json!(3), json!({"unread": [1, 2]})] {
        assert_eq!(api.post(&id, &json!({"message": message})).await.status, 200);
        assert_eq!(receiver.decrypt(&fake.received()[0].body), message.to_string().as_bytes());
    }
}

#[tokio::test]
async fn each_answer_of_the_push_service_has_a_meaning() {
    let (fake, api, receiver, id) = subscribed().await;
    for status in [200, 201, 202] {
        fake.answer(status);
        let answer = api.post(&id, &json!({"message": hello()})).await;
        assert_eq!((answer.status.as_u16(), &answer.body["pushService"]), (200, &json!(status)));
    }
    let cases = [
        (413, (413, "payload-too-large"), "shorten"),
        (400, (502, "push-service-refused"), "400"),
        (401, (502, "push-service-refused"), "BadJwtToken"),
        (403, (502, "push-service-refused"), "403"),
        (418, (502, "push-service-refused"), "418"),
        (204, (502, "push-service-refused"), "204"),
        (301, (502, "push-service-refused"), "redirects"),
        (307, (502, "push-service-refused"), "redirects"),
        (429, (429, "push-service-busy"), "17 s"),
        (500, (502, "push-service-unavailable"), "500"),
        (503, (502, "push-service-unavailable"), "later"),
    ];
    let target = Fake::start().await;
    for (status, expected, word) in cases {
        let body = if status == 204 { "" } else { "{\"reason\":\n\"BadJwtToken\"}" };
        let location = target.endpoint("stolen");
        fake.answer_with(status, &[("retry-after", "17"), ("location", &location)], body);
        fake.received();
        let answer = api.post(&id, &json!({"message": hello()})).await;
        assert_eq!(answer.error(), expected, "{status}");
        assert!(answer.message().contains(word), "{status}: {}", answer.message());
        assert!(!answer.message().contains("secret"), "{status}: {}", answer.message());
        let waits = matches!(status, 429 | 500..);
        assert_eq!(answer.headers.get("retry-after").map(|v| v.as_bytes()), waits.then_some(b"17".as_slice()));
        assert_eq!(fake.received().len(), 1, "{status}: once, not again");
        assert_eq!(api.count().await, 1, "{status}");
    }
    assert!(target.received().is_empty(), "redirects are never followed");

    for status in [404, 410] {
        fake.answer(status);
        let answer = api.post(&id, &json!({"message": hello()})).await;
        assert_eq!(answer.error(), (410, "subscription-gone"));
        assert_eq!(api.count().await, 0);
        assert_eq!(api.post(&id, &json!({"message": hello()})).await.error(), (404, "unknown-subscription"));
        api.put(&receiver.subscription(&fake.endpoint("push/secret"))).await;
    }
}

#[tokio::test]
async fn retry_after_may_be_a_date_or_nonsense() {
    let (fake, api, _, id) = subscribed().await;
    let date = httpdate::fmt_http_date(std::time::SystemTime::now() + Duration::from_secs(100));
    for (value, expected) in [
        (date.as_str(), Some(90..=100)),
        ("Thu, 01 Jan 1970 00:00:00 GMT", Some(0..=0)),
        ("soon", None),
        ("-1", None),
        ("99999999999999999999999", Some(86_400..=86_400)),
    ] {
        fake.answer_with(429, &[("retry-after", value)], "");
        let answer = api.post(&id, &json!({"payload": null})).await;
        assert_eq!(answer.error(), (429, "push-service-busy"));
        let wait =
            answer.headers.get("retry-after").map(|v| v.to_str().expect("text").parse::<u64>().expect("seconds"));
        match expected {
            Some(range) => assert!(wait.is_some_and(|wait| range.contains(&wait)), "{value}: {wait:?}"),
            None => assert_eq!(wait, None, "{value}"),
        }
    }
}

#[tokio::test]
async fn a_long_refusal_is_shortened() {
    let (fake, api, _, id) = subscribed().await;
    fake.answer_with(400, &[], &"ä\u{1b}".repeat(100_000));
    let answer = api.post(&id, &json!({"payload": null})).await;
    assert_eq!(answer.error(), (502, "push-service-refused"));
    assert!(answer.message().chars().count() < 600);
    assert!(!answer.message().contains('\u{1b}'));
}

#[tokio::test]
async fn a_push_service_that_hangs_up_is_unavailable() {
    let mut fake = Fake::start().await;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    fake.service.origin = format!("http://{}", listener.local_addr().expect("bound")).parse().expect("a URL");
    let api = Api::start(Some(&fake.service)).await;
    let endpoint = fake.endpoint("push/secret");
    api.put(&Receiver::new().subscription(&endpoint)).await;
    let id = subscription_id(&endpoint);
    std::thread::spawn(move || drop(listener.accept()));
    for _ in ["it hangs up", "nothing listens"] {
        let answer = api.post(&id, &json!({"message": hello()})).await;
        assert_eq!(answer.error(), (502, "push-service-unavailable"));
        assert!(!answer.message().contains("secret"), "{}", answer.message());
        assert_eq!(api.count().await, 1);
    }
}

#[tokio::test]
async fn bad_messages_are_not_sent() {
    let (fake, api, receiver, id) = subscribed().await;
    let fits = "x".repeat(3993);
    let long = "x".repeat(3994);
    let cases = [
        (json!({}), (400, "missing-field"), "message"),
        (json!([]), (400, "invalid-field"), "object"),
        (json!({"message": hello(), "payload": null}), (400, "invalid-field"), "exclude"),
        (json!({"message": hello(), "urgencey": "high"}), (400, "invalid-field"), "urgencey"),
        (json!({"message": {"web_push": 8030}}), (400, "malformed-message"), "notification"),
        (json!({"message": {"web_push": 8030, "notification": {"title": 1}}}), (400, "malformed-message"), "title"),
        (json!({"message": long[..3992]}), (413, "payload-too-large"), "3993"),
        (json!({"payload": {"text": long}}), (413, "payload-too-large"), "3994"),
        (json!({"payload": "text"}), (400, "invalid-field"), "payload"),
        (json!({"payload": {}}), (400, "invalid-field"), "payload"),
        (json!({"payload": {"text": 1}}), (400, "invalid-field"), "payload"),
        (json!({"payload": {"text": "a", "base64url": "YQ"}}), (400, "invalid-field"), "payload"),
        (json!({"payload": {"base64url": "YQ=="}}), (400, "invalid-field"), "base64url"),
        (json!({"payload": null, "ttl": -1}), (400, "invalid-field"), "ttl"),
        (json!({"payload": null, "ttl": 1.5}), (400, "invalid-field"), "ttl"),
        (json!({"payload": null, "ttl": "60"}), (400, "invalid-field"), "ttl"),
        (json!({"payload": null, "ttl": 4294967296u64}), (400, "invalid-field"), "ttl"),
        (json!({"payload": null, "urgency": "urgent"}), (400, "invalid-field"), "very-low"),
        (json!({"payload": null, "urgency": null}), (400, "invalid-field"), "very-low"),
        (json!({"payload": null, "topic": ""}), (400, "invalid-field"), "topic"),
        (json!({"payload": null, "topic": "a\r\nb"}), (400, "invalid-field"), "topic"),
    ];
    for (body, expected, word) in cases {
        let answer = api.post(&id, &body).await;
        assert_eq!(answer.error(), expected, "{}", answer.message());
        assert!(answer.message().contains(word), "{}", answer.message());
    }
    assert!(fake.received().is_empty());
    assert_eq!(api.count().await, 1);
    assert_eq!(api.post("nothing", &json!({"message": hello()})).await.error(), (404, "unknown-subscription"));
    assert_eq!(api.post(&id, &json!({"payload": {"text": fits}})).await.status, 200);
    let received = fake.received();
    assert_eq!((received[0].body.len(), receiver.decrypt(&received[0].body).len()), (4096, 3993));
}

#[tokio::test]
async fn without_the_local_push_service_its_subscriptions_are_not_sent_to() {
    let (fake, api, _, id) = subscribed().await;
    let config = api.server.state().config().clone();
    let Api { server, folder: _folder, .. } = api;
    server.stop().await;
    let api = Api::start_with(|new| {
        new.data = config.data;
        new.database = config.database;
    })
    .await;
    let answer = api.post(&id, &json!({"message": hello()})).await;
    assert_eq!(answer.error(), (400, "endpoint-not-https"));
    assert!(fake.received().is_empty());
    assert_eq!(api.count().await, 1, "it is kept");
}
