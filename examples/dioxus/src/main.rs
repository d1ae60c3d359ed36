//! Reminders, in Dioxus: futures that end with their component, over the streams of `tidings`.

#![forbid(unsafe_code)]

use dioxus::prelude::*;
use futures_util::StreamExt;
use reminders::{Reminder, advice, is_on, summary};
use tidings::{
    Code,
    outbox::Outbox,
    page::{Options, Push, environment},
};

fn main() {
    launch(App);
}

/// The whole page.
#[component]
fn App() -> Element {
    let push = use_hook(|| Push::new(Options::default()));
    let outbox = use_hook(Outbox::new);
    let mut state = use_signal(|| push.state());
    let mut error = use_signal(|| environment().obstacle);
    let mut waiting = use_signal(|| 0);
    let mut log = use_signal(Vec::<String>::new);
    let mut what = use_signal(|| "Tea".to_owned());

    use_future({
        let push = push.clone();
        move || {
            let push = push.clone();
            async move {
                push.watch();
                let mut states = push.states();
                while let Some(now) = states.next().await {
                    state.set(now);
                }
            }
        }
    });
    use_future({
        let push = push.clone();
        move || {
            let mut shown = push.shown();
            async move {
                while let Some(shown) = shown.next().await {
                    log.push(format!("shown: {}", shown.title()));
                }
            }
        }
    });
    use_future({
        let push = push.clone();
        move || {
            let mut clicks = push.clicks();
            async move {
                while let Some(click) = clicks.next().await {
                    let what = click.data().map_or_else(|_| click.title(), |Reminder { what }| what);
                    log.push(format!("clicked: {what} {}", click.action()));
                }
            }
        }
    });
    use_future({
        let outbox = outbox.clone();
        move || {
            let mut updates = outbox.updates();
            async move {
                while let Some(update) = updates.next().await {
                    waiting.set(update.state().pending());
                }
            }
        }
    });

    let toggle = {
        let push = push.clone();
        move |_| {
            let push = push.clone();
            async move {
                let done = if is_on(&push.state()) {
                    push.unsubscribe().await.map(drop)
                } else {
                    push.subscribe().await.map(drop)
                };
                error.set(done.err().map(|error| error.code()));
            }
        }
    };
    let remind = move |event: FormEvent| {
        event.prevent_default();
        let (push, outbox, reminder) = (push.clone(), outbox.clone(), Reminder { what: what() });
        async move {
            error.set(match push.id().await {
                Ok(Some(id)) => outbox.fetch(reminder.request(&id)).await.err().map(|_| Code::Unknown),
                Ok(None) => Some(Code::PermissionDismissed),
                Err(error) => Some(error.code()),
            });
        }
    };

    let on = is_on(&state.read());
    rsx! {
        h1 { "Reminders" }
        p {
            button { id: "toggle", onclick: toggle, if on { "Stop" } else { "Notify me" } }
            " Notifications are "
            output { id: "state", {summary(&state.read())} }
        }
        p { id: "error", role: "alert", "data-code": error().map(Code::as_str), {error().map(advice)} }
        form { id: "remind", onsubmit: remind,
            input { id: "what", aria_label: "What", value: what, oninput: move |event| what.set(event.value()) }
            button { disabled: !on, "Remind me" }
            " waiting: "
            output { id: "waiting", "{waiting}" }
        }
        ol { id: "log",
            for line in log.iter() {
                li { "{line}" }
            }
        }
    }
}
