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
    server::conn::auto::{Builder, Http2Builder},
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
    start_with(protocols, |_| {}, usize::MAX).await
}

/// The same with these settings of HTTP/2; each connection is good for so many requests, and then says that it will go.
async fn start_with(
    protocols: &[&str],
    settings: fn(&mut Http2Builder<'_, TokioExecutor>),
    most: usize,
) -> (LocalPushService, Seen) {
    let (mut tls, certificate_pem) = Tls::bind(&[HOST], protocols).await;
    let https = tls.local_addr().expect("bound");
    let seen = Seen::default();
    let shared = seen.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = tls.accept().await;
            let (seen, counted) = (shared.clone(), shared.clone());
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
                let mut builder = Builder::new(TokioExecutor::new());
                settings(&mut builder.http2());
                let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
                let served = || counted.lock().expect("no panic")[number].len();
                let (mut going, mut look) = (most == usize::MAX, tokio::time::interval(Duration::from_millis(5)));
                // An error is a client that went away.
                loop {
                    tokio::select! {
                        done = connection.as_mut() => return done.is_ok(),
                        _ = look.tick(), if !going => {
                            if served() >= most {
                                connection.as_mut().graceful_shutdown();
                                going = true;
                            }
                        }
                    }
                }
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
    assert_eq!(
        by_connection(&seen.lock().expect("no panic")),
        [1, COUNT - 1],
        "the first finds out, the next carries all"
    );
    for _ in 0..2 {
        broadcast(&api).await;
    }
    let seen = seen.lock().expect("no panic");
    assert_eq!(by_connection(&seen), [1, 3 * COUNT - 1], "it is kept");
    assert_eq!(seen.len(), 2, "and no other was ever opened");
    assert!(seen.iter().flatten().all(|version| *version == Version::HTTP_2));
}

#[tokio::test]
async fn one_stream_at_a_time_is_enough() {
    let settings = |http_2: &mut Http2Builder<'_, TokioExecutor>| {
        http_2.max_concurrent_streams(1);
    };
    let (service, seen) = start_with(&["h2"], settings, usize::MAX).await;
    let (api, _) = subscribed(&service).await;
    broadcast(&api).await;
    assert_eq!(by_connection(&seen.lock().expect("no panic")), [1, COUNT - 1], "nothing is refused or lost");
}

#[tokio::test]
async fn a_connection_that_goes_is_followed_by_one() {
    let (service, seen) = start_with(&["h2"], |_| {}, COUNT / 2).await;
    let (api, _) = subscribed(&service).await;
    for _ in 0..4 {
        broadcast(&api).await;
    }
    let seen = seen.lock().expect("no panic");
    assert_eq!(by_connection(&seen).iter().sum::<usize>(), 4 * COUNT, "each request once: {seen:?}");
    assert!((3..=10).contains(&seen.len()), "one for each that went, not one for each request: {}", seen.len());
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
