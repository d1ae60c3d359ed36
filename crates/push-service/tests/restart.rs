//! A service with a state file that ends and comes again, as browsers and senders see it.

#![allow(clippy::unwrap_used)]

mod common;

use std::path::Path;

use common::chromium::{Mcs, check_in, subscribe};
use common::firefox::Firefox;
use common::sender::{Keys, client, proxied, push};
use common::{eventually, state};
use tidings_push_service::{Config, PushService, StartError};

async fn start(folder: &Path) -> PushService {
    PushService::start(Config { state: Some(folder.join("state")), ..Config::ephemeral() }).await.unwrap()
}

/// The same ports again.
async fn restart(service: PushService, folder: &Path) -> PushService {
    let port = |url: &str| url.split_once("://").unwrap().1.parse().unwrap();
    let (http, tls) = (port(&service.description().http), port(&service.description().https));
    service.stop().await;
    PushService::start(Config { http, tls, state: Some(folder.join("state")), ..Config::ephemeral() }).await.unwrap()
}

#[tokio::test]
async fn firefox_keeps_its_identity_and_gets_what_waited() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let mut firefox = Firefox::start(&service).await;
    let (uaid, endpoint) = (firefox.uaid.clone(), firefox.subscribe("c", None).await);
    let other = firefox.subscribe("other", None).await;
    firefox.unsubscribe("other").await;
    let sender = client(&service);
    assert_eq!(push(&sender, &endpoint).send().await.unwrap().status(), 201);
    let had = firefox.hear().await;
    firefox.acknowledge(&had, 100).await;
    eventually(&service, |state| state["waiting"] == 0).await;
    drop(firefox);
    let taken = push(&sender, &endpoint).body("waits").send().await.unwrap();
    assert_eq!(taken.status(), 201);
    let about = service.description().clone();

    let service = restart(service, folder.path()).await;
    assert_eq!(service.description(), &about, "the certificate, too");
    assert_eq!(push(&sender, &other).send().await.unwrap().status(), 410);
    let mut firefox = Firefox::restart(&service, Some(&uaid)).await;
    assert_eq!(firefox.uaid, uaid);
    let waited = firefox.hear().await;
    assert_eq!((&waited["channelID"], &waited["data"]), (&"c".into(), &"d2FpdHM".into()), "and not what it had");
    assert_eq!(firefox.subscribe("c", None).await, endpoint);
    assert_eq!(push(&sender, &endpoint).send().await.unwrap().status(), 201, "the old endpoint works");
    firefox.hear().await;
    let gone = sender.delete(taken.headers()["location"].to_str().unwrap()).send().await.unwrap();
    assert_eq!(gone.status(), 204, "it can still be taken back");
    service.stop().await;
}

#[tokio::test]
async fn chromium_logs_in_again_and_says_what_it_had() {
    let (folder, keys) = (tempfile::tempdir().unwrap(), Keys::new(1));
    let service = start(folder.path()).await;
    let device = check_in(&service, None).await;
    let endpoint = subscribe(&service, device, "wp:http://localhost:8080/#0A-V2", &keys.public()).await;
    let send = async |service: &PushService| {
        let signed = keys.sign("https://jmt17.google.com");
        push(&proxied(service), &endpoint).header("authorization", signed).send().await.unwrap().status().as_u16()
    };
    let mut mcs = Mcs::login(&service, device, &[]).await;
    assert_eq!((send(&service).await, send(&service).await), (201, 201));
    let had = mcs.push().await.persistent_id.unwrap();
    let lost = mcs.push().await.persistent_id.unwrap();
    drop(mcs);

    let service = restart(service, folder.path()).await;
    let mut mcs = Mcs::login(&service, device, &[&had]).await;
    assert_eq!(mcs.push().await.persistent_id.as_ref(), Some(&lost), "under the name that it had");
    assert_eq!(send(&service).await, 201);
    let next = mcs.push().await;
    assert_eq!((next.from, next.category.as_str()), (keys.public(), "org.chromium.linux"));
    assert_eq!(state(&service).await["waiting"], 2);
    service.stop().await;
}

#[tokio::test]
async fn two_services_cannot_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let service = start(folder.path()).await;
    let state = Some(folder.path().join("state"));
    let error = PushService::start(Config { state, ..Config::ephemeral() }).await.unwrap_err();
    assert!(matches!(error, StartError::StateInUse { .. }), "{error}");
    drop(service);
}
