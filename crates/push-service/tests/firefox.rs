//! Firefox against the service.

#![allow(clippy::unwrap_used)]

mod common;

use common::firefox::Firefox;
use common::sender::{client, push};
use common::{control, eventually, service, state};
use serde_json::json;

#[tokio::test]
async fn receives_a_push() {
    let service = service().await;
    let mut firefox = Firefox::start(&service).await;
    let endpoint = firefox.subscribe("c", None).await;
    assert!(endpoint.starts_with(&format!("{}/wpush/v2/", service.description().http)));
    let client = client(&service);
    assert_eq!(push(&client, &endpoint).send().await.unwrap().status(), 201);
    let notification = firefox.hear().await;
    assert_eq!(notification["messageType"], "notification");
    assert_eq!(notification["channelID"], "c");
    assert_eq!(notification["data"], "ZW5jcnlwdGVk");
    assert_eq!(notification["headers"], json!({"encoding": "aes128gcm"}));
    firefox.acknowledge(&notification, 100).await;
    eventually(&service, |state| state["waiting"] == 0).await;
    service.stop().await;
}

#[tokio::test]
async fn receives_a_push_without_a_body_and_an_old_one() {
    let service = service().await;
    let mut firefox = Firefox::start(&service).await;
    let endpoint = firefox.subscribe("c", None).await;
    let client = client(&service);
    client.post(&endpoint).header("ttl", "5").send().await.unwrap();
    let notification = firefox.hear().await;
    let names: Vec<_> = notification.as_object().unwrap().keys().collect();
    assert_eq!(names, ["channelID", "messageType", "version"]);
    client
        .post(&endpoint)
        .header("ttl", "5")
        .header("content-encoding", "aesgcm")
        .header("encryption", "salt=abc")
        .header("crypto-key", "dh=def")
        .body("old")
        .send()
        .await
        .unwrap();
    let notification = firefox.hear().await;
    let headers = json!({"encoding": "aesgcm", "encryption": "salt=abc", "crypto_key": "dh=def"});
    assert_eq!(notification["headers"], headers);
}

#[tokio::test]
async fn every_answer_is_final_and_silence_is_not() {
    let service = service().await;
    let mut firefox = Firefox::start(&service).await;
    let endpoint = firefox.subscribe("c", None).await;
    let client = client(&service);
    for _ in 0..5 {
        push(&client, &endpoint).send().await.unwrap();
    }
    let mut received = Vec::new();
    for _ in 0..5 {
        received.push(firefox.hear().await);
    }
    for (notification, code) in received.iter().zip([100, 101, 102]) {
        firefox.acknowledge(notification, code).await;
    }
    firefox.say(json!({"messageType": "nack", "version": received[3]["version"], "code": 302})).await;
    eventually(&service, |state| state["waiting"] == 1).await;
    let uaid = firefox.uaid.clone();
    drop(firefox);
    let mut firefox = Firefox::restart(&service, Some(&uaid)).await;
    assert_eq!(firefox.uaid, uaid);
    assert_eq!(firefox.hear().await, received[4], "again, and nothing else");
}

#[tokio::test]
async fn what_came_while_it_was_away_arrives_in_order() {
    let service = service().await;
    let mut firefox = Firefox::start(&service).await;
    let endpoint = firefox.subscribe("c", None).await;
    let uaid = firefox.uaid.clone();
    drop(firefox);
    eventually(&service, |state| state["devices"][0]["connected"] == false).await;
    let client = client(&service);
    for (ttl, topic, body) in [
        ("60", None, "first"),
        ("60", Some("t"), "replaced"),
        ("0", None, "now or never"),
        ("1", None, "expired"),
        ("60", Some("t"), "second"),
        ("60", None, "third"),
    ] {
        let mut request = client.post(&endpoint).header("ttl", ttl).header("content-encoding", "aes128gcm").body(body);
        if let Some(topic) = topic {
            request = request.header("topic", topic);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["ttl"], ttl);
    }
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let mut firefox = Firefox::restart(&service, Some(&uaid)).await;
    for data in ["Zmlyc3Q", "c2Vjb25k", "dGhpcmQ"] {
        assert_eq!(firefox.hear().await["data"], data);
    }
    assert_eq!(state(&service).await["waiting"], 3);
}

#[tokio::test]
async fn keeps_its_endpoint_until_it_unsubscribes() {
    let service = service().await;
    let mut firefox = Firefox::start(&service).await;
    let endpoint = firefox.subscribe("c", None).await;
    assert_eq!(firefox.subscribe("c", None).await, endpoint);
    firefox.unsubscribe("c").await;
    let client = client(&service);
    assert_eq!(push(&client, &endpoint).send().await.unwrap().status(), 410);
    assert_ne!(firefox.subscribe("c", None).await, endpoint);
    firefox.unsubscribe("never subscribed").await;
}

#[tokio::test]
async fn is_told_of_a_bad_key() {
    let service = service().await;
    let mut firefox = Firefox::start(&service).await;
    firefox.say(json!({"messageType": "register", "channelID": "c", "key": "no key"})).await;
    let answer = firefox.hear().await;
    assert_eq!(answer["status"], 400);
}

#[tokio::test]
async fn nonsense_is_ignored() {
    let service = service().await;
    let mut firefox = Firefox::connect(&service).await;
    for text in ["", "null", "{", r#"{"messageType":"shout"}"#, r#"{"messageType":"ack","updates":[]}"#] {
        firefox.say_text(text).await;
    }
    firefox.say(json!({"messageType": "register", "channelID": "before hello"})).await;
    firefox.say(json!({"messageType": "broadcast_subscribe", "broadcasts": {"a/b": "0"}})).await;
    firefox.say_text("{}").await;
    assert_eq!(firefox.hear().await, json!({}), "the pong is the first answer");
}

#[tokio::test]
async fn an_unknown_identity_becomes_a_new_one() {
    let service = service().await;
    let firefox = Firefox::restart(&service, Some("never seen")).await;
    assert_ne!(firefox.uaid, "never seen");
    assert_eq!(firefox.uaid.len(), 32);
}

#[tokio::test]
async fn connections_can_be_dropped() {
    let service = service().await;
    let mut firefox = Firefox::start(&service).await;
    let mut silent = Firefox::connect(&service).await;
    control(&service, "drop-connections").await;
    assert_eq!(firefox.try_hear().await, None);
    assert_eq!(silent.try_hear().await, None);
    let again = Firefox::restart(&service, Some(&firefox.uaid)).await;
    assert_eq!(again.uaid, firefox.uaid);
}

#[tokio::test]
async fn devices_can_be_forgotten() {
    let service = service().await;
    let mut firefox = Firefox::start(&service).await;
    let endpoint = firefox.subscribe("c", None).await;
    control(&service, "forget-devices").await;
    assert_eq!(firefox.try_hear().await, None);
    let again = Firefox::restart(&service, Some(&firefox.uaid)).await;
    assert_ne!(again.uaid, firefox.uaid);
    let client = client(&service);
    assert_eq!(push(&client, &endpoint).send().await.unwrap().status(), 410);
}

#[tokio::test]
async fn the_first_page_waits_for_hello() {
    let service = service().await;
    let client = client(&service);
    let open = |page: &str| client.get(format!("{}/open?url={page}", service.description().http)).send();
    assert_eq!(open("about%3Ablank").await.unwrap().status(), 400);
    // A page of the service itself shows where the redirection leads.
    let page = format!("{}/about", service.description().http);
    let mut waiting = Box::pin(open(&page));
    let soon = std::time::Duration::from_millis(200);
    assert!(tokio::time::timeout(soon, &mut waiting).await.is_err());
    let _firefox = Firefox::start(&service).await;
    for answer in [waiting.await, open(&page).await] {
        assert_eq!(answer.unwrap().url().as_str(), page);
    }
}
