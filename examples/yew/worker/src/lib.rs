//! The service worker of the Yew example: a hook for the push, and one for a button.

use reminders::Reminder;
use tidings::worker::{Change, Click, Config, DataError, Message, Next};

tidings::export_worker!(configure);

fn configure() -> Config {
    Config::new().title("Reminders").on_push(on_push).on_click(on_click)
}

/// What has no [`Reminder`] in it is shown as it came: the error changes nothing.
fn on_push(message: Message) -> Result<Change, DataError> {
    let Reminder { what } = message.data()?;
    Ok(Change::new().title(&format!("{what}, in Yew")))
}

/// Before a click opens its target.
fn on_click(click: Click) -> Next {
    match click.action().as_str() {
        "again" => Next::OpenOther("/?again".to_owned()),
        _ => Next::Open,
    }
}
