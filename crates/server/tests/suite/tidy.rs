//! What is old is forgotten, and nothing else.

use std::time::{Duration, Instant};

use serde_json::json;
use tidings_server::{
    Config, Push, State, Store,
    jobs::{Audience, Job, NewJob},
    store::{Noted, Outcome, Receipt},
};

use crate::{
    database::store,
    jobs::{all, finish},
    setup::{Api, hello},
    store::subscription,
};

/// Longer ago than any of this.
const KEEP: Duration = Duration::from_millis(300);

fn message(id: &str) -> Push {
    let message = json!({"title": "Lunch", "data": {"tidings": {"id": id}}});
    Push::message(&message).expect("good")
}

fn receipt(message: &str, source: &str) -> Receipt {
    let text = str::to_owned;
    Receipt {
        message_id: text(message),
        kind: text("shown"),
        source: text(source),
        at: 7,
        user_id: None,
        proven: false,
    }
}

/// A send that is over, and a receipt.
async fn old(state: &State) -> Job {
    let store = state.store();
    let job = store.create_job(&NewJob::new(message("old"), Audience::User("nobody".into()))).await.expect("stored");
    store.cancel_job(&job.id).await.expect("cancelled");
    assert_eq!(store.note_receipt(&receipt("old", "a")).await.expect("noted"), Noted::New);
    job
}

async fn counts(store: &Store, job: &Job) -> (bool, usize) {
    let receipts = store.receipt_counts("old").await.expect("readable");
    (store.job(&job.id).await.expect("readable").is_some(), receipts.len())
}

async fn start(keep: Option<Duration>) -> Api {
    Api::start_with(|config: &mut Config| {
        config.runner = None;
        (config.keep_sends, config.keep_receipts) = (keep, keep);
    })
    .await
}

#[tokio::test]
async fn a_server_forgets_by_itself_again_and_again() {
    let api = start(Some(KEEP)).await;
    let store = api.server.state().store();
    let mut later = NewJob::new(message("later"), Audience::Everyone);
    later.not_before = Some(store.clock().await.expect("answers") + 3_600_000);
    let later = store.create_job(&later).await.expect("stored");
    for round in 0..2 {
        let job = old(api.server.state()).await;
        let end = Instant::now() + Duration::from_secs(20);
        while counts(store, &job).await != (false, 0) {
            assert!(Instant::now() < end, "round {round}: not forgotten");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    // What is yet to be sent is still there, and so are its receipts.
    assert!(store.job(&later.id).await.expect("readable").is_some());
    assert_eq!(store.note_receipt(&receipt("later", "a")).await.expect("noted"), Noted::New);
    assert_eq!(api.get(&format!("/api/v1/sends/{}", later.id)).await.status, 200);
    api.server.stop().await;
}

#[tokio::test]
async fn what_is_to_be_kept_is_kept() {
    for keep in [None, Some(Duration::from_secs(60))] {
        let api = start(keep).await;
        let job = old(api.server.state()).await;
        tokio::time::sleep(2 * KEEP).await;
        assert_eq!(api.server.state().forget().await.expect("answers"), (0, 0));
        assert_eq!(counts(api.server.state().store(), &job).await, (true, 1), "{keep:?}");
    }
}

/// More than one statement removes.
#[tokio::test]
async fn many_go_in_parts() {
    let (_folder, store) = store().await;
    store.put(&subscription(1)).await.expect("stored");
    store.note_message("old").await.expect("noted");
    for number in 0..1005 {
        store.note_receipt(&receipt("old", &number.to_string())).await.expect("noted");
    }
    assert_eq!(store.forget_receipts(0).await.expect("answers"), 0, "none is so old");
    assert_eq!(store.forget_receipts(i64::MAX).await.expect("answers"), 1005);
    assert!(store.receipt_counts("old").await.expect("readable").is_empty());
}

/// Its failures go with a send.
#[tokio::test]
async fn failures_go_with_their_send() {
    let (_folder, store) = store().await;
    store.put(&subscription(1)).await.expect("stored");
    let push = Push::message(&hello()).expect("good");
    let job = store.create_job(&NewJob::new(push, Audience::Everyone)).await.expect("stored");
    let failed = Outcome::Failed { code: "push-service-refused", reason: "no".into() };
    assert_eq!(finish(&store, all(&store).await, failed).await, 1);
    assert_eq!(store.job_failures(&job.id, None, 10).await.expect("readable").len(), 1);
    assert_eq!(store.forget_jobs(0).await.expect("answers"), 0, "none is so old");
    assert_eq!(store.forget_jobs(i64::MAX).await.expect("answers"), 1);
    assert!(store.job_failures(&job.id, None, 10).await.expect("readable").is_empty());
}
