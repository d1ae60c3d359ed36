//! Whatever arrives can be shown, exactly once and without contradiction: random bytes and random JSON through the path
//! of the worker. 20 000 cases of each; as many as `TIDINGS_CASES` says in the long mode:
//! `TIDINGS_CASES=1000000 cargo test --release -p tidings-core --test plan`.

#![cfg(feature = "json")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::any_json;
use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_core::{
    json::Json,
    plan::{Payload, finish, plan},
};

const SCOPE: &str = "https://app.example/scope/";

fn cases() -> u32 {
    std::env::var("TIDINGS_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(20_000)
}

/// What the browser makes of the bytes: `event.data.json()`, and `event.data.text()` if that fails.
fn payload(bytes: &[u8]) -> Payload<Json> {
    let text = String::from_utf8_lossy(bytes);
    Json::parse(&text).map_or_else(|_| Payload::Text(Json::from(&*text)), Payload::Json)
}

/// Plans and finishes, and asserts what every browser asks of a notification.
fn shown(payload: &Payload<Json>, change: Value, max_actions: usize) -> (String, Value) {
    let scope = Json::from(SCOPE);
    let defaults = Json(json!({ "title": "Acme", "icon": "/icon.png" }));
    let plan = plan(payload, true, &defaults, &scope, 1000.0).expect("with `all`, every push is ours");
    let declared = Json(json!({ "title": plan.title.0, "navigate": plan.navigate.0, "options": plan.options.0,
        "expired": plan.expired }));
    let (title, options) = finish(&declared, &Json(change), &scope, max_actions);
    let Json(Value::String(title)) = title else { panic!("no title: {title:?}") };
    let Json(options) = options;
    assert!(options.is_object());
    assert!(!(options["silent"] == true && options.get("vibrate").is_some()), "{options}");
    let tagged = options["tag"].as_str().is_some_and(|tag| !tag.is_empty());
    assert!(options["renotify"] != true || tagged, "{options}");
    assert!(
        options.get("actions").is_none_or(|actions| actions.as_array().is_some_and(|all| all.len() <= max_actions))
    );
    let navigate = options["data"]["tidings"]["navigate"].as_str().unwrap();
    assert!(url::Url::parse(navigate).is_ok(), "{navigate}");
    (title, options)
}

#[test]
fn what_has_no_title_gets_the_apps() {
    for bytes in [&b""[..], b" ", b"{", b"\xff\xfe", b"null", b"[]", b"{\"title\":5}", b"{\"notification\":{}}"] {
        assert_eq!(shown(&payload(bytes), Value::Null, 2).0, "Acme", "{bytes:?}");
    }
    assert_eq!(shown(&Payload::Empty, Value::Null, 2).0, "Acme");
}

#[test]
fn deep_json_is_text() {
    // serde_json stops at a depth of 128; a browser goes on. Both show something.
    let deep = "[".repeat(4000);
    assert_eq!(shown(&payload(deep.as_bytes()), Value::Null, 2).1["body"], json!(deep));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), ..ProptestConfig::default() })]

    #[test]
    fn random_bytes_can_be_shown(bytes: Vec<u8>, max_actions in 0usize..4) {
        shown(&payload(&bytes), Value::Null, max_actions);
    }

    #[test]
    fn random_json_can_be_shown_whatever_the_hook_returns(value in any_json(), change in any_json(), wrap: bool, max_actions in 0usize..4) {
        let value = if wrap { json!({ "web_push": 8030, "notification": value }) } else { value };
        shown(&Payload::Json(Json(value)), change, max_actions);
    }
}
