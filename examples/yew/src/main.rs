//! Reminders, in Yew: state hooks fed from the callbacks of `tidings`.

#![forbid(unsafe_code)]

use std::time::Duration;

use gloo_timers::future::sleep;
use reminders::{Reminder, advice, is_on, summary};
use tidings::{
    Code,
    outbox::Outbox,
    page::{Options, Push, environment},
};
use yew::{platform::spawn_local, prelude::*};

fn main() {
    console_error_panic_hook::set_once();
    yew::Renderer::<App>::new().render();
}

/// The push of this page and what it is in, for any component.
#[hook]
fn use_push() -> (Push, UseStateHandle<tidings::page::State>) {
    let push = use_memo((), |()| Push::new(Options::default()));
    let state = use_state(|| push.state());
    use_effect_with((), {
        let (push, state) = (push.clone(), state.setter());
        move |()| {
            push.watch();
            let follower = push.on_state(move |now| state.set(now.clone()));
            // What an effect gives back ends it: the listener with it.
            move || drop(follower)
        }
    });
    ((*push).clone(), state)
}

/// What was heard of notifications, the newest last.
#[hook]
fn use_log(push: &Push) -> UseReducerHandle<Log> {
    let log = use_reducer(Log::default);
    use_effect_with((), {
        let (push, log) = (push.clone(), log.dispatcher());
        move |()| {
            let shown = log.clone();
            let listeners = [
                push.on_shown(move |push| shown.dispatch(format!("shown: {}", push.title()))),
                push.on_click(move |click| {
                    let what = click.data().map_or_else(|_| click.title(), |Reminder { what }| what);
                    log.dispatch(format!("clicked: {what} {}", click.action()));
                }),
            ];
            move || drop(listeners)
        }
    });
    log
}

#[derive(Default, PartialEq)]
struct Log(Vec<String>);

impl Reducible for Log {
    type Action = String;

    fn reduce(self: std::rc::Rc<Self>, line: String) -> std::rc::Rc<Self> {
        Self(self.0.iter().cloned().chain([line]).collect()).into()
    }
}

/// The outbox, and how much waits in it.
#[hook]
fn use_outbox() -> (Outbox, u32) {
    let outbox = use_memo((), |()| Outbox::new());
    let waiting = use_state(|| 0);
    use_effect_with((), {
        let (outbox, waiting) = (outbox.clone(), waiting.setter());
        move |()| {
            let listener = outbox.on(move |update| waiting.set(update.state().pending()));
            move || drop(listener)
        }
    });
    ((*outbox).clone(), *waiting)
}

/// The whole page.
#[component]
fn App() -> Html {
    let (push, state) = use_push();
    let (outbox, waiting) = use_outbox();
    let log = use_log(&push);
    let error = use_state(|| environment().obstacle);
    let what = use_node_ref();

    let toggle = {
        let (push, error) = (push.clone(), error.setter());
        move |_| {
            let (push, error) = (push.clone(), error.clone());
            spawn_local(async move {
                let done = if is_on(&push.state()) {
                    push.unsubscribe().await.map(drop)
                } else {
                    push.subscribe().await.map(drop)
                };
                let failed = done.is_err();
                error.set(done.err().map(|error| error.code()));
                if failed {
                    sleep(Duration::from_secs(20)).await;
                    error.set(None);
                }
            });
        }
    };
    let remind = {
        let (what, error) = (what.clone(), error.setter());
        move |event: SubmitEvent| {
            event.prevent_default();
            let (push, outbox, error) = (push.clone(), outbox.clone(), error.clone());
            let reminder = Reminder {
                what: what.cast::<web_sys::HtmlInputElement>().map_or_else(String::new, |input| input.value()),
            };
            spawn_local(async move {
                error.set(match push.id().await {
                    Ok(Some(id)) => outbox.fetch(reminder.request(&id)).await.err().map(|_| Code::Unknown),
                    Ok(None) => Some(Code::PermissionDismissed),
                    Err(error) => Some(error.code()),
                });
            });
        }
    };

    html! {
        <>
            <h1>{ "Reminders" }</h1>
            <p>
                <button id="toggle" onclick={toggle}>{ if is_on(&state) { "Stop" } else { "Notify me" } }</button>
                { " Notifications are " }<output id="state">{ summary(&state) }</output>
            </p>
            <p id="error" role="alert" data-code={error.map(Code::as_str)}>{ error.map(advice).unwrap_or_default() }</p>
            <form id="remind" onsubmit={remind}>
                <input id="what" ref={what} aria-label="What" value="Tea" />
                <button disabled={!is_on(&state)}>{ "Remind me" }</button>
                { " waiting: " }<output id="waiting">{ waiting }</output>
            </form>
            <ol id="log">{ for log.0.iter().map(|line| html! { <li>{ line }</li> }) }</ol>
        </>
    }
}
