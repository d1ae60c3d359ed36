//! Jobs from the store to a push service and back.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::{Value, json};
use tidings_server::{
    Push, SendError, Subscription,
    jobs::{Audience, Job, NewJob, Options, Phase},
    store::LEASE,
    subscription_id,
    upload::Upload,
    vapid::KeyRing,
};

use crate::{
    fake::{Fake, HOST},
    setup::{Api, Receiver, hello},
};

async fn start() -> (Fake, Api) {
    let fake = Fake::start().await;
    let api = Api::start_with(|config| {
        config.local_push_service = Some(fake.service.clone());
        let mut options = Options::default();
        options.poll = Duration::from_millis(50);
        config.runner = Some(options);
    })
    .await;
    (fake, api)
}

async fn subscribe(api: &Api, fake: &Fake, receiver: &Receiver, name: &str, tags: &[&str]) -> String {
    let endpoint = fake.endpoint(name);
    let json = receiver.subscription(&endpoint);
    let state = api.server.state();
    let mut upload = Upload::new(Subscription::from_json(&json, state.local_push_service()).expect("good"));
    upload.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    state.upload(&upload, None).await.expect("stored");
    subscription_id(&endpoint)
}

async fn send(api: &Api, push: Push, audience: Audience) -> Job {
    api.server.state().create_job(&NewJob::new(push, audience)).await.expect("stored")
}

/// Waits until a job is as it should be.
pub(crate) async fn until(api: &Api, job: &Job, good: impl Fn(&Job) -> bool) -> Job {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        let now = api.server.state().store().job(&job.id).await.expect("readable").expect("there");
        if good(&now) {
            return now;
        }
        assert!(Instant::now() < end, "{now:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) fn finished(job: &Job) -> bool {
    job.phase() == Phase::Finished
}

#[tokio::test]
async fn a_job_arrives_at_each_of_its_audience_once() {
    let (fake, api) = start().await;
    let receiver = Receiver::new();
    for number in 0..300 {
        let tags: &[&str] = if number % 3 == 0 { &["third"] } else { &[] };
        subscribe(&api, &fake, &receiver, &format!("push/{number}"), tags).await;
    }
    let push = Push::message(&hello()).expect("good").ttl(600).topic("inbox").expect("good").padded(1000);
    let job = send(&api, push, Audience::Tag("third".into())).await;
    let job = until(&api, &job, finished).await;
    assert_eq!((job.counts.total, job.counts.sent, job.counts.pending()), (100, 100, 0));
    let received = fake.received();
    let paths: std::collections::HashSet<_> = received.iter().map(|request| request.uri.path()).collect();
    assert_eq!((received.len(), paths.len()), (100, 100));
    for request in &received {
        assert_eq!(request.headers["topic"], "inbox");
        let ttl: u32 = request.headers["ttl"].to_str().expect("text").parse().expect("a number");
        assert!((590..=600).contains(&ttl), "what is left of it: {ttl}");
        assert_eq!(request.body.len(), 86 + 1000 + 17);
        assert_eq!(serde_json::from_slice::<Value>(&receiver.decrypt(&request.body)).expect("JSON"), hello());
    }
    let record = api.server.state().store().get(&subscription_id(&fake.endpoint("push/0"))).await.expect("readable");
    assert!(record.expect("there").last_success.is_some());
    assert_eq!(api.server.state().stats().numbers().sent, 100);
}

#[tokio::test]
async fn a_push_service_that_asks_for_time_slows_nobody_else() {
    let (fake, api) = start().await;
    let other = Fake::start().await;
    let receiver = Receiver::new();
    for number in 0..20 {
        subscribe(&api, &fake, &receiver, &format!("push/{number}"), &[]).await;
        // By another name, and so another push service.
        let json = receiver.subscription(&format!("https://{HOST}/fcm/send/{number}"));
        assert_eq!(api.put(&json).await.status, 201);
    }
    drop(other);
    fake.answer_by_host(HOST, 429, &[("retry-after", "2")]);
    let start = Instant::now();
    let job = send(&api, Push::empty().ttl(60), Audience::Everyone).await;
    let half = until(&api, &job, |job| job.counts.sent == 20).await;
    assert!(start.elapsed() < Duration::from_secs(2), "the other was not slowed down: {:?}", start.elapsed());
    assert_eq!((half.counts.failed, half.counts.expired), (0, 0));
    let asked = fake.received().iter().filter(|request| request.uri.path().starts_with("/fcm")).count();
    assert!(asked <= 20, "each was tried at most once: {asked}");
    fake.answer(201);
    let job = until(&api, &job, finished).await;
    assert!(start.elapsed() >= Duration::from_secs(2), "not before it said: {:?}", start.elapsed());
    assert_eq!((job.counts.sent, job.counts.total), (40, 40));
}

#[tokio::test]
async fn gives_up_when_the_ttl_is_over() {
    let (fake, api) = start().await;
    let id = subscribe(&api, &fake, &Receiver::new(), "push/1", &[]).await;
    fake.answer(500);
    for (ttl, tries) in [(0, 1..=1), (1, 1..=1), (4, 1..=2)] {
        let job = send(&api, Push::empty().ttl(ttl), Audience::Subscription(id.clone())).await;
        let job = until(&api, &job, finished).await;
        assert_eq!((job.counts.expired, job.counts.sent), (1, 0), "{ttl}");
        let received = fake.received();
        assert!(tries.contains(&received.len()), "{ttl}: {}", received.len());
        if ttl > 0 {
            let last = received.last().and_then(|request| request.headers["ttl"].to_str().ok()).expect("text");
            assert!(last.parse::<u32>().expect("a number") <= ttl);
        }
    }
}

#[tokio::test]
async fn each_subscription_is_sent_to_with_its_own_key() {
    let (fake, api) = start().await;
    let receiver = Receiver::new();
    let state = api.server.state();
    let key = async || api.get("/api/v1/key").await.body["publicKey"].as_str().expect("a key").to_owned();
    let first = key().await;
    subscribe(&api, &fake, &receiver, "push/old", &[]).await;
    KeyRing::rotate(&state.config().data).expect("rotated");
    state.sender().keys().refresh();
    let second = key().await;
    assert_ne!(first, second);
    subscribe(&api, &fake, &receiver, "push/new", &[]).await;
    // Seen again after the rotation, but made before it.
    subscribe(&api, &fake, &receiver, "push/old", &[]).await;
    // A page that got the key before the rotation, and subscribes after it.
    let mut late = receiver.subscription(&fake.endpoint("push/late"));
    late["applicationServerKey"] = json!(first);
    assert_eq!(api.put(&late).await.status, 201);
    late["applicationServerKey"] = json!(tidings_server::VapidKey::generate().public_key());
    assert_eq!(api.put(&late).await.error(), (409, "key-unknown"));

    let job = send(&api, Push::empty(), Audience::Everyone).await;
    until(&api, &job, finished).await;
    let mut received = fake.received();
    received.sort_by_key(|request| request.uri.path().to_owned());
    let keys: Vec<_> = received
        .iter()
        .map(|request| request.headers["authorization"].to_str().expect("text").split_once(", k=").expect("signed").1)
        .collect();
    assert_eq!(keys, [&first, &second, &first], "late, new, old");

    let version = state.sender().keys().versions()[0].clone();
    KeyRing::retire(&state.config().data, &version).expect("retired");
    state.sender().keys().refresh();
    let job = send(&api, Push::empty(), Audience::Everyone).await;
    let job = until(&api, &job, finished).await;
    assert_eq!((job.counts.sent, job.counts.failed), (1, 2));
    let failures = state.store().job_failures(&job.id, None, 10).await.expect("readable");
    assert!(failures.iter().all(|failure| failure.code == SendError::Key.code()));
}

#[tokio::test]
async fn who_leaves_during_a_send_does_not_keep_it_from_its_end() {
    let (fake, api) = start().await;
    let receiver = Receiver::new();
    for number in 0..6 {
        subscribe(&api, &fake, &receiver, &format!("push/{number}"), &[]).await;
    }
    let store = api.server.state().store();
    let user = receiver.subscription(&fake.endpoint("push/5"));
    let mut upload =
        Upload::new(Subscription::from_json(&user, api.server.state().local_push_service()).expect("good"));
    upload.user = tidings_server::upload::Claim::User("ada".into());
    store.upload(&upload, Some("ada"), None).await.expect("stored");
    fake.answer(503);
    let job = send(&api, Push::empty().ttl(600), Audience::Everyone).await;
    // What is taken, and yet to be sent, still reaches who leaves.
    until(&api, &job, |job| job.spread && fake.received().len() >= 6).await;
    assert_eq!(store.erase_user("ada").await.expect("erased"), 1);
    assert!(store.delete(&subscription_id(&fake.endpoint("push/4"))).await.expect("deleted"));
    fake.answer(201);
    let job = until(&api, &job, finished).await;
    assert_eq!((job.counts.sent, job.counts.gone, job.counts.total), (4, 2, 6));
}

#[tokio::test]
async fn a_stopped_server_leaves_its_work_to_the_next() {
    let (fake, api) = start().await;
    let receiver = Receiver::new();
    for number in 0..50 {
        subscribe(&api, &fake, &receiver, &format!("push/{number}"), &[]).await;
    }
    fake.answer(503);
    let job = send(&api, Push::empty().ttl(600), Audience::Everyone).await;
    until(&api, &job, |job| job.spread).await;
    let config = api.server.state().config().clone();
    let Api { server, folder: _folder, .. } = api;
    let stop = Instant::now();
    server.stop().await;
    assert!(stop.elapsed() < Duration::from_secs(6));
    fake.answer(201);
    let api = Api::start_with(|new| *new = config).await;
    let job = until(&api, &job, finished).await;
    assert_eq!((job.counts.sent, job.counts.total), (50, 50));
    assert!(stop.elapsed() < LEASE, "what was taken was given back");
    assert_eq!(api.send(api.request(Method::GET, "/api/v1/health")).await.status, 200);
}
