//! The declarative parser against the shared vectors and against random input, natively.
//! The same vectors run in browsers, over JavaScript values: crates/client/tests.

#![cfg(feature = "json")]
#![allow(missing_docs, clippy::unwrap_used)]

mod common;

use common::any_json;
use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_core::{
    declarative::{self, Malformed, Message},
    json::Json,
};

const VECTORS: &str = include_str!("../../../tests/vectors/declarative.json");

fn parse(text: &str, base: &str) -> Option<Message<Json>> {
    declarative::parse(&Json::parse(text).ok()?, &Json::from(base)).ok()
}

/// What a `Notification` made of this message would say; the vectors are written in these terms.
fn observed(message: &Message<Json>, name: &str) -> Value {
    match name {
        "title" => message.title.0.clone(),
        "navigate" => message.navigate.0.clone(),
        "$mutable" => message.mutable.into(),
        "$app_badge" => message.app_badge.into(),
        _ => message.options.0.get(name).cloned().unwrap_or_else(|| match name {
            "dir" => "auto".into(),
            "lang" | "body" | "tag" => "".into(),
            "renotify" | "silent" | "requireInteraction" => false.into(),
            _ => "(absent)".into(),
        }),
    }
}

#[test]
fn passes_every_shared_vector() {
    let vectors: Vec<Value> = serde_json::from_str(VECTORS).unwrap();
    assert!(vectors.len() >= 50);
    for vector in &vectors {
        let name = vector["name"].as_str().unwrap();
        let message = parse(vector["json"].as_str().unwrap(), vector["base"].as_str().unwrap());
        match (&vector["expect"], message) {
            (Value::String(_), None) => {}
            (Value::Object(expected), Some(message)) => {
                for (member, value) in expected {
                    assert_eq!(&observed(&message, member), value, "{name}: {member}");
                }
            }
            (expected, message) => panic!("{name}: expected {expected}, got {message:?}"),
        }
    }
}

#[test]
fn names_the_member_that_is_wrong() {
    let cases = [
        (json!([]), Malformed::NotAnObject),
        (json!({ "web_push": 8031 }), Malformed::WebPush),
        (json!({ "web_push": 8030, "notification": [] }), Malformed::Notification),
        (json!({ "web_push": 8030, "notification": {} }), Malformed::Title),
        (json!({ "web_push": 8030, "notification": { "title": "" } }), Malformed::Navigate),
        (
            json!({ "web_push": 8030, "notification": { "title": "", "navigate": "/",
                "actions": [{ "action": "a", "title": "A", "navigate": "http://[" }] } }),
            Malformed::ActionNavigate,
        ),
        (
            json!({ "web_push": 8030, "notification": { "title": "", "navigate": "/", "renotify": true, "tag": "" } }),
            Malformed::RenotifyWithoutTag,
        ),
        (
            json!({ "web_push": 8030, "notification": { "title": "", "navigate": "/", "silent": true, "vibrate": [] } }),
            Malformed::SilentVibrate,
        ),
    ];
    for (message, why) in cases {
        let result = declarative::parse(&Json(message.clone()), &Json::from("https://app.example/"));
        assert_eq!(result, Err(why), "{message}");
    }
}

#[test]
fn numbers_are_integers_within_their_range() {
    for (value, kept) in [
        (json!(0), true),
        (json!(1e3), true),
        (json!(18_446_744_073_709_549_568_u64), true),
        (json!(18_446_744_073_709_551_616.0), false),
        (json!(-1), false),
        (json!(0.5), false),
        (json!(1e300), false),
    ] {
        let message = json!({ "web_push": 8030, "notification": { "title": "", "navigate": "/", "timestamp": value } });
        let message = declarative::parse(&Json(message), &Json::from("https://app.example/")).unwrap();
        assert_eq!(message.options.0.get("timestamp").is_some(), kept, "{value}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_value_is_shown_or_refused(value in any_json()) {
        // Wrapped, so that most cases get past the first checks.
        let wrapped = json!({ "web_push": 8030, "notification": value });
        for candidate in [value, wrapped] {
            if let Ok(message) = declarative::parse(&Json(candidate), &Json::from("https://app.example/scope/")) {
                prop_assert!(message.title.0.is_string());
                prop_assert!(message.navigate.as_str().is_some_and(|url| url.contains(':')));
                prop_assert!(message.options.0["silent"] != true || message.options.0["vibrate"].is_null());
            }
        }
    }
}
