//! Receipts with a proof: one of each kind for each subscription that the message was sent to, and none from anybody else.

use reqwest::Method;
use serde_json::{Value, json};
use tidings_server::{
    Push,
    jobs::{Audience, NewJob},
    subscription_id,
};

use crate::{
    fake::Fake,
    runner::{finished, until},
    setup::{Api, Receiver},
};

fn message(id: &str, receipts: &str) -> Value {
    let data = json!({"tidings": {"id": id, "receipts": receipts}});
    json!({"web_push": 8030, "notification": {"title": "Lunch", "navigate": "/menu", "data": data}})
}

/// Reports that a message was shown; whether it was counted, or why not.
async fn report(api: &Api, url: &str, id: &str, key: &str) -> Value {
    let request = api.request(Method::POST, url).header("idempotency-key", key);
    let answer = api.send(request.json(&json!({"type": "shown", "id": id}))).await;
    answer.body.get("code").cloned().unwrap_or_else(|| answer.body["counted"].clone())
}

async fn shown(api: &Api, id: &str) -> Value {
    api.get(&format!("/api/v1/messages/{id}/receipts")).await.body["shown"].clone()
}

/// Where the receipts of what was sent last go.
fn url(fake: &Fake, receiver: &Receiver) -> String {
    let body = fake.received().last().expect("arrived").body.clone();
    let message: Value = serde_json::from_slice(&receiver.decrypt(&body)).expect("JSON");
    assert_eq!(message["notification"]["title"], "Lunch", "the rest is as it was");
    message["notification"]["data"]["tidings"]["receipts"].as_str().expect("a URL").to_owned()
}

#[tokio::test]
async fn who_proves_that_it_was_sent_to_them_counts_once() {
    let fake = Fake::start().await;
    let api = Api::start(Some(&fake.service)).await;
    fake.answer(201);
    let receiver = Receiver::new();
    let mut urls = Vec::new();
    for name in ["push/1", "push/2"] {
        let endpoint = fake.endpoint(name);
        assert_eq!(api.put(&receiver.subscription(&endpoint)).await.status, 201);
        let body = json!({"message": message("m1", "/api/v1/receipts")});
        assert_eq!(api.post(&subscription_id(&endpoint), &body).await.status, 200);
        urls.push(url(&fake, &receiver));
    }
    assert_ne!(urls[0], urls[1]);
    // Once for each, whatever keys they make up; and nobody without.
    for (url, key, said) in [
        (urls[0].as_str(), "a", json!(true)),
        (&urls[0], "b", json!("receipt-replayed")),
        (&urls[1], "a", json!(true)),
        ("/api/v1/receipts", "c", json!("receipt-unknown")),
        ("/api/v1/receipts?proof=", "d", json!("receipt-unknown")),
        (&format!("{}A", urls[0]), "e", json!("receipt-unknown")),
        (&urls[0].replace("proof=", "proof=AA"), "f", json!("receipt-unknown")),
    ] {
        assert_eq!(report(&api, url, "m1", key).await, said, "{url} {key}");
    }
    assert_eq!(shown(&api, "m1").await, 2);
    // Nor by another spelling of the same.
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        let spelled = format!("{}{last}", &urls[0][..urls[0].len() - 1]);
        assert_ne!(report(&api, &spelled, "m1", "i").await, json!(true), "{spelled}");
    }
    assert_eq!(shown(&api, "m1").await, 2);
    // Of another message it proves nothing.
    let send = |id, receipts| json!({"message": message(id, receipts)});
    let last = subscription_id(&fake.endpoint("push/2"));
    assert_eq!(api.post(&last, &send("m2", "/api/v1/receipts")).await.status, 200);
    assert_eq!(report(&api, &urls[0], "m2", "g").await, "receipt-unknown");
    // The same message again has the same proof, also as a job.
    let push = Push::message(&message("m1", "/api/v1/receipts")).expect("good");
    let job = NewJob::new(push, Audience::Subscription(last.clone()));
    let job = api.server.state().create_job(&job).await.expect("stored");
    until(&api, &job, finished).await;
    assert_eq!(url(&fake, &receiver), urls[1]);
    // Where receipts go elsewhere, all is as it is told.
    assert_eq!(api.post(&last, &send("m3", "/mine")).await.status, 200);
    assert_eq!(url(&fake, &receiver), "/mine");
    assert_eq!(report(&api, "/api/v1/receipts", "m3", "h").await, json!(true));
    api.server.stop().await;
}

#[tokio::test]
async fn a_message_without_room_for_a_proof_goes_without() {
    let fake = Fake::start().await;
    let api = Api::start(Some(&fake.service)).await;
    fake.answer(201);
    let receiver = Receiver::new();
    let endpoint = fake.endpoint("push/1");
    assert_eq!(api.put(&receiver.subscription(&endpoint)).await.status, 201);
    let mut long = message("m1", "/api/v1/receipts");
    let room = tidings_core::message::MAX_LENGTH - long.to_string().len() - r#","body":"""#.len();
    for (length, proven) in [(room - 66, true), (room - 65, false), (room, false)] {
        long["notification"]["body"] = "x".repeat(length).into();
        assert_eq!(api.post(&subscription_id(&endpoint), &json!({"message": long})).await.status, 200);
        assert_eq!(url(&fake, &receiver).contains("proof="), proven, "{length}");
    }
    assert_eq!(report(&api, "/api/v1/receipts", "m1", "a").await, json!(true));
}
