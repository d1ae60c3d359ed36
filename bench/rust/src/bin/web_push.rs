//! The same messages by the crate `web-push`, with what help it can have: one client, one signature for all, 128 under way.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::Relaxed},
};

use isahc::{
    HttpClient,
    config::{Configurable as _, SslOption},
};
use tidings_bench::{AUTH, CONCURRENCY, MESSAGE, Meter, TTL, arguments, receivers};
use web_push::{
    ContentEncoding, IsahcWebPushClient, SubscriptionInfo, VapidSignatureBuilder, WebPushClient as _,
    WebPushMessageBuilder,
};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (count, service) = arguments();
    let origin = service.about["https"].as_str().expect("https").to_owned();
    let text = |bytes: &[u8]| tidings_core::base64url::encode(bytes);
    let keys: Vec<String> = receivers().iter().map(|key| text(key)).collect();
    let subscriptions: Vec<_> = (0..count)
        .map(|number| SubscriptionInfo::new(format!("{origin}/load/{number}"), keys[number % keys.len()].clone(), text(&AUTH)))
        .collect();
    let subscriptions = Arc::new(subscriptions);
    let client = HttpClient::builder()
        .ssl_options(SslOption::DANGER_ACCEPT_INVALID_CERTS | SslOption::DANGER_ACCEPT_INVALID_HOSTS)
        .build()
        .expect("a client");
    let client = IsahcWebPushClient::from(client);
    let key = text(&p256::SecretKey::random(&mut p256::elliptic_curve::rand_core::OsRng).to_bytes());
    let (next, sent) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));

    let meter = Meter::start();
    let mut builder = VapidSignatureBuilder::from_base64(&key, &subscriptions[0]).expect("a key");
    // The crate leaves the port out of the audience, which RFC 8292 section 2 wants with it.
    builder.add_claim("aud", origin.as_str());
    builder.add_claim("sub", "mailto:bench@example.com");
    let signature = builder.build().expect("signs");
    let workers: Vec<_> = (0..CONCURRENCY)
        .map(|_| {
            let (client, signature) = (client.clone(), signature.clone());
            let (subscriptions, next, sent) = (subscriptions.clone(), next.clone(), sent.clone());
            tokio::spawn(async move {
                while let Some(subscription) = subscriptions.get(next.fetch_add(1, Relaxed)) {
                    let mut message = WebPushMessageBuilder::new(subscription);
                    message.set_ttl(TTL);
                    message.set_payload(ContentEncoding::Aes128Gcm, MESSAGE.as_bytes());
                    message.set_vapid_signature(signature.clone());
                    client.send(message.build().expect("builds")).await.expect("taken");
                    sent.fetch_add(1, Relaxed);
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.expect("no panic");
    }
    meter.report(sent.load(Relaxed));
}
