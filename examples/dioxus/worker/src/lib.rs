//! The service worker of the Dioxus example: it keeps what it was told not to show too loudly.

use reminders::Reminder;
use tidings::worker::{Change, Config, Message};

tidings::export_worker!(configure);

fn configure() -> Config {
    Config::new().title("Reminders").on_push(on_push)
}

/// `None` changes nothing: what has no [`Reminder`] in it is shown as it came.
fn on_push(message: Message) -> Option<Change> {
    let Reminder { what } = message.data().ok()?;
    // One notification for one thing: the second replaces the first.
    Some(Change::new().title(&format!("{what}, in Dioxus")).option("tag", what))
}
