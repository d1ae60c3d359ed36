//! The routes for programs and for the user's own data, and what those who run the server see.

use std::time::Duration;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tidings_server::{resolver::Lookup, subscription_id, users::Authenticate};
use tokio::time::timeout;

use crate::setup::{Answer, Api, Receiver, hello};

const ONE: &str = "https://push.example/one";
const TWO: &str = "https://push.example/two";
const HOUR: i64 = 60 * 60 * 1000;

/// A server where the header `x-user` says who asks; Ada has a device with a tag, and there is another of nobody's.
async fn api() -> Api {
    let api = Api::start_with(|config| {
        config.authenticate = Some(Authenticate::new(|headers| Some(headers.get("x-user")?.to_str().ok()?.to_owned())));
    })
    .await;
    let mut ada = Receiver::new().subscription(ONE);
    for (name, value) in
        [("user", json!("ada")), ("device", json!("d1")), ("tags", json!(["news"])), ("label", json!("L"))]
    {
        ada[name] = value;
    }
    assert_eq!(
        api.send(api.request(Method::PUT, "/api/v1/subscriptions").header("x-user", "ada").json(&ada)).await.status,
        201
    );
    assert_eq!(api.put(&Receiver::new().subscription(TWO)).await.status, 201);
    api
}

fn later() -> i64 {
    i64::try_from(std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_millis()).expect("fits") + HOUR
}

fn send(api: &Api, body: &Value) -> RequestBuilder {
    api.request(Method::POST, "/api/v1/sends").json(body)
}

async fn ask(api: &Api, method: Method, path: &str) -> Answer {
    api.send(api.request(method, path)).await
}

#[tokio::test]
async fn a_send_is_stored_for_later_and_can_be_paused_resumed_and_cancelled() {
    let api = api().await;
    let at = later();
    let body = json!({"to": {"tag": "news"}, "message": hello(), "ttl": 60, "urgency": "high", "topic": "t", "at": at});
    let answer = api.send(send(&api, &body)).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let path = answer.headers["location"].to_str().expect("text").to_owned();
    assert_eq!(path, format!("/api/v1/sends/{}", answer.body["id"].as_str().expect("an id")));
    assert_eq!((&answer.body["state"], &answer.body["to"]), (&json!("scheduled"), &json!({"tag": "news"})));
    assert_eq!((&answer.body["at"], &answer.body["expires"]), (&json!(at), &json!(at + 60_000)));
    let counts = json!({"total": 0, "sent": 0, "gone": 0, "failed": 0, "expired": 0, "pending": 0});
    assert_eq!(answer.body["counts"], counts);
    for (method, way, state) in [
        (Method::POST, "/pause", "paused"),
        (Method::POST, "/pause", "paused"),
        (Method::POST, "/resume", "scheduled"),
        (Method::GET, "", "scheduled"),
        (Method::DELETE, "", "cancelled"),
        (Method::POST, "/resume", "cancelled"),
    ] {
        let answer = ask(&api, method.clone(), &format!("{path}{way}")).await;
        assert_eq!((answer.status.as_u16(), &answer.body["state"]), (200, &json!(state)), "{method} {way}");
    }
    assert_eq!(ask(&api, Method::GET, &format!("{path}/failures")).await.body, json!({"failures": []}));
    for (method, way) in [(Method::GET, ""), (Method::DELETE, ""), (Method::POST, "/pause"), (Method::GET, "/events")] {
        let answer = ask(&api, method, &format!("/api/v1/sends/nothing{way}")).await;
        assert_eq!(answer.error(), (404, "unknown-send"), "{way}");
    }
}

#[tokio::test]
async fn sends_are_listed_the_newest_first_and_asked_for_once() {
    let api = api().await;
    let body = json!({"to": {"user": "ada"}, "message": hello(), "at": later()});
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(api.send(send(&api, &body)).await.body["id"].clone());
        // Ids sort by time, in milliseconds.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let once = || send(&api, &body).header("idempotency-key", "k1");
    let (first, second) = (api.send(once()).await, api.send(once()).await);
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    ids.push(first.body["id"].clone());
    ids.reverse();
    let listed = |answer: Answer| -> Vec<Value> {
        answer.body["sends"].as_array().expect("a list").iter().map(|send| send["id"].clone()).collect()
    };
    assert_eq!(listed(api.get("/api/v1/sends").await), ids);
    let before = format!("/api/v1/sends?before={}", ids[1].as_str().expect("an id"));
    assert_eq!(listed(api.get(&before).await), ids[2..]);
}

#[tokio::test]
async fn a_dry_run_counts_and_stores_nothing() {
    let api = api().await;
    for (to, count) in [
        (json!("everyone"), 2),
        (json!({"user": "ada"}), 1),
        (json!({"user": "bob"}), 0),
        (json!({"tag": "news"}), 1),
        (json!({"device": "d1"}), 1),
        (json!({"subscription": subscription_id(TWO)}), 1),
    ] {
        let answer = api.send(send(&api, &json!({"to": to, "message": hello(), "dryRun": true}))).await;
        assert_eq!((answer.status.as_u16(), &answer.body["subscriptions"]), (200, &json!(count)), "{to}");
    }
    assert_eq!(api.get("/api/v1/sends").await.body, json!({"sends": []}));
}

#[tokio::test]
async fn names_what_is_wrong_with_a_send() {
    let api = api().await;
    let good = json!({"to": "everyone", "message": hello(), "at": later()});
    for (name, value, expected) in [
        ("to", json!(null), (400, "invalid-field")),
        ("to", json!("all"), (400, "invalid-field")),
        ("to", json!({}), (400, "invalid-field")),
        ("to", json!({"user": "a", "tag": "b"}), (400, "invalid-field")),
        ("to", json!({"user": 7}), (400, "invalid-field")),
        ("to", json!({"user": ""}), (400, "invalid-field")),
        ("to", json!({"everyone": ""}), (400, "invalid-field")),
        ("to", json!({"subscription": "nothing"}), (404, "unknown-subscription")),
        ("at", json!("now"), (400, "invalid-field")),
        ("at", json!(-1), (400, "invalid-field")),
        ("at", json!(later() + 500 * 24 * HOUR), (400, "invalid-field")),
        ("dryRun", json!(1), (400, "invalid-field")),
        ("urgency", json!("urgent"), (400, "invalid-field")),
        ("topic", json!("a b"), (400, "invalid-field")),
        ("message", json!({"web_push": 8030}), (400, "malformed-message")),
        ("message", json!("x".repeat(4000)), (413, "payload-too-large")),
        ("payload", json!(null), (400, "invalid-field")),
        ("titel", json!("T"), (400, "invalid-field")),
    ] {
        let mut body = good.clone();
        body[name] = value;
        assert_eq!(api.send(send(&api, &body)).await.error(), expected, "{name}: {}", body[name]);
    }
    let missing = json!({"message": hello()});
    assert_eq!(api.send(send(&api, &missing)).await.error(), (400, "missing-field"));
    let long = send(&api, &good).header("idempotency-key", "k".repeat(201));
    assert_eq!(api.send(long).await.error(), (400, "invalid-field"));
    assert_eq!(api.get("/api/v1/sends").await.body, json!({"sends": []}));
}

/// The events of a stream until it ends: name and data of each.
async fn events(mut response: reqwest::Response) -> Vec<(String, Value)> {
    let mut text = String::new();
    while let Some(chunk) = response.chunk().await.expect("no break") {
        text.push_str(&String::from_utf8_lossy(&chunk));
    }
    let field = |event: &str, name: &str| {
        event.lines().find_map(|line| Some(line.strip_prefix(name)?.trim().to_owned())).unwrap_or_default()
    };
    let events = text.split("\n\n").filter(|event| event.contains("data:"));
    events.map(|event| (field(event, "event:"), serde_json::from_str(&field(event, "data:")).expect("JSON"))).collect()
}

#[tokio::test]
async fn progress_is_told_by_events() {
    let api = api().await;
    let body = json!({"to": "everyone", "message": hello(), "at": later()});
    let id = api.send(send(&api, &body)).await.body["id"].as_str().expect("an id").to_owned();
    let watch = || api.request(Method::GET, &format!("/api/v1/sends/{id}/events")).send();
    let response = watch().await.expect("an answer");
    assert_eq!(response.headers()["content-type"], "text/event-stream; charset=utf-8");
    let told = tokio::spawn(events(response));
    tokio::time::sleep(Duration::from_millis(100)).await;
    ask(&api, Method::POST, &format!("/api/v1/sends/{id}/pause")).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    ask(&api, Method::DELETE, &format!("/api/v1/sends/{id}")).await;
    let told = timeout(Duration::from_secs(5), told).await.expect("ends").expect("no panic");
    let told: Vec<(&str, &Value)> = told.iter().map(|(name, data)| (name.as_str(), &data["state"])).collect();
    let expected = [("progress", json!("scheduled")), ("progress", json!("paused")), ("end", json!("cancelled"))];
    assert_eq!(told, expected.each_ref().map(|(name, state)| (*name, state)));
    // One that has ended says so at once.
    let again = timeout(Duration::from_secs(5), events(watch().await.expect("an answer"))).await.expect("ends");
    assert_eq!(again.len(), 1);
}

#[tokio::test]
async fn the_server_stops_though_somebody_watches() {
    let api = api().await;
    let body = json!({"to": "everyone", "message": hello(), "at": later()});
    let id = api.send(send(&api, &body)).await.body["id"].as_str().expect("an id").to_owned();
    let response = api.request(Method::GET, &format!("/api/v1/sends/{id}/events")).send().await.expect("an answer");
    let told = tokio::spawn(events(response));
    tokio::time::sleep(Duration::from_millis(100)).await;
    timeout(Duration::from_secs(2), api.server.stop()).await.expect("stops at once");
    let told = timeout(Duration::from_secs(2), told).await.expect("ends").expect("the stream came to its end");
    assert_eq!(told.len(), 1);
}

#[tokio::test]
async fn people_see_take_along_and_erase_what_is_theirs() {
    let api = api().await;
    let as_ada = |method, path: &str| api.request(method, path).header("x-user", "ada");
    let devices = api.send(as_ada(Method::GET, "/api/v1/me/devices")).await.body;
    let device = &devices["devices"][0];
    assert_eq!(devices["devices"].as_array().map(Vec::len), Some(1));
    assert_eq!((&device["id"], &device["label"]), (&json!(subscription_id(ONE)), &json!("L")));
    assert_eq!((device.get("endpoint"), device.get("keys"), device.get("device")), (None, None, None), "no secrets");
    let of = |path: &str| api.request(Method::GET, &format!("/api/v1/users/ada/{path}"));
    assert_eq!(api.send(of("devices")).await.body, devices, "the app's server sees the same");

    let mut message = hello();
    message["notification"]["data"] = json!({"tidings": {"id": "m1"}});
    api.send(send(&api, &json!({"to": {"user": "ada"}, "message": message, "at": later()}))).await;
    let receipt = as_ada(Method::POST, "/api/v1/receipts").header("idempotency-key", "k1");
    assert_eq!(api.send(receipt.json(&json!({"id": "m1", "type": "clicked"}))).await.status, 201);
    let counts = json!({"received": 0, "shown": 0, "clicked": 1, "closed": 0, "failed": 0});
    assert_eq!(api.get("/api/v1/messages/m1/receipts").await.body, counts);

    let export = api.send(as_ada(Method::GET, "/api/v1/me/export")).await.body;
    assert_eq!(export["user"], "ada");
    assert_eq!(
        (&export["subscriptions"][0]["endpoint"], &export["subscriptions"][0]["device"]),
        (&json!(ONE), &json!("d1"))
    );
    assert_eq!((&export["receipts"][0]["id"], &export["receipts"][0]["type"]), (&json!("m1"), &json!("clicked")));
    assert_eq!(export["messages"][0]["payload"], message);
    assert_eq!(api.send(of("export")).await.body, export);

    let path = format!("/api/v1/me/devices/{}", subscription_id(ONE));
    assert_eq!(api.send(as_ada(Method::DELETE, &path)).await.status, 204);
    assert_eq!(
        api.send(as_ada(Method::DELETE, &path)).await.error(),
        (404, "unknown-subscription"),
        "it is not hers now"
    );
    assert_eq!(api.send(as_ada(Method::GET, "/api/v1/me/devices")).await.body, json!({"devices": []}));
    assert_eq!(api.count().await, 2, "the browser is still subscribed");

    let mut again = Receiver::new().subscription("https://push.example/three");
    again["user"] = json!("ada");
    api.send(as_ada(Method::PUT, "/api/v1/subscriptions").json(&again)).await;
    assert_eq!(api.send(as_ada(Method::DELETE, "/api/v1/me")).await.body, json!({"erased": 1}));
    let export = api.send(as_ada(Method::GET, "/api/v1/me/export")).await.body;
    assert_eq!(export, json!({"user": "ada", "subscriptions": [], "receipts": [], "messages": []}));
    assert_eq!(api.count().await, 2, "what is others' stays");
    assert_eq!(ask(&api, Method::DELETE, "/api/v1/users/bob").await.body, json!({"erased": 0}));
}

#[tokio::test]
async fn metrics_count_what_happens() {
    let api = Api::start_with(|config| {
        config.loopback_without_token = false;
        config.metrics_address = Some(([127, 0, 0, 1], 0).into());
        config.lookup = Lookup::new(|_| async { Ok(vec![([127, 0, 0, 2], 0).into()]) });
    })
    .await;
    api.put(&Receiver::new().subscription(ONE)).await;
    // 127.0.0.2 is no public address.
    let push = tidings_server::Push::empty();
    assert!(api.server.state().send(&subscription_id(ONE), &push).await.is_err());
    api.get("/api/v1/subscriptions/a-secret").await;
    let address = api.server.metrics_address().expect("listens");
    let fetch = |path: &str| {
        reqwest::Client::builder().no_proxy().build().expect("a client").get(format!("http://{address}{path}")).send()
    };
    assert_eq!(fetch("/health").await.expect("an answer").status(), 200);
    let response = fetch("/metrics").await.expect("an answer");
    assert!(response.headers()["content-type"].to_str().expect("text").starts_with("application/openmetrics-text"));
    let text = response.text().await.expect("a body");
    for line in [
        "tidings_subscriptions 1",
        "tidings_queue_deliveries 0",
        "tidings_sends_in_flight 0",
        "tidings_sends_total{outcome=\"push-service-unavailable\"} 1",
        "tidings_send_duration_seconds_count 1",
        "tidings_http_requests_total{route=\"/api/v1/subscriptions\",method=\"PUT\",status=\"201\"} 1",
        "tidings_http_requests_total{route=\"/api/v1/subscriptions/{id}\",method=\"GET\",status=\"401\"} 1",
        "tidings_http_request_duration_seconds_count 2",
        "tidings_refusals_total{code=\"token-missing\"} 1",
        "# EOF",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
    assert!(!text.contains("a-secret"));
    assert_eq!(fetch("/api/v1/key").await.expect("an answer").status(), 404, "nothing else is there");
    let (_, secret) = api.server.state().store().create_token("prometheus").await.expect("made");
    assert_eq!(api.send(api.request(Method::GET, "/metrics").bearer_auth(secret)).await.status, 200);
    assert_eq!(api.get("/health").await.body, json!({"status": "ok"}));
}

#[tokio::test]
async fn the_description_is_of_the_answers() {
    let api = api().await;
    let description = api.get("/api/v1/openapi.json").await.body;
    assert_eq!(description["openapi"], "3.1.0");
    let at = later();
    let id = api.send(send(&api, &json!({"to": "everyone", "message": hello(), "at": at}))).await.body["id"].clone();
    let id = id.as_str().expect("an id");
    let subscription = subscription_id(ONE);
    let as_ada = |path: &str| api.request(Method::GET, path).header("x-user", "ada");
    for (path, real) in [
        ("/health", "/health".to_owned()),
        ("/key", format!("/key?subscription={subscription}")),
        ("/sends", "/sends".into()),
        ("/sends/{id}", format!("/sends/{id}")),
        ("/sends/{id}/failures", format!("/sends/{id}/failures")),
        ("/subscriptions/{id}", format!("/subscriptions/{subscription}")),
        ("/me/devices", "/me/devices".into()),
        ("/me/export", "/me/export".into()),
        ("/session", "/session".into()),
        ("/users/{user}/devices", "/users/ada/devices".into()),
        ("/messages/{id}/receipts", "/messages/m1/receipts".into()),
    ] {
        let answer = api.send(as_ada(&format!("/api/v1{real}"))).await;
        let schema = &description["paths"][path]["get"]["responses"]["200"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{path}");
        conforms(&description, schema, &answer.body, path);
    }
    let error = api.get("/api/v1/sends/nothing").await.body;
    conforms(&description, &json!({"$ref": "#/components/schemas/Error"}), &error, "an error");
}

/// Whether a value has exactly the members, and each the type, that the schema says.
fn conforms(description: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        let found = description.pointer(reference.trim_start_matches('#')).expect("the schema is there");
        return conforms(description, found, value, at);
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("{at}: the type {other}"),
    };
    match &schema["type"] {
        Value::String(kind) => assert!(is(kind), "{at}: {value} is no {kind}"),
        Value::Array(kinds) => {
            assert!(kinds.iter().filter_map(Value::as_str).any(is), "{at}: {value} is none of {kinds:?}")
        }
        _ => {}
    }
    if let (Some(properties), Some(members)) = (schema["properties"].as_object(), value.as_object()) {
        for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            assert!(members.contains_key(name), "{at}: {name} is missing in {value}");
        }
        for (name, value) in members {
            let schema = properties.get(name).unwrap_or_else(|| panic!("{at}: {name} is not described"));
            conforms(description, schema, value, &format!("{at}.{name}"));
        }
    }
    for item in value.as_array().into_iter().flatten() {
        conforms(description, &schema["items"], item, &format!("{at}[]"));
    }
}
