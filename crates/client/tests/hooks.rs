//! The hooks of a worker, called as the shim calls them, in a real service worker. Run by `wasm-pack test`.

#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::{cell::RefCell, rc::Rc};

use js_sys::{Function, JSON, Promise, Reflect};
use tidings::worker::{Change, Click, Config, Dismissed, Message, Next};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_service_worker);

const MESSAGE: &str = r#"{"kind": "declarative", "title": "T", "options": {"body": "B"}, "navigate": "https://app.example/",
    "data": {"room": 7}, "id": "m1", "expired": true, "payload": null}"#;
const CLICK: &str =
    r#"{"url": "https://app.example/", "action": "mute", "title": "T", "body": "", "tag": "t", "reply": "Yes"}"#;

fn member(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap()
}

/// What the hook of that name answers, or what it throws.
fn ask(config: Config, name: &str, json: &str) -> Result<JsValue, JsValue> {
    let hook: Function = member(&config.into_js(), name).unchecked_into();
    hook.call2(&JsValue::UNDEFINED, &JSON::parse(json).unwrap(), &JsValue::NULL)
}

fn text(value: &JsValue) -> Option<String> {
    JSON::stringify(value).ok().and_then(|text| text.as_string())
}

#[wasm_bindgen_test]
fn a_message_says_what_it_is() {
    let hook = |message: Message| {
        assert_eq!(message.kind(), "declarative");
        assert_eq!((message.title(), message.body()), ("T".into(), "B".into()));
        assert_eq!(message.navigate(), "https://app.example/");
        assert_eq!(message.id().as_deref(), Some("m1"));
        assert!(message.expired() && message.payload().is_null());
        assert_eq!(text(&message.data_js()).as_deref(), Some(r#"{"room":7}"#));
        assert_eq!(member(&message.options(), "body"), "B");
        assert_eq!(member(message.as_js(), "id"), "m1");
        assert!(message.event().is_null());
    };
    assert!(ask(Config::new().on_push(hook), "onPush", MESSAGE).unwrap().is_undefined());
    let sparse = |message: Message| {
        assert_eq!((message.title(), message.body(), message.id()), (String::new(), String::new(), None));
        assert!(!message.expired() && message.payload().is_null() && message.data_js().is_undefined());
    };
    ask(Config::new().on_push(sparse), "onPush", "{}").unwrap();
}

#[wasm_bindgen_test]
fn a_change_is_what_the_shim_merges() {
    let hook =
        |_: Message| Change::new().title("New").navigate("?x").body("Body").option("silent", true).option("tag", "t");
    let change = ask(Config::new().on_push(hook), "onPush", MESSAGE).unwrap();
    let all = r#"{"title":"New","navigate":"?x","options":{"body":"Body","silent":true,"tag":"t"}}"#;
    assert_eq!(text(&change).as_deref(), Some(all));
}

#[wasm_bindgen_test]
fn an_answer_may_be_missing_or_an_error() {
    let none = |_: Message| None::<Change>;
    assert!(ask(Config::new().on_push(none), "onPush", MESSAGE).unwrap().is_undefined());
    let failed = |_: Message| Err::<Change, _>(JsValue::from("why"));
    assert_eq!(ask(Config::new().on_push(failed), "onPush", MESSAGE).unwrap_err(), "why");
    // The hook can be called again.
    let js = Config::new().on_push(failed).into_js();
    let hook: Function = member(&js, "onPush").unchecked_into();
    for _ in 0..3 {
        let message = JSON::parse(MESSAGE).unwrap();
        assert_eq!(hook.call2(&JsValue::UNDEFINED, &message, &JsValue::NULL).unwrap_err(), "why");
    }
}

#[wasm_bindgen_test]
async fn an_answer_may_come_later() {
    async fn later(message: Message) -> Result<Change, JsValue> {
        Promise::resolve(&JsValue::NULL).await?;
        if message.id().is_some() { Ok(Change::new().title("Later")) } else { Err("why".into()) }
    }
    let config = Config::new().on_push_async(later);
    let answer = |json| ask(config.clone(), "onPush", json).unwrap().unchecked_into::<Promise>();
    assert_eq!(member(&answer(MESSAGE).await.unwrap(), "title"), "Later");
    assert_eq!(answer("{}").await.unwrap_err(), "why");

    let click = Config::new().on_click_async(|click: Click| async move { Next::OpenOther(click.tag()) });
    let answer: Promise = ask(click, "onClick", CLICK).unwrap().unchecked_into();
    assert_eq!(answer.await.unwrap(), "t");
}

#[wasm_bindgen_test]
fn a_click_goes_on_as_the_hook_says() {
    for (next, answer) in
        [(Next::Open, JsValue::UNDEFINED), (Next::OpenOther("/x".into()), "/x".into()), (Next::Nothing, false.into())]
    {
        let hook = move |click: Click| {
            assert_eq!((click.action().as_str(), click.reply().as_deref()), ("mute", Some("Yes")));
            assert_eq!((click.url().as_str(), click.title().as_str()), ("https://app.example/", "T"));
            next.clone()
        };
        assert_eq!(ask(Config::new().on_click(hook), "onClick", CLICK).unwrap(), answer);
    }
}

#[wasm_bindgen_test]
fn a_close_and_an_error_are_heard() {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let (closes, errors) = (heard.clone(), heard.clone());
    let config = Config::new()
        .on_close(move |dismissed: Dismissed| closes.borrow_mut().push(dismissed.tag()))
        .on_error(move |error, context| errors.borrow_mut().push(format!("{context}: {}", error.as_string().unwrap())));
    let js = config.into_js();
    let call = |name: &str, one: &JsValue, other: &JsValue| {
        member(&js, name).unchecked_into::<Function>().call2(&JsValue::UNDEFINED, one, other).unwrap()
    };
    call("onClose", &JSON::parse(CLICK).unwrap(), &JsValue::NULL);
    call("onError", &"why".into(), &"onPush".into());
    assert_eq!(*heard.borrow(), ["t", "onPush: why"]);
}
