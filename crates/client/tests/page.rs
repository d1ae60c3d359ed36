//! The page side in a real page. Run by `wasm-pack test --headless --chrome` and `--firefox`.

#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use std::{cell::RefCell, rc::Rc};

use tidings::{
    Code,
    page::{Options, Permission, Push, Step, Subscription, environment, permission},
};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

const KEY: &str = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";

fn push(worker: &str, key: &str) -> Push {
    Push::new(Options {
        worker: worker.into(),
        server: None,
        application_server_key: Some(key.into()),
        ..Options::default()
    })
}

#[wasm_bindgen_test]
fn vectors() {
    common::passes_every_shared_vector();
}

#[wasm_bindgen_test]
fn finds_push_supported_and_allowed() {
    let found = environment();
    assert_eq!(found.obstacle, None);
    let chromium =
        web_sys::window().is_some_and(|window| js_sys::Reflect::has(&window, &"SyncManager".into()).unwrap());
    assert_eq!((found.sync, found.needs_gesture), (chromium, !chromium));
    assert_eq!(permission(), Permission::Granted, "webdriver.json grants it");
}

#[wasm_bindgen_test]
async fn refuses_wrong_keys_before_anything_is_registered() {
    let no_point = format!("C{}", &KEY[1..]);
    let padded = format!("{KEY}=");
    for key in ["", "BA1H", "!@#$^&*", &KEY[..86], &no_point, &padded, &KEY.replace('-', "+"), &KEY.replace('_', "/")] {
        let error = push("/no-such-worker.js", key).subscribe().await.unwrap_err();
        assert_eq!(error.code(), Code::InvalidKey, "{key:?}");
    }
    let none = Push::new(Options { server: None, ..Options::default() });
    assert_eq!(none.subscribe().await.unwrap_err().code(), Code::InvalidKey);
}

#[wasm_bindgen_test]
async fn says_that_the_worker_could_not_be_registered_and_why() {
    let error = push("/no-such-worker.js", KEY).subscribe().await.unwrap_err();
    assert_eq!(error.code(), Code::WorkerFailed);
    assert!(error.cause().is_object(), "the browser's own error is kept");
}

#[wasm_bindgen_test]
async fn says_that_the_server_refused() {
    let push = Push::new(Options { server: Some("/no-such-server".into()), ..Options::default() });
    assert_eq!(push.subscribe().await.unwrap_err().code(), Code::ServerRefused);
    let push = Push::new(Options { server: Some("http://127.0.0.1:1".into()), ..Options::default() });
    assert_eq!(push.subscribe().await.unwrap_err().code(), Code::ServerUnavailable);
}

#[wasm_bindgen_test]
async fn has_no_subscription_before_one_is_made() {
    assert!(push("/worker.js", KEY).subscription().await.unwrap().is_none());
    assert!(!push("/worker.js", KEY).unsubscribe().await.unwrap());
}

#[wasm_bindgen_test]
async fn the_state_is_followed_and_says_which_step_failed() {
    let push = push("/no-such-worker.js", KEY);
    assert_eq!(push.state().subscription, Subscription::Unknown);
    let seen = Rc::new(RefCell::new(Vec::new()));
    let told = seen.clone();
    let follower = push.on_state(move |state| told.borrow_mut().push(state.clone()));
    push.subscribe().await.unwrap_err();
    assert_eq!(push.state().step, Some(Step::Register));
    assert_eq!(push.state().reason, Some(Code::WorkerFailed));
    assert_eq!(seen.borrow().last(), Some(&push.state()));
    drop(follower);
    let count = seen.borrow().len();
    push.refresh().await;
    assert_eq!(seen.borrow().len(), count);
}

#[wasm_bindgen_test]
async fn the_apps_own_question_waits_three_seven_and_thirty_days() {
    let scope = format!("/priming/{}/", js_sys::Math::random());
    let push = Push::new(Options { scope: Some(scope), ..Options::default() });
    assert_eq!(push.priming(false).await.unwrap(), 0.0);
    for days in [3.0, 7.0, 30.0, 30.0] {
        let wait = push.priming(true).await.unwrap() - js_sys::Date::now();
        assert!((wait / 86_400_000.0 - days).abs() < 0.01, "{wait}");
    }
    // It is remembered by the next load.
    assert!(push.clone().priming(false).await.unwrap() > js_sys::Date::now());
}

#[wasm_bindgen_test]
fn turns_into_an_error_that_javascript_knows() {
    let error = JsValue::from(tidings::PushError::from(Code::NoPush));
    assert!(error.is_instance_of::<js_sys::Error>());
    assert_eq!(common::member(&error, "name"), JsValue::from("PushError"));
    assert_eq!(common::member(&error, "code"), JsValue::from("no-push"));
    assert!(common::member(&error, "cause").is_undefined());
}
