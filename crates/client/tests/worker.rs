//! The worker side in a real service worker: what is decided, over the browser's own values. What the shim makes of it is
//! tested end to end. Run by `wasm-pack test --headless --chrome` and `--firefox`.

#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::member;
use js_sys::{Array, JSON};
use tidings::worker::{Config, choose, click, finish, plan};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_service_worker);

const SCOPE: &str = "https://app.example/scope/";

/// A value as JSON text, to compare.
fn text(value: &JsValue) -> String {
    JSON::stringify(value).ok().and_then(|text| text.as_string()).unwrap_or_default()
}

fn planned(payload: &JsValue) -> JsValue {
    let options = Config::new().title("Acme").icon("/icon.png").into_js();
    plan(payload, payload.is_string(), true, &options, &SCOPE.into(), 1000.0).unwrap()
}

fn planned_json(payload: &str) -> JsValue {
    planned(&JSON::parse(payload).unwrap())
}

fn finished(plan: &JsValue, change: &str) -> JsValue {
    finish(plan, &JSON::parse(change).unwrap(), &SCOPE.into(), 2)
}

#[wasm_bindgen_test]
fn vectors() {
    common::passes_every_shared_vector();
}

#[wasm_bindgen_test]
fn everything_has_a_title_and_a_kind() {
    for (payload, kind, title, body) in [
        (JsValue::UNDEFINED, "empty", "Acme", ""),
        ("".into(), "empty", "Acme", ""),
        ("Hello".into(), "text", "Acme", "Hello"),
        ("\u{fffd}\0".into(), "binary", "Acme", ""),
        (JsValue::NULL, "json", "Acme", ""),
        (5.into(), "json", "Acme", ""),
        (JSON::parse("[1]").unwrap(), "json", "Acme", ""),
        (JSON::parse(r#"{"title": "T", "body": "B"}"#).unwrap(), "json", "T", "B"),
        (JSON::parse(r#"{"notification": {"title": "T", "body": 5}}"#).unwrap(), "json", "T", ""),
        (JSON::parse(r#"{"web_push": 8030, "notification": {"title": "T"}}"#).unwrap(), "json", "T", ""),
        (
            JSON::parse(r#"{"web_push": 8030, "notification": {"title": "", "navigate": "/"}}"#).unwrap(),
            "declarative",
            "",
            "",
        ),
    ] {
        let plan = planned(&payload);
        assert_eq!(member(&plan, "kind"), kind, "{payload:?}");
        assert_eq!(member(&plan, "title"), title, "{payload:?}");
        let options = member(&plan, "options");
        assert_eq!(member(&options, "body").as_string().unwrap_or_default(), body, "{payload:?}");
        assert_eq!(member(&options, "icon"), "/icon.png");
    }
}

#[wasm_bindgen_test]
fn where_others_listen_only_declarative_messages_are_ours() {
    let ours = |payload: &str| {
        plan(&JSON::parse(payload).unwrap(), false, false, &JsValue::UNDEFINED, &SCOPE.into(), 0.0).is_some()
    };
    assert!(ours(r#"{"web_push": 8030, "notification": {"title": "", "navigate": "/"}}"#));
    assert!(!ours(r#"{"web_push": 8030, "notification": {"title": ""}}"#));
    assert!(!ours(r#"{"notification": {"title": ""}}"#));
}

#[wasm_bindgen_test]
fn extras_are_read_and_resolved() {
    let plan = planned_json(
        r#"{"web_push": 8030, "app_badge": 3, "notification": {"title": "T", "navigate": "/", "data": {"x": 1, "tidings": {
            "id": "m1", "expires": 999, "retract": ["old"], "refresh": ["news", "https://elsewhere.example/", 5],
            "receipts": "/receipts"}}}}"#,
    );
    assert_eq!(member(&plan, "id"), "m1");
    assert_eq!(member(&plan, "badge"), 3.0);
    assert_eq!(member(&plan, "expired"), true);
    assert_eq!(text(&member(&plan, "retract")), r#"["old"]"#);
    assert_eq!(text(&member(&plan, "refresh")), r#"["https://app.example/scope/news"]"#);
    assert_eq!(member(&plan, "receipts"), "https://app.example/receipts");
    assert_eq!(member(&member(&plan, "options"), "tag"), "m1", "a duplicate replaces its first");
    assert_eq!(member(&member(&finished(&plan, "null"), "options"), "silent"), true, "expired");
}

#[wasm_bindgen_test]
fn what_is_shown_keeps_what_the_click_needs() {
    for data in ["[1,null]", "\"text\"", "5", "false", r#"{"tidings":1}"#, r#"{"a":{"b":2}}"#] {
        let plan = planned_json(&format!(
            r#"{{"web_push": 8030, "notification": {{"title": "T", "navigate": "inbox", "data": {data}, "actions": [
                {{"action": "a", "title": "A", "navigate": "/a"}}, {{"action": "b", "title": "B", "navigate": "/b"}},
                {{"action": "c", "title": "C", "navigate": "/c"}}]}}}}"#
        ));
        let shown = finished(&plan, "{}");
        let options = member(&shown, "options");
        assert_eq!(
            text(&member(&options, "actions")),
            r#"[{"action":"a","title":"A"},{"action":"b","title":"B"}]"#,
            "two are shown, and none opens by itself"
        );
        let data_of = |action: &str| {
            click(&member(&options, "data"), &action.into(), &SCOPE.into(), &JsValue::UNDEFINED).unwrap()
        };
        assert_eq!(text(&member(&data_of(""), "data")), data);
        assert_eq!(member(&data_of(""), "url"), "https://app.example/scope/inbox");
        assert_eq!(member(&data_of("b"), "url"), "https://app.example/b");
    }
}

#[wasm_bindgen_test]
fn a_hook_changes_what_is_right_and_nothing_else() {
    let plan =
        planned_json(r#"{"web_push": 8030, "notification": {"title": "T", "navigate": "/", "body": "B", "tag": "t"}}"#);
    for (change, title, body) in [
        ("null", "T", "B"),
        ("5", "T", "B"),
        (r#"{"title": 5, "options": 5, "navigate": 5}"#, "T", "B"),
        (r#"{"title": "New", "options": {"body": "Other"}}"#, "New", "Other"),
        (r#"{"options": {"silent": true, "vibrate": [1], "renotify": true, "tag": ""}}"#, "T", "B"),
    ] {
        let shown = finished(&plan, change);
        assert_eq!(member(&shown, "title"), title, "{change}");
        let options = member(&shown, "options");
        assert_eq!(member(&options, "body"), body, "{change}");
        assert!(member(&options, "vibrate").is_undefined(), "{change}");
        assert!(member(&options, "renotify").is_undefined(), "{change}");
    }
}

#[wasm_bindgen_test]
fn a_click_goes_nowhere_else() {
    let data = |navigate: &str| JSON::parse(&format!(r#"{{"tidings": {{"navigate": "{navigate}"}}}}"#)).unwrap();
    let url = |navigate: &str, origins: &JsValue| {
        member(&click(&data(navigate), &"".into(), &SCOPE.into(), origins).unwrap(), "url")
    };
    let none = JsValue::UNDEFINED;
    assert_eq!(url("/inbox", &none), "https://app.example/inbox");
    for other in ["https://elsewhere.example/", "javascript:alert(1)", "data:,x", "http://[", "http://app.example/"] {
        assert_eq!(url(other, &none), SCOPE, "{other}");
    }
    let listed = Array::of1(&"https://help.example".into()).into();
    assert_eq!(url("https://help.example/x", &listed), "https://help.example/x");
    assert_eq!(url("https://help.example.evil.example/x", &listed), SCOPE);
    for not_ours in ["null", "{}", "5", r#"{"tidings": 5}"#] {
        assert!(click(&JSON::parse(not_ours).unwrap(), &"".into(), &SCOPE.into(), &none).is_none(), "{not_ours}");
    }
}

#[wasm_bindgen_test]
fn windows_are_chosen_by_policy() {
    let windows: Array = ["https://app.example/", "https://app.example/scope/a", "https://app.example/scope/b#x"]
        .into_iter()
        .map(JsValue::from_str)
        .collect();
    let choose = |policy: &str, url: &str| choose(&policy.into(), &url.into(), &SCOPE.into(), &windows);
    assert_eq!(choose("focus", "https://app.example/scope/b"), Some(2));
    assert_eq!(choose("focus", "https://app.example/scope/c"), None);
    assert_eq!(choose("navigate", "https://app.example/scope/c"), Some(-2));
    assert_eq!(choose("open", "https://app.example/scope/b"), None);
}
