//! Chromium against the service.

#![allow(clippy::unwrap_used)]

mod common;

use common::chromium::{Mcs, Push, Stream, check_in, register, subscribe};
use common::sender::{Keys, client, proxied, push};
use common::{control, eventually, service, state};
use prost::Message as _;
use tidings_push_service::PushService;

const SUBTYPE: &str = "wp:http://localhost:8080/#0A-V2";
const ORIGIN: &str = "https://jmt17.google.com";

async fn send(service: &PushService, endpoint: &str, keys: &Keys, body: &str) -> u16 {
    let request = push(&proxied(service), endpoint).header("authorization", keys.sign(ORIGIN));
    request.body(body.to_owned()).send().await.unwrap().status().as_u16()
}

fn text(push: &Push) -> &str {
    std::str::from_utf8(push.raw_data.as_deref().unwrap()).unwrap()
}

#[tokio::test]
async fn receives_a_push_sent_through_the_proxy() {
    let (service, keys) = (service().await, Keys::new(1));
    let device = check_in(&service, None).await;
    let endpoint = subscribe(&service, device, SUBTYPE, &keys.public()).await;
    let mut mcs = Mcs::login(&service, device, &[]).await;
    assert_eq!(send(&service, &endpoint, &keys, "encrypted").await, 201);
    let push = mcs.push().await;
    assert_eq!(push.from, keys.public());
    assert_eq!(push.category, "org.chromium.linux");
    assert_eq!(push.app_data("subtype"), Some(SUBTYPE));
    assert_eq!(push.app_data("content-encoding"), Some("aes128gcm"));
    assert_eq!(push.ttl, Some(60));
    assert_eq!(push.immediate_ack, Some(true));
    assert_eq!(text(&push), "encrypted");
    service.stop().await;
}

#[tokio::test]
async fn a_push_without_a_body_has_no_data() {
    let (service, keys) = (service().await, Keys::new(1));
    let device = check_in(&service, None).await;
    let endpoint = subscribe(&service, device, SUBTYPE, &keys.public()).await;
    let mut mcs = Mcs::login(&service, device, &[]).await;
    let request = proxied(&service).post(&endpoint).header("ttl", "9");
    request.header("authorization", keys.sign(ORIGIN)).send().await.unwrap();
    let push = mcs.push().await;
    assert_eq!(push.raw_data, None);
    assert_eq!(push.app_data("content-encoding"), None);
}

#[tokio::test]
async fn stream_acknowledgements_end_redelivery() {
    let (service, keys) = (service().await, Keys::new(1));
    let device = check_in(&service, None).await;
    let endpoint = subscribe(&service, device, SUBTYPE, &keys.public()).await;
    let mut first = Mcs::login(&service, device, &[]).await;
    for body in ["1", "2", "3", "4"] {
        send(&service, &endpoint, &keys, body).await;
    }
    let mut ids = Vec::new();
    for body in ["1", "2", "3", "4"] {
        let push = first.push().await;
        assert_eq!(text(&push), body);
        ids.push(push.persistent_id.unwrap());
    }
    // The login was the first frame, so this acknowledges the first push.
    first.acknowledge(2).await;
    eventually(&service, |state| state["waiting"] == 3).await;
    // The next login names the second one. The other two come again.
    let mut second = Mcs::login(&service, device, &[&ids[1]]).await;
    assert_eq!(text(&second.push().await), "3");
    assert_eq!(text(&second.push().await), "4");
    assert_eq!(first.receive().await, None, "replaced");
    second.send(0, &Stream { last_stream_id_received: Some(3) }).await;
    let (tag, pong) = second.receive().await.unwrap();
    assert_eq!(tag, 1);
    assert_eq!(Stream::decode(&pong[..]).unwrap().last_stream_id_received, Some(2));
    assert_eq!(state(&service).await["waiting"], 0);
}

#[tokio::test]
async fn what_is_lost_on_the_first_connection_comes_on_the_next() {
    let (service, keys) = (service().await, Keys::new(1));
    let device = check_in(&service, None).await;
    let endpoint = subscribe(&service, device, SUBTYPE, &keys.public()).await;
    let first = Mcs::login(&service, device, &[]).await;
    send(&service, &endpoint, &keys, "lost").await;
    drop(first);
    let mut second = Mcs::login(&service, device, &[]).await;
    assert_eq!(text(&second.push().await), "lost");
}

#[tokio::test]
async fn keeps_its_identity() {
    let service = service().await;
    let first = check_in(&service, None).await;
    let again = check_in(&service, Some(first.cast_signed())).await;
    assert_eq!(first, again);
    assert_ne!(first, check_in(&service, Some(0)).await);
}

#[tokio::test]
async fn registrations_end_and_bad_ones_are_refused() {
    let (service, keys) = (service().await, Keys::new(1));
    let device = check_in(&service, None).await;
    let endpoint = subscribe(&service, device, SUBTYPE, &keys.public()).await;
    assert_eq!(endpoint, subscribe(&service, device, SUBTYPE, &keys.public()).await);
    let id = device.to_string();
    let gone = [("X-subtype", SUBTYPE), ("device", &id), ("sender", "*"), ("delete", "true")];
    assert_eq!(register(&service, &gone).await, format!("token={SUBTYPE}"));
    assert_eq!(send(&service, &endpoint, &keys, "late").await, 410);
    let internal = [("app", "com.google.android.gms"), ("device", &id), ("sender", "745476177629")];
    assert!(register(&service, &internal).await.starts_with("token="));
    let bad = [("X-subtype", SUBTYPE), ("device", &id), ("sender", "1234567890")];
    assert_eq!(register(&service, &bad).await, "Error=INVALID_SENDER");
}

#[tokio::test]
async fn all_paths_of_chromium_endpoints_work_on_both_ports() {
    let (service, keys) = (service().await, Keys::new(1));
    let device = check_in(&service, None).await;
    let endpoint = subscribe(&service, device, SUBTYPE, &keys.public()).await;
    let token = endpoint.rsplit('/').next().unwrap();
    let client = client(&service);
    for base in [&service.description().http, &service.description().https] {
        for (path, host) in
            [("fcm/send", "jmt17.google.com"), ("preprod/wp", "fcm.googleapis.com"), ("wp", "fcm.googleapis.com")]
        {
            let request = push(&client, &format!("{base}/{path}/{token}"))
                .header("authorization", keys.sign(&format!("https://{host}")));
            assert_eq!(request.send().await.unwrap().status(), 201, "{base}/{path}");
        }
    }
}

#[tokio::test]
async fn nonsense_ends_only_its_own_connection() {
    let service = service().await;
    let device = check_in(&service, None).await;
    let mut good = Mcs::login(&service, device, &[]).await;
    let mut bad = Mcs::connect(&service).await;
    bad.send_bytes(&[41, 2, 3, 0xff, 0xff, 0xff]).await;
    assert_eq!(bad.receive().await, None);
    let mut nameless = Mcs::connect(&service).await;
    nameless.send_bytes(&[41, 2, 0]).await;
    assert_eq!(nameless.receive().await, None);
    good.send(0, &Stream::default()).await;
    assert_eq!(good.receive().await.unwrap().0, 1);
}

#[tokio::test]
async fn connections_can_be_dropped_and_devices_forgotten() {
    let (service, keys) = (service().await, Keys::new(1));
    let device = check_in(&service, None).await;
    let endpoint = subscribe(&service, device, SUBTYPE, &keys.public()).await;
    let mut mcs = Mcs::login(&service, device, &[]).await;
    control(&service, "drop-connections").await;
    assert_eq!(mcs.receive().await, None);
    let mut mcs = Mcs::login(&service, device, &[]).await;
    control(&service, "forget-devices").await;
    assert_eq!(mcs.receive().await, None);
    assert_eq!(send(&service, &endpoint, &keys, "late").await, 410);
}
