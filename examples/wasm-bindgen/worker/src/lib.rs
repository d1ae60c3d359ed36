//! The service worker of the example without a framework.

use reminders::Reminder;
use tidings::worker::{Change, Config, DataError, Message};

tidings::export_worker!(configure);

fn configure() -> Config {
    Config::new().title("Reminders").on_push(on_push)
}

/// What has no [`Reminder`] in it is shown as it came: the error changes nothing.
fn on_push(message: Message) -> Result<Change, DataError> {
    let Reminder { what } = message.data()?;
    Ok(Change::new().title(&format!("{what}, in plain Rust")))
}
