//! Signals fed from the streams of `tidings`.

use futures_util::StreamExt;
use leptos::{
    ev::SubmitEvent, prelude::*, reactive::spawn_local_scoped_with_cancellation as spawn_here, task::spawn_local,
};
use reminders::{Reminder, advice, is_on, summary};
use tidings::{
    Code,
    outbox::Outbox,
    page::{Options, Push, environment},
};

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    // Values of JavaScript stay in their thread, so these two are kept locally, and what the signals hold is plain.
    let push = StoredValue::new_local(Push::new(Options::default()));
    let outbox = StoredValue::new_local(Outbox::new());
    let (state, set_state) = signal(push.with_value(Push::state));
    let (error, set_error) = signal(None::<Code>);
    let (waiting, set_waiting) = signal(0);
    let (log, set_log) = signal(Vec::<String>::new());
    let (what, set_what) = signal("Tea".to_owned());

    // An effect runs in the browser only. Its tasks end with this component, and with each task its listener.
    Effect::new(move |_| {
        let (push, outbox) = (push.get_value(), outbox.get_value());
        set_error.set(environment().obstacle);
        push.watch();
        let mut states = push.states();
        spawn_here(async move {
            while let Some(state) = states.next().await {
                set_state.set(state);
            }
        });
        let mut shown = push.shown();
        spawn_here(async move {
            while let Some(shown) = shown.next().await {
                set_log.update(|log| log.push(format!("shown: {}", shown.title())));
            }
        });
        let mut clicks = push.clicks();
        spawn_here(async move {
            while let Some(click) = clicks.next().await {
                let what = click.data().map_or_else(|_| click.title(), |Reminder { what }| what);
                set_log.update(|log| log.push(format!("clicked: {what} {}", click.action())));
            }
        });
        let mut updates = outbox.updates();
        spawn_here(async move {
            while let Some(update) = updates.next().await {
                set_waiting.set(update.state().pending());
            }
        });
    });

    let toggle = move |_| {
        let push = push.get_value();
        spawn_local(async move {
            let done = if is_on(&push.state()) {
                push.unsubscribe().await.map(drop)
            } else {
                push.subscribe().await.map(drop)
            };
            set_error.set(done.err().map(|error| error.code()));
        });
    };
    let remind = move |event: SubmitEvent| {
        event.prevent_default();
        let (push, outbox, reminder) = (push.get_value(), outbox.get_value(), Reminder { what: what.get() });
        spawn_local(async move {
            match push.id().await {
                Ok(Some(id)) => set_error.set(outbox.fetch(reminder.request(&id)).await.err().map(|_| Code::Unknown)),
                Ok(None) => set_error.set(Some(Code::PermissionDismissed)),
                Err(error) => set_error.set(Some(error.code())),
            }
        });
    };

    view! {
        <h1>"Reminders"</h1>
        <p>
            <button id="toggle" on:click=toggle>{move || if is_on(&state.read()) { "Stop" } else { "Notify me" }}</button>
            " Notifications are " <output id="state">{move || summary(&state.read())}</output>
        </p>
        <p id="error" role="alert" data-code=move || error.get().map(Code::as_str)>{move || error.get().map(advice)}</p>
        <form id="remind" on:submit=remind>
            <input id="what" aria-label="What" prop:value=what on:input:target=move |event| set_what.set(event.target().value()) />
            <button disabled=move || !is_on(&state.read())>"Remind me"</button>
            " waiting: " <output id="waiting">{waiting}</output>
        </form>
        <ol id="log">{move || log.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}</ol>
    }
}
