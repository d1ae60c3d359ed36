//! What the suites of the page and of the worker share: the vectors, over JavaScript values.

use js_sys::JSON;
use serde_json::Value as Native;
use tidings::{
    Js,
    core::{
        declarative::{self, Message},
        value::Value,
    },
};
use wasm_bindgen::JsValue;

const VECTORS: &str = include_str!("../../../../tests/vectors/declarative.json");

fn parse(text: &str, base: &str) -> Option<Message<Js>> {
    // `event.data.json()` strips one byte order mark, `JSON.parse` does not.
    let value = JSON::parse(text.strip_prefix('\u{feff}').unwrap_or(text)).ok()?;
    declarative::parse(&Js(value), &Js(base.into())).ok()
}

/// What a `Notification` made of this message would say, as JSON text.
fn observed(message: &Message<Js>, name: &str) -> Native {
    let value = match name {
        "title" => Some(message.title.clone()),
        "navigate" => Some(message.navigate.clone()),
        "$mutable" => return message.mutable.into(),
        "$app_badge" => return message.app_badge.into(),
        _ => message.options.get(name),
    };
    match value {
        Some(value) => serde_json::from_str(&String::from(JSON::stringify(&value.0).unwrap())).unwrap(),
        None => match name {
            "dir" => "auto".into(),
            "lang" | "body" | "tag" => "".into(),
            "renotify" | "silent" | "requireInteraction" => false.into(),
            _ => "(absent)".into(),
        },
    }
}

/// Every shared vector, through the source of values that ships.
pub(crate) fn passes_every_shared_vector() {
    let vectors: Vec<Native> = serde_json::from_str(VECTORS).unwrap();
    assert!(vectors.len() >= 50);
    for vector in &vectors {
        let name = vector["name"].as_str().unwrap();
        let message = parse(vector["json"].as_str().unwrap(), vector["base"].as_str().unwrap());
        match (&vector["expect"], message) {
            (Native::String(_), None) => {}
            (Native::Object(expected), Some(message)) => {
                for (member, value) in expected {
                    assert_eq!(&observed(&message, member), value, "{name}: {member}");
                }
            }
            (expected, message) => panic!("{name}: expected {expected}, got {message:?}"),
        }
    }
}

/// A member of any object.
pub(crate) fn member(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &name.into()).unwrap()
}
