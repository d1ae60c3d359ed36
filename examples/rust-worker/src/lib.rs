//! The service worker of a chat, in Rust: `tidings worker` makes one script of it.

#![forbid(unsafe_code)]

use serde::Deserialize;
use tidings::worker::{Change, Click, Config, DataError, Message, Next};

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
    Config::new().title("Chat").on_push_async(on_push).on_click(on_click)
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
