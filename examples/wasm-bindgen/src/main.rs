//! Reminders without a framework: callbacks of `tidings`, events and timers of gloo, the elements of web-sys.

#![forbid(unsafe_code)]

mod elements;

use std::rc::Rc;

use elements::{element, input, listen};
use gloo_timers::callback::Timeout;
use reminders::{Reminder, advice, is_on, summary};
use tidings::{
    Code,
    outbox::Outbox,
    page::{Options, Push, State, environment},
};
use wasm_bindgen_futures::spawn_local;

/// How long an error is shown, in milliseconds.
const READING_TIME: u32 = 20_000;

fn main() {
    console_error_panic_hook::set_once();
    let (push, outbox) = (Push::new(Options::default()), Rc::new(Outbox::new()));
    if let Some(obstacle) = environment().obstacle {
        fail(obstacle);
    }
    show(&push.state());
    // They live as long as the page does; in a component, keep them and drop them with it.
    push.on_state(show).forget();
    outbox.on(|update| element("waiting").set_text_content(Some(&update.state().pending().to_string()))).forget();
    let heard = [
        push.on_shown(|shown| say(&format!("shown: {}", shown.title()))),
        push.on_click(|click| {
            let what = click.data().map_or_else(|_| click.title(), |Reminder { what }| what);
            say(&format!("clicked: {what} {}", click.action()));
        }),
    ];
    heard.into_iter().flatten().for_each(|listener| listener.forget());
    push.watch();

    listen("toggle", "click", {
        let push = push.clone();
        move |_| spawn_local(toggle(push.clone()))
    });
    listen("remind", "submit", move |event| {
        event.prevent_default();
        let reminder = Reminder { what: input("what").value() };
        spawn_local(remind(push.clone(), Rc::clone(&outbox), reminder));
    });
}

async fn toggle(push: Push) {
    let done = if is_on(&push.state()) { push.unsubscribe().await.map(drop) } else { push.subscribe().await.map(drop) };
    match done {
        Ok(()) => succeed(),
        Err(error) => fail(error.code()),
    }
}

async fn remind(push: Push, outbox: Rc<Outbox>, reminder: Reminder) {
    match push.id().await {
        Ok(Some(id)) => match outbox.fetch(reminder.request(&id)).await {
            Ok(_) => succeed(),
            Err(error) => say(&format!("not stored: {error}")),
        },
        Ok(None) => fail(Code::PermissionDismissed),
        Err(error) => fail(error.code()),
    }
}

fn show(state: &State) {
    element("state").set_text_content(Some(summary(state)));
    element("toggle").set_text_content(Some(if is_on(state) { "Stop" } else { "Notify me" }));
    let _ = element("send").toggle_attribute_with_force("disabled", !is_on(state));
}

fn fail(code: Code) {
    let error = element("error");
    let _ = error.set_attribute("data-code", code.as_str());
    error.set_text_content(Some(advice(code)));
    Timeout::new(READING_TIME, succeed).forget();
}

fn succeed() {
    let error = element("error");
    let _ = error.remove_attribute("data-code");
    error.set_text_content(None);
}

fn say(line: &str) {
    let item = gloo_utils::document().create_element("li").expect("`li` is a name");
    item.set_text_content(Some(line));
    let _ = element("log").append_child(&item);
}
