//! The service worker of a chat, in Rust: `tidings worker` makes one script of it.

#![forbid(unsafe_code)]

use js_sys::{Object, Promise, Reflect};
use serde::Deserialize;
use tidings::worker::{Change, Click, Config, DataError, Message, Next, WorkerJob};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

tidings::export_worker!(configure);

/// What the chat's server puts into `data`.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Event {
    Message { from: String, room: u32, unread: u32 },
    Call { from: String, room: u32 },
}

/// Asked once, at the first event.
fn configure() -> Config {
    Config::new()
        .title("Chat")
        .on_push_async(on_push)
        .on_click(on_click)
        .on_job_async(on_job)
        .on_sync_async(|tag| post("/api/sync".into(), tag, None))
        .on_periodic_sync_async(|tag| post("/api/periodic-sync".into(), tag, None))
}

/// Before a notification is shown. What is not from the chat's server is shown as it came: the error changes nothing.
async fn on_push(message: Message) -> Result<Change, DataError> {
    Ok(match message.data()? {
        Event::Message { from, room, unread } => {
            assert!(unread > 0, "a message that nobody has read is unread");
            let title = if unread == 1 { from } else { format!("{from} ({unread} new)") };
            Change::new().title(&title).navigate(&format!("?room={room}")).option("tag", format!("room-{room}"))
        }
        Event::Call { from, room } => Change::new()
            .title(&format!("{from} is calling"))
            .navigate(&format!("?room={room}&answer"))
            .option("requireInteraction", true),
    })
}

/// Before a click opens its target.
fn on_click(click: Click) -> Next {
    match click.action().as_str() {
        "mute" => match click.data().expect("only what the chat sends has this button") {
            Event::Message { room, .. } | Event::Call { room, .. } => Next::OpenOther(format!("?room={room}&muted")),
        },
        _ => Next::Open,
    }
}

/// What the page has queued with `outbox.add({ type: 'say', data: { room, text } })`.
#[derive(Deserialize)]
struct Say {
    room: u32,
    text: String,
}

/// A job of the outbox. It leaves the outbox when this returns `Ok`; an error lets it be tried again, with the same id.
async fn on_job(job: WorkerJob) -> Result<(), JsValue> {
    if job.kind() != "say" {
        return Err(JsValue::from("a job of a page newer than this worker"));
    }
    let Say { room, text } = job.data()?;
    post(format!("/api/rooms/{room}"), text, Some(job.id())).await
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &JsValue) -> Result<Promise, JsValue>;
}

/// POSTs a text. The error is the response, if there was one: by its status the outbox knows whether to try again.
async fn post(url: String, text: String, key: Option<String>) -> Result<(), JsValue> {
    let object = |members: &[(&str, &JsValue)]| {
        let object = Object::new();
        for (name, value) in members {
            Reflect::set(&object, &JsValue::from(*name), value).map(drop)?;
        }
        Ok::<JsValue, JsValue>(object.into())
    };
    let headers = match key {
        // The server does what has a key only once, however often it comes.
        Some(key) => object(&[("idempotency-key", &key.into())])?,
        None => object(&[])?,
    };
    let init = object(&[("method", &"POST".into()), ("headers", &headers), ("body", &text.into())])?;
    let response = fetch(&url, &init)?.await?;
    if Reflect::get(&response, &"ok".into())?.is_truthy() { Ok(()) } else { Err(response) }
}
