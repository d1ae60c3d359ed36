//! Subscriptions in, out and looked up.

use serde_json::json;
use tidings_server::{Server, subscription_id};

use crate::setup::{Api, Receiver, config};

const ENDPOINT: &str = "https://push.example/one";

#[tokio::test]
async fn storing_again_is_the_same() {
    let api = Api::start(None).await;
    let subscription = Receiver::new().subscription(ENDPOINT);
    let first = api.put(&subscription).await;
    assert_eq!((first.status.as_u16(), &first.body), (201, &json!({"id": subscription_id(ENDPOINT)})));
    let second = api.put(&subscription).await;
    assert_eq!((second.status.as_u16(), &second.body), (200, &first.body));
    assert_eq!(api.count().await, 1);
}

#[tokio::test]
async fn shows_no_secret() {
    let api = Api::start(None).await;
    let subscription = Receiver::new().subscription(ENDPOINT);
    api.put(&subscription).await;
    let id = subscription_id(ENDPOINT);
    let shown = api.get(&format!("/api/v1/subscriptions/{id}")).await;
    assert_eq!(shown.status, 200);
    assert_eq!(shown.body["id"], json!(id));
    assert_eq!(shown.body["pushService"], json!("https://push.example"));
    assert_eq!(shown.body["lastSuccess"], json!(null));
    assert!(shown.body["created"].as_i64().is_some_and(|time| time > 1_700_000_000_000));
    assert_eq!(shown.body["lastSeen"], shown.body["created"]);
    let text = shown.body.to_string();
    for secret in [ENDPOINT, subscription["keys"]["auth"].as_str().expect("a string")] {
        assert!(!text.contains(secret), "{text}");
    }
    assert_eq!(api.get("/api/v1/subscriptions/nothing").await.error(), (404, "unknown-subscription"));
}

#[tokio::test]
async fn a_new_one_takes_the_place_of_the_old() {
    let api = Api::start(None).await;
    api.put(&Receiver::new().subscription(ENDPOINT)).await;
    let mut new = Receiver::new().subscription("https://push.example/two");
    new["replaces"] = json!(ENDPOINT);
    assert_eq!(api.put(&new).await.status, 201);
    assert_eq!(api.count().await, 1);
    assert_eq!(api.put(&new).await.status, 200, "again");
    new["replaces"] = new["endpoint"].clone();
    assert_eq!(api.put(&new).await.status, 200, "itself");
    assert_eq!(api.count().await, 1);
    let old = format!("/api/v1/subscriptions/{}", subscription_id(ENDPOINT));
    assert_eq!(api.get(&old).await.status, 404);
}

#[tokio::test]
async fn a_refused_one_takes_no_place() {
    let api = Api::start(None).await;
    api.put(&Receiver::new().subscription(ENDPOINT)).await;
    let mut bad = Receiver::new().subscription("http://push.example/two");
    bad["replaces"] = json!(ENDPOINT);
    assert_eq!(api.put(&bad).await.error(), (400, "endpoint-not-https"));
    let mut bad = Receiver::new().subscription("https://push.example/two");
    bad["replaces"] = json!([ENDPOINT]);
    assert_eq!(api.put(&bad).await.error(), (400, "invalid-field"));
    assert_eq!(api.server.state().store().page(None, 9).await.expect("readable"), [subscription_id(ENDPOINT)]);
}

#[tokio::test]
async fn deleting_again_is_the_same() {
    let api = Api::start(None).await;
    api.put(&Receiver::new().subscription(ENDPOINT)).await;
    for _ in 0..2 {
        assert_eq!(api.delete(&json!({"endpoint": ENDPOINT})).await.status, 204);
        assert_eq!(api.count().await, 0);
    }
    assert_eq!(api.delete(&json!({"endpoint": "nonsense"})).await.status, 204);
    assert_eq!(api.delete(&json!({})).await.error(), (400, "missing-field"));
    assert_eq!(api.delete(&json!({"endpoint": 1})).await.error(), (400, "invalid-field"));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_are_all_stored() {
    let api = Api::start(None).await;
    let receiver = Receiver::new();
    let subscriptions: Vec<_> =
        (0..40).map(|index| receiver.subscription(&format!("https://push.example/{}", index % 20))).collect();
    let mut statuses = Vec::new();
    std::thread::scope(|scope| {
        // One runtime each, so that they really are at once.
        let threads: Vec<_> = subscriptions
            .chunks(10)
            .map(|chunk| {
                let url = format!("http://{}/api/v1/subscriptions", api.server.address());
                scope.spawn(move || {
                    let runtime =
                        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
                    runtime.block_on(async {
                        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
                        let mut tasks = tokio::task::JoinSet::new();
                        for body in chunk {
                            let request = client.put(&url).json(body);
                            tasks.spawn(async move { request.send().await.expect("an answer").status().as_u16() });
                        }
                        tasks.join_all().await
                    })
                })
            })
            .collect();
        tokio::task::block_in_place(|| {
            for thread in threads {
                statuses.extend(thread.join().expect("no panic"));
            }
        });
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [[200; 20], [201; 20]].concat());
    assert_eq!(api.count().await, 20);
}

#[tokio::test]
async fn survive_a_restart_with_the_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(config(&folder)).await.expect("starts");
    let key = server.state().sender().key().public_key();
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let url = format!("http://{}/api/v1/subscriptions", server.address());
    client.put(url).json(&Receiver::new().subscription(ENDPOINT)).send().await.expect("an answer");
    server.stop().await;

    let server = Server::start(config(&folder)).await.expect("starts again");
    let told: serde_json::Value = client
        .get(format!("http://{}/api/v1/key", server.address()))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(told, json!({"publicKey": key}));
    assert_eq!(server.state().store().page(None, 9).await.expect("readable"), [subscription_id(ENDPOINT)]);
}
