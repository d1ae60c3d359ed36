//! Connections to push services: few, kept, and HTTP/2 where it is offered.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::serve::Listener;
use hyper::{Request, Response, Version, body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
};
use serde_json::json;
use tidings_server::{
    LocalPushService, Push,
    jobs::{Audience, NewJob},
    subscription_id,
};

use crate::{
    fake::{HOST, Tls},
    runner::{finished, until},
    setup::{Api, Receiver},
};

const COUNT: usize = 50;

/// What came by each connection, in the order in which they were opened.
type Seen = Arc<Mutex<Vec<Vec<Version>>>>;

/// A push service that takes everything, in its own time.
async fn start(protocols: &[&str]) -> (LocalPushService, Seen) {
    let (mut tls, certificate_pem) = Tls::bind(&[HOST], protocols).await;
    let https = tls.local_addr().expect("bound");
    let seen = Seen::default();
    let shared = seen.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = tls.accept().await;
            let seen = shared.clone();
            let number = {
                let mut seen = seen.lock().expect("no panic");
                seen.push(Vec::new());
                seen.len() - 1
            };
            tokio::spawn(async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    seen.lock().expect("no panic")[number].push(request.version());
                    async {
                        tokio::time::sleep(Duration::from_millis(20)).await;
                        let created = Response::builder().status(201).body(axum::body::Body::empty());
                        Ok::<_, Infallible>(created.expect("good"))
                    }
                });
                // An error is a client that went away.
                Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await.is_ok()
            });
        }
    });
    let origin = "http://127.0.0.1:9".parse().expect("a URL");
    (LocalPushService { origin, https, hosts: vec![HOST.into()], certificate_pem }, seen)
}

/// A server with so many subscriptions there, and the id of the last.
async fn subscribed(service: &LocalPushService) -> (Api, String) {
    let api = Api::start(Some(service)).await;
    let receiver = Receiver::new();
    let endpoint = |number| format!("https://{HOST}/fcm/send/{number}");
    for number in 0..COUNT {
        assert_eq!(api.put(&receiver.subscription(&endpoint(number))).await.status, 201);
    }
    (api, subscription_id(&endpoint(COUNT - 1)))
}

async fn broadcast(api: &Api) {
    let job = api.server.state().create_job(&NewJob::new(Push::empty(), Audience::Everyone)).await.expect("stored");
    let job = until(api, &job, finished).await;
    assert_eq!(job.counts.sent, COUNT as i64);
}

/// How many requests came by each connection that carried any.
fn by_connection(seen: &[Vec<Version>]) -> Vec<usize> {
    seen.iter().map(Vec::len).filter(|count| *count > 0).collect()
}

#[tokio::test]
async fn http_2_is_spoken_where_it_is_offered_and_one_connection_carries_all() {
    let (service, seen) = start(&["h2", "http/1.1"]).await;
    let (api, _) = subscribed(&service).await;
    broadcast(&api).await;
    assert_eq!(by_connection(&seen.lock().expect("no panic")), [COUNT], "all by one");
    for _ in 0..2 {
        broadcast(&api).await;
    }
    let seen = seen.lock().expect("no panic");
    assert_eq!(by_connection(&seen), [3 * COUNT], "it is kept");
    // While the first is being made, others are opened; those that turn out not to be needed are closed unused.
    assert!(seen.len() <= COUNT, "none was opened later: {}", seen.len());
    assert!(seen.iter().flatten().all(|version| *version == Version::HTTP_2));
}

#[tokio::test]
async fn a_connection_is_kept_where_http_2_is_not_offered() {
    let (service, seen) = start(&[]).await;
    let (api, id) = subscribed(&service).await;
    for _ in 0..COUNT {
        assert_eq!(api.post(&id, &json!({"payload": null})).await.status, 200);
    }
    assert_eq!(by_connection(&seen.lock().expect("no panic")), [COUNT], "one after the other: one connection");
    for _ in 0..3 {
        broadcast(&api).await;
    }
    let seen = seen.lock().expect("no panic");
    // As many as there are at once, and some that another came before; by far not one for each request.
    assert!(seen.len() < 2 * COUNT, "{}", seen.len());
    assert_eq!(by_connection(&seen).iter().sum::<usize>(), 4 * COUNT);
    assert!(seen.iter().flatten().all(|version| *version == Version::HTTP_11));
}
