//! The store: subscriptions, tags, tokens, receipts, and a user's data.

use std::collections::BTreeSet;

use serde_json::json;
use tidings_server::{
    Subscription,
    store::{Noted, Put, Receipt},
    upload::{Claim, Upload},
};

use crate::{database::store, setup::Receiver};

/// A good subscription, another for each number.
pub(crate) fn subscription(number: u32) -> Subscription {
    let json = Receiver::new().subscription(&format!("https://push.example/{number}"));
    Subscription::from_json(&json, None).expect("good")
}

/// The upload of a user's device with tags.
pub(crate) fn upload(number: u32, user: Option<&str>, tags: &[&str]) -> Upload {
    let mut upload = Upload::new(subscription(number));
    upload.device = Some(format!("device-{number}"));
    upload.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    upload.user = user.map_or(Claim::Same, |user| Claim::User(user.into()));
    upload
}

#[tokio::test]
async fn pages_over_all_in_order() {
    let (_folder, store) = store().await;
    for number in 0..25 {
        assert_eq!(store.put(&subscription(number)).await.expect("stored"), Put::Created);
    }
    let mut ids: Vec<String> = Vec::new();
    loop {
        let page = store.page(ids.last().map(String::as_str), 4).await.expect("readable");
        if page.is_empty() {
            break;
        }
        ids.extend(page);
    }
    assert_eq!((ids.len(), store.count().await.expect("readable")), (25, 25));
    assert!(ids.is_sorted(), "byte for byte");
}

#[tokio::test]
async fn keeps_all_that_an_upload_says() {
    let (_folder, store) = store().await;
    let mut first = upload(1, Some("ada"), &["news", "news", "sport"]);
    first.label = Some("Firefox on Linux".into());
    assert_eq!(store.upload(&first, Some("ada"), Some("key-1")).await.expect("stored"), Put::Created);
    let id = first.subscription.id();
    let record = store.get(&id).await.expect("readable").expect("there");
    assert_eq!(record.p256dh, first.subscription.keys().p256dh_bytes());
    assert_eq!(record.auth, first.subscription.keys().auth());
    assert_eq!((record.user.as_deref(), record.label.as_deref()), (Some("ada"), Some("Firefox on Linux")));
    assert_eq!((record.tags.len(), record.failures, record.last_success), (3, 0, None));
    assert_eq!(store.of_device("device-1").await.expect("readable").expect("there").id, id);

    // Uploaded again under a new current key: it was made with the old one all the same.
    assert_eq!(store.upload(&first, Some("ada"), Some("key-2")).await.expect("stored"), Put::Updated);
    assert_eq!(store.get(&id).await.expect("readable").expect("there").key_version.as_deref(), Some("key-1"));
    first.key_version = Some("key-2".into());
    store.upload(&first, Some("ada"), None).await.expect("stored");
    assert_eq!(store.get(&id).await.expect("readable").expect("there").key_version.as_deref(), Some("key-2"));

    let by_key = store.count_by_key().await.expect("readable");
    assert_eq!(by_key, [(Some("key-2".to_owned()), 1)]);

    store.note_failure(&id).await.expect("noted");
    store.note_failure(&id).await.expect("noted");
    assert_eq!(store.get(&id).await.expect("readable").expect("there").failures, 2);
    store.note_success(&id).await.expect("noted");
    let record = store.get(&id).await.expect("readable").expect("there");
    assert!(record.failures == 0 && record.last_success.is_some());
}

/// Uploads of one device at once, each of another subscription: one is left, and none fails.
#[tokio::test]
async fn uploads_of_one_device_at_once_leave_one() {
    let (_folder, store) = store().await;
    let tasks: Vec<_> = (0..12)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut upload = upload(number, None, &["news"]);
                upload.device = Some("the device".into());
                store.upload(&upload, None, None).await
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("no panic").expect("stored");
    }
    assert_eq!(store.count().await.expect("readable"), 1);
}

#[tokio::test]
async fn tokens_are_kept_as_hashes_and_revoked() {
    let (_folder, store) = store().await;
    let (token, secret) = store.create_token("the shop").await.expect("made");
    let (other, other_secret) = store.create_token("the blog").await.expect("made");
    assert_eq!(store.use_token(&secret).await.expect("readable").expect("known").id, token.id);
    assert!(store.use_token("tidings_guess").await.expect("readable").is_none());
    let tokens = store.tokens().await.expect("readable");
    assert_eq!(
        tokens.iter().map(|token| token.name.as_str()).collect::<BTreeSet<_>>(),
        ["the blog", "the shop"].into()
    );
    assert!(tokens.iter().any(|known| known.id == token.id && known.last_used.is_some()));
    assert!(!format!("{tokens:?}").contains(&secret));
    assert!(store.revoke_token(&token.id).await.expect("revoked"));
    assert!(!store.revoke_token(&token.id).await.expect("again"));
    assert!(store.use_token(&secret).await.expect("readable").is_none());
    assert_eq!(store.use_token(&other_secret).await.expect("readable").expect("known").id, other.id);
}

fn receipt(kind: &str, source: &str, user: Option<&str>) -> Receipt {
    let text = str::to_owned;
    Receipt {
        message_id: text("m1"),
        kind: text(kind),
        source: text(source),
        at: 7,
        user_id: user.map(text),
        proven: false,
    }
}

#[tokio::test]
async fn a_replayed_receipt_changes_nothing_nor_does_one_of_nothing() {
    let (_folder, store) = store().await;
    let noted = async |kind, source| store.note_receipt(&receipt(kind, source, None)).await.expect("noted");
    assert_eq!(noted("shown", "a").await, Noted::Unknown);
    store.note_message("m2").await.expect("noted");
    assert_eq!(noted("shown", "a").await, Noted::Unknown);
    assert!(store.receipt_counts("m1").await.expect("readable").is_empty());
    store.note_message("m1").await.expect("noted");
    store.note_message("m1").await.expect("again");
    for (kind, source, new) in [
        ("shown", "a", Noted::New),
        ("shown", "a", Noted::Again),
        ("shown", "b", Noted::New),
        ("clicked", "a", Noted::New),
    ] {
        assert_eq!(noted(kind, source).await, new, "{kind} {source}");
    }
    let counts = store.receipt_counts("m1").await.expect("readable");
    let counts: Vec<_> = counts.iter().map(|count| (count.kind.as_str(), count.count)).collect();
    assert_eq!(counts, [("clicked", 1), ("shown", 2)]);
    assert_eq!(store.forget_receipts(i64::MAX).await.expect("forgotten"), 3);
    assert_eq!(noted("shown", "a").await, Noted::Unknown, "its message is forgotten, too");
}

#[tokio::test]
async fn a_user_takes_everything_along_and_leaves_nothing() {
    let (_folder, store) = store().await;
    store.note_message("m1").await.expect("noted");
    for number in 0..3 {
        let user = if number == 2 { "bob" } else { "ada" };
        store.upload(&upload(number, Some(user), &["news"]), Some(user), None).await.expect("stored");
        store.note_receipt(&receipt("shown", &number.to_string(), Some(user))).await.expect("noted");
    }
    let push = tidings_server::Push::message(&json!({"for": "ada"})).expect("good");
    let audience = tidings_server::jobs::Audience::User("ada".into());
    let job = store.create_job(&tidings_server::jobs::NewJob::new(push, audience)).await.expect("stored");
    let export = store.export_user("ada").await.expect("readable");
    assert_eq!((export.subscriptions.len(), export.receipts.len(), export.jobs.len()), (2, 2, 1));
    assert_eq!(export.jobs[0].payload.as_deref(), Some(br#"{"for":"ada"}"#.as_slice()));

    assert_eq!(store.erase_user("ada").await.expect("erased"), 2);
    let export = store.export_user("ada").await.expect("readable");
    assert_eq!((export.subscriptions.len(), export.receipts.len(), export.jobs.len()), (0, 0, 0));
    assert!(store.job(&job.id).await.expect("readable").is_none());
    assert_eq!(store.export_user("bob").await.expect("readable").subscriptions.len(), 1, "nobody else's");

    assert_eq!(store.detach_user("bob").await.expect("detached"), 1);
    assert_eq!(store.count().await.expect("readable"), 1, "it is still sent to");
    assert!(store.export_user("bob").await.expect("readable").subscriptions.is_empty());
}
