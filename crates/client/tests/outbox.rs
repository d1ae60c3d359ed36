//! The outbox from a page in Rust. Run by `wasm-pack test --headless --chrome` and `--firefox`. What a worker makes of it is
//! tested in tests/e2e/outbox-*.test.mjs.

#![cfg(target_arch = "wasm32")]
#![allow(missing_docs, clippy::unwrap_used)]

use std::{cell::RefCell, rc::Rc};

use tidings::outbox::{Job, Outbox, OutboxCode, Priority, Request};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
async fn stores_shows_and_forgets() {
    let outbox = Outbox::new();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let updates = outbox.on({
        let seen = Rc::clone(&seen);
        move |update| seen.borrow_mut().push(update.kind())
    });
    let request = Request::new("POST", "/api").header("x-own", "1").body("hello").queue("q").strict();
    let first = outbox.fetch(request).await.unwrap();
    let second = outbox.add(Job::new("note", JsValue::from(7)).priority(Priority::High).attempts(3)).await.unwrap();
    assert_eq!(first.queue(), "q");
    assert_eq!((first.attempts(), first.reason(), first.status()), (0, None, None));

    let state = outbox.state().await.unwrap();
    assert_eq!((state.pending(), state.failed(), state.on_disk()), (2, 0, true));
    let ids: Vec<_> = outbox.pending().await.unwrap().iter().map(|entry| entry.id()).collect();
    assert_eq!(ids, [second.id(), first.id()], "the urgent one first");
    assert!(outbox.failed().await.unwrap().is_empty());

    assert_eq!(outbox.retry(Some(&first.id())).await.unwrap(), 1);
    for id in ids {
        assert_eq!(outbox.discard(Some(&id)).await.unwrap(), 1);
    }
    assert_eq!(outbox.flush().await.unwrap().pending(), 0);
    assert_eq!(*seen.borrow(), ["added", "added", "moved", "moved", "moved"]);
    drop(updates);
}

#[wasm_bindgen_test]
async fn names_what_it_cannot_take() {
    let none = Outbox::with_limits(0, 1e6);
    assert_eq!(none.fetch(Request::new("GET", "/")).await.unwrap_err().code(), OutboxCode::Full);
    let invalid = Outbox::new().fetch(Request::new("GET", "http://")).await.unwrap_err();
    assert_eq!(invalid.code(), OutboxCode::Invalid);
    assert!(invalid.cause().is_object());
}
