//! Random JSON that looks like messages often enough to get far.

use proptest::prelude::*;
use serde_json::{Value, json};

pub(crate) fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(json!(8030)),
        "[a-z:/.#?\\[]{0,12}".prop_map(Value::from),
        Just(json!("/m")),
        ".*".prop_map(Value::from),
    ];
    let name = prop_oneof![
        Just("web_push"),
        Just("notification"),
        Just("title"),
        Just("navigate"),
        Just("actions"),
        Just("action"),
        Just("icon"),
        Just("tag"),
        Just("silent"),
        Just("renotify"),
        Just("vibrate"),
        Just("timestamp"),
        Just("data"),
        Just("mutable"),
        Just("app_badge"),
        Just("other"),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(name.clone().prop_map(String::from), inner, 0..10)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}
