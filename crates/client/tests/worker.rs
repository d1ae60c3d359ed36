//! The worker side in a real service worker. Run by `wasm-pack test --headless --chrome` and `--firefox`.

#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::member;
use js_sys::{Array, Promise, Reflect};
use tidings::{DATA_KEY, worker};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{
    Notification, NotificationEvent, NotificationEventInit, PushEvent, PushEventInit, ServiceWorkerGlobalScope,
};

wasm_bindgen_test_configure!(run_in_service_worker);

fn scope() -> ServiceWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

async fn shown() -> Vec<Notification> {
    let shown = JsFuture::from(scope().registration().get_notifications().unwrap()).await.unwrap();
    Array::from(&shown).iter().map(JsCast::unchecked_into).collect()
}

/// Waits until this many are shown: in Firefox a closed notification stays in the list for a moment.
async fn wait_for(count: usize) -> Vec<Notification> {
    let mut last = shown().await;
    for _ in 0..1000 {
        if last.len() == count {
            break;
        }
        last = shown().await;
    }
    assert_eq!(last.len(), count, "notifications shown");
    last
}

async fn close_all() {
    for notification in shown().await {
        notification.close();
    }
    wait_for(0).await;
}

/// Pushes the payload, and returns the one notification it has shown; none is left behind.
async fn one(payload: Option<&str>) -> Notification {
    close_all().await;
    let init = PushEventInit::new();
    if let Some(payload) = payload {
        init.set_data(&payload.into());
    }
    JsFuture::from(worker::push(&PushEvent::new_with_event_init_dict("push", &init).unwrap())).await.unwrap();
    wait_for(1).await.remove(0)
}

#[wasm_bindgen_test]
fn vectors() {
    common::passes_every_shared_vector();
}

#[wasm_bindgen_test]
async fn shows_what_a_declarative_message_declares() {
    let notification = one(Some(
        r#"{ "web_push": 8030, "notification": { "title": "Hello", "navigate": "inbox", "body": "You have mail",
            "tag": "mail", "lang": "en", "dir": "ltr", "silent": true, "data": { "id": 7 } } }"#,
    ))
    .await;
    assert_eq!(notification.title(), "Hello");
    assert_eq!(notification.body().as_deref(), Some("You have mail"));
    assert_eq!(notification.tag().as_deref(), Some("mail"));
    assert_eq!(member(&notification.data(), "id"), JsValue::from(7));
    let own = member(&notification.data(), DATA_KEY);
    let scope = scope().registration().scope();
    assert_eq!(member(&own, "navigate").as_string(), Some(scope + "inbox"));
    notification.close();
}

#[wasm_bindgen_test]
async fn shows_exactly_one_notification_for_anything_else() {
    let host = member(&member(&js_sys::global(), "location"), "host").as_string().unwrap();
    for (payload, title, body) in [
        (None, &*host, ""),
        (Some(""), &host, ""),
        (Some("Hello"), &host, "Hello"),
        (Some("{"), &host, "{"),
        (Some("null"), &host, ""),
        (Some("[1]"), &host, ""),
        (Some(r#"{"unread": 3}"#), &host, ""),
        (Some(r#"{"title": "T", "body": "B"}"#), "T", "B"),
        (Some(r#"{"notification": {"title": "T", "body": 5}}"#), "T", ""),
        (Some(r#"{"web_push": 8030, "notification": {"title": "T", "body": "B"}}"#), "T", "B"),
        (Some(r#"{"web_push": 8030, "notification": {"title": null, "navigate": "/"}}"#), &host, ""),
    ] {
        let notification = one(payload).await;
        assert_eq!(notification.title(), title, "{payload:?}");
        assert_eq!(notification.body().unwrap_or_default(), body, "{payload:?}");
        notification.close();
    }
}

#[wasm_bindgen_test]
async fn gives_the_click_the_data_as_it_was_sent() {
    for data in ["[1, null]", "\"text\"", "5", "false", "{\"tidings\": 1}"] {
        let text = format!(r#"{{"web_push": 8030, "notification": {{"title": "", "navigate": "/", "data": {data}}}}}"#);
        let notification = one(Some(&text)).await;
        let kept = member(&member(&notification.data(), DATA_KEY), "data");
        let expected = js_sys::JSON::parse(data).unwrap();
        assert_eq!(js_sys::JSON::stringify(&kept).unwrap(), js_sys::JSON::stringify(&expected).unwrap());
        notification.close();
    }
}

/// A click on a notification; the URLs of `openWindow`, recorded instead of opened (a test has no user).
///
/// Focusing is not recorded: without a user the browser refuses it, which ends in that error's name.
async fn click(notification: Notification) -> Result<Vec<String>, String> {
    let calls = Array::new();
    let record = calls.clone();
    let open_window = Closure::<dyn FnMut(JsValue) -> Promise>::new(move |url| {
        record.push(&url);
        Promise::resolve(&JsValue::NULL)
    });
    let clients = member(&js_sys::global(), "clients");
    Reflect::set(&clients, &"openWindow".into(), open_window.as_ref()).unwrap();
    let init = NotificationEventInit::new(&notification);
    let event = NotificationEvent::new("notificationclick", &init).unwrap();
    let answered = JsFuture::from(worker::click(&event)).await;
    Reflect::delete_property(clients.unchecked_ref::<js_sys::Object>(), &"openWindow".into()).unwrap();
    answered.map_err(|error| member(&error, "name").as_string().unwrap())?;
    Ok(calls.iter().map(|call| call.as_string().unwrap()).collect())
}

#[wasm_bindgen_test]
async fn a_click_opens_the_target_and_nothing_outside_the_origin() {
    let opened = scope().registration().scope() + "inbox?x=1";
    // The page of the tests is the window on the scope: it is to be focused, since the target must not be opened.
    let focused = || Err("InvalidAccessError".to_owned());
    for (navigate, done) in
        [("inbox?x=1", Ok(vec![opened])), ("https://elsewhere.example/", focused()), ("javascript:alert(1)", focused())]
    {
        let text = format!(r#"{{"web_push": 8030, "notification": {{"title": "", "navigate": "{navigate}"}}}}"#);
        let notification = one(Some(&text)).await;
        assert_eq!(click(notification).await, done, "{navigate}");
        wait_for(0).await;
    }
}

#[wasm_bindgen_test]
async fn leaves_the_notifications_of_others_alone() {
    close_all().await;
    let showing: Promise = scope().registration().show_notification("Not ours").unwrap();
    JsFuture::from(showing).await.unwrap();
    let notification = wait_for(1).await.remove(0);
    assert_eq!(click(notification.clone()).await, Ok(vec![]));
    wait_for(1).await;
    notification.close();
}
