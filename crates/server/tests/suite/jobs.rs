//! Jobs in the store: spread, taken with leases, finished, paused.

use std::{collections::HashSet, time::Duration};

use serde_json::json;
use tidings_server::{
    Push, Store,
    jobs::{Audience, Job, NewJob, Phase},
    store::{Delivery, LEASE, Outcome, Room},
};

use crate::{
    database::store,
    store::{subscription, upload},
};

fn push() -> Push {
    Push::message(&json!({"unread": 3})).expect("good").ttl(3600)
}

async fn job(store: &Store, audience: Audience) -> Job {
    store.create_job(&NewJob::new(push(), audience)).await.expect("stored")
}

async fn take(store: &Store, most: usize) -> Vec<Delivery> {
    store.take(LEASE, &Room::of(most)).await.expect("taken").deliveries
}

pub(crate) async fn all(store: &Store) -> Vec<Delivery> {
    let mut deliveries = Vec::new();
    loop {
        let taken = store.take(LEASE, &Room::of(7)).await.expect("taken");
        deliveries.extend(taken.deliveries);
        if !taken.more {
            return deliveries;
        }
    }
}

pub(crate) async fn finish(store: &Store, deliveries: Vec<Delivery>, outcome: Outcome) -> usize {
    let results: Vec<_> = deliveries.into_iter().map(|delivery| (delivery, outcome.clone())).collect();
    store.finish(&results).await.expect("noted")
}

async fn now(store: &Store, job: &Job) -> Job {
    store.job(&job.id).await.expect("readable").expect("there")
}

#[tokio::test]
async fn each_audience_gets_its_own() {
    let (_folder, store) = store().await;
    for number in 0..20 {
        let user = if number % 4 == 0 { "ada" } else { "bob" };
        let tags: &[&str] = if number % 2 == 0 { &["even", "all"] } else { &["all"] };
        store.upload(&upload(number, Some(user), tags), Some(user), None).await.expect("stored");
    }
    for (audience, count) in [
        (Audience::Subscription(subscription(3).id()), 1),
        (Audience::Device("device-5".into()), 1),
        (Audience::User("ada".into()), 5),
        (Audience::Tag("even".into()), 10),
        (Audience::Everyone, 20),
        (Audience::User("nobody".into()), 0),
        (Audience::Tag("".into()), 0),
    ] {
        assert_eq!(store.count_audience(&audience).await.expect("readable"), count, "{audience}");
        let job = job(&store, audience.clone()).await;
        let deliveries = all(&store).await;
        let ids: HashSet<_> = deliveries.iter().map(|delivery| delivery.subscription_id.clone()).collect();
        assert_eq!((deliveries.len(), ids.len()), (count as usize, count as usize), "{audience}");
        assert!(deliveries.iter().all(|delivery| delivery.host == "https://push.example" && delivery.record.is_some()));
        let running = self::now(&store, &job).await;
        assert_eq!((running.counts.total, running.spread), (count, true), "{audience}");
        finish(&store, deliveries, Outcome::Sent).await;
        let done = self::now(&store, &job).await;
        assert_eq!((done.phase(), done.counts.sent, done.counts.pending()), (Phase::Finished, count, 0), "{audience}");
    }
    assert_eq!(store.pending().await.expect("readable"), 0);
}

#[tokio::test]
async fn two_never_take_the_same() {
    let (_folder, store) = store().await;
    for number in 0..200 {
        store.put(&subscription(number)).await.expect("stored");
    }
    job(&store, Audience::Everyone).await;
    let takers: Vec<_> = (0..6)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { all(&store).await })
        })
        .collect();
    let mut ids = Vec::new();
    for taker in takers {
        ids.extend(taker.await.expect("no panic").into_iter().map(|delivery| delivery.subscription_id));
    }
    ids.extend(all(&store).await.into_iter().map(|delivery| delivery.subscription_id));
    let different: HashSet<_> = ids.iter().collect();
    assert_eq!((ids.len(), different.len()), (200, 200));
}

#[tokio::test]
async fn what_a_dead_process_took_comes_back_and_is_counted_once() {
    let (_folder, store) = store().await;
    for number in 0..5 {
        store.put(&subscription(number)).await.expect("stored");
    }
    let job = job(&store, Audience::Everyone).await;
    let short = Duration::from_millis(200);
    let first = store.take(short, &Room::of(10)).await.expect("taken").deliveries;
    assert_eq!((first.len(), take(&store, 10).await.len()), (5, 0), "leased");
    tokio::time::sleep(2 * short).await;
    let second = take(&store, 10).await;
    assert_eq!(second.len(), 5);
    assert_eq!(finish(&store, first, Outcome::Sent).await, 0, "no more its own");
    assert_eq!(now(&store, &job).await.counts.sent, 0);
    assert_eq!(finish(&store, second.clone(), Outcome::Sent).await, 5);
    assert_eq!(finish(&store, second, Outcome::Sent).await, 0, "noted twice is noted once");
    assert_eq!(now(&store, &job).await.counts.sent, 5);
}

#[tokio::test]
async fn every_outcome_is_noted() {
    let (_folder, store) = store().await;
    for number in 0..5 {
        store.put(&subscription(number)).await.expect("stored");
    }
    let job = job(&store, Audience::Everyone).await;
    let deliveries = all(&store).await;
    let failed = Outcome::Failed { code: "push-service-refused", reason: "400: \"no\"".into() };
    let outcomes = [Outcome::Sent, Outcome::Gone, failed, Outcome::Expired, Outcome::Retry(Duration::ZERO)];
    let results: Vec<_> = deliveries.into_iter().zip(outcomes).collect();
    assert_eq!(store.finish(&results).await.expect("noted"), 5);
    let counts = now(&store, &job).await.counts;
    assert_eq!((counts.total, counts.sent, counts.gone, counts.failed, counts.expired), (5, 1, 1, 1, 1));
    let failures = store.job_failures(&job.id, None, 10).await.expect("readable");
    assert_eq!((failures.len(), failures[0].code.as_str()), (1, "push-service-refused"));
    assert_eq!(
        (&failures[0].subscription_id, failures[0].reason.as_str()),
        (&results[2].0.subscription_id, "400: \"no\"")
    );
    let get = async |index: usize| store.get(&results[index].0.subscription_id).await.expect("readable");
    assert!(get(0).await.expect("there").last_success.is_some());
    assert!(get(1).await.is_none(), "gone is removed");
    assert_eq!(get(2).await.expect("there").failures, 1);
    let again = take(&store, 10).await;
    assert_eq!((again.len(), again[0].attempts), (1, 1));
    assert_eq!(now(&store, &job).await.phase(), Phase::Running);
    finish(&store, again, Outcome::Release).await;
    let again = take(&store, 10).await;
    assert_eq!((again.len(), again[0].attempts), (1, 1), "a release is no try");
    finish(&store, again, Outcome::Sent).await;
    assert_eq!(now(&store, &job).await.phase(), Phase::Finished);
}

#[tokio::test]
async fn pauses_resumes_and_cancels() {
    let (_folder, store) = store().await;
    for number in 0..30 {
        store.put(&subscription(number)).await.expect("stored");
    }
    let job = job(&store, Audience::Everyone).await;
    let mut first = take(&store, 10).await;
    let held = first.split_off(8);
    finish(&store, first, Outcome::Sent).await;
    assert!(store.pause_job(&job.id).await.expect("paused"));
    assert!(!store.pause_job(&job.id).await.expect("again"));
    assert_eq!(now(&store, &job).await.phase(), Phase::Paused);
    // What was under way comes back for a later try, and waits too.
    finish(&store, held, Outcome::Retry(Duration::ZERO)).await;
    assert_eq!(take(&store, 50).await.len(), 0);
    assert!(store.resume_job(&job.id).await.expect("resumed"));
    assert_eq!(now(&store, &job).await.phase(), Phase::Running);
    let rest = all(&store).await;
    assert_eq!(rest.len(), 22);
    finish(&store, rest, Outcome::Sent).await;
    assert_eq!((now(&store, &job).await.phase(), now(&store, &job).await.counts.sent), (Phase::Finished, 30));

    let job = self::job(&store, Audience::Everyone).await;
    let held = take(&store, 10).await;
    assert!(store.cancel_job(&job.id).await.expect("cancelled"));
    assert_eq!(take(&store, 50).await.len(), 0);
    finish(&store, held, Outcome::Sent).await;
    let cancelled = now(&store, &job).await;
    assert_eq!((cancelled.phase(), cancelled.counts.sent), (Phase::Cancelled, 10));
    assert_eq!(store.jobs(None, 10).await.expect("readable").len(), 2);
    assert_eq!(store.forget_jobs(i64::MAX).await.expect("forgotten"), 2);
}

#[tokio::test]
async fn begins_at_its_time_and_the_same_request_only_once() {
    let (_folder, store) = store().await;
    store.put(&subscription(1)).await.expect("stored");
    let mut new =
        NewJob::new(push().urgency(tidings_server::Urgency::High).topic("t").expect("good"), Audience::Everyone);
    new.not_before = Some(store.clock().await.expect("answers") + 400);
    new.request_key = Some("once".into());
    let (one, two) = tokio::join!(store.create_job(&new), store.create_job(&new));
    let (one, two) = (one.expect("stored"), two.expect("stored"));
    assert_eq!(one, two);
    assert_eq!((one.phase(), take(&store, 5).await.len()), (Phase::Scheduled, 0));
    tokio::time::sleep(Duration::from_millis(500)).await;
    let deliveries = take(&store, 5).await;
    assert_eq!(deliveries.len(), 1);
    let push = &deliveries[0].push;
    assert_eq!((push.topic_value(), push.urgency_value()), (Some("t"), Some(tidings_server::Urgency::High)));
    assert_eq!((push.payload(), push.seconds()), (new.push.payload(), 3600));
}

#[tokio::test]
async fn a_slow_push_service_keeps_no_other_waiting() {
    let (_folder, store) = store().await;
    for number in 0..10 {
        store.put(&subscription(number)).await.expect("stored");
        let json = crate::setup::Receiver::new().subscription(&format!("https://slow.example/{number}"));
        store.put(&tidings_server::Subscription::from_json(&json, None).expect("good")).await.expect("stored");
    }
    store.slow_down("https://slow.example", Duration::from_secs(3)).await.expect("noted");
    store.slow_down("https://slow.example", Duration::from_millis(1)).await.expect("not shortened");
    job(&store, Audience::Everyone).await;
    let deliveries = all(&store).await;
    assert_eq!(deliveries.len(), 10);
    assert!(deliveries.iter().all(|delivery| delivery.host == "https://push.example"));
    tokio::time::sleep(Duration::from_millis(3100)).await;
    let used = [("https://push.example".to_owned(), 10), ("https://slow.example".to_owned(), 6)].into();
    let taken = store.take(LEASE, &Room { total: 50, each: 10, used, ..Room::default() }).await.expect("taken");
    assert_eq!(taken.deliveries.len(), 4, "no more than there is room for");
    assert_eq!(take(&store, 50).await.len(), 6);
}

#[tokio::test]
async fn what_waits_for_an_old_subscription_goes_to_the_new_one() {
    let (_folder, store) = store().await;
    let old = upload(1, None, &[]);
    store.upload(&old, None, None).await.expect("stored");
    let job = job(&store, Audience::Device("device-1".into())).await;
    finish(&store, take(&store, 5).await, Outcome::Retry(Duration::ZERO)).await;
    let mut new = upload(2, None, &[]);
    new.device = old.device.clone();
    store.upload(&new, None, None).await.expect("stored");
    let deliveries = take(&store, 5).await;
    assert_eq!(deliveries.len(), 1);
    assert_eq!(deliveries[0].record.as_ref().expect("there").id, new.subscription.id());
    finish(&store, deliveries, Outcome::Sent).await;
    assert_eq!(now(&store, &job).await.phase(), Phase::Finished);
}
