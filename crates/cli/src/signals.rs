//! Being asked to stop.

use anyhow::Context as _;

/// Ends when the person presses Ctrl-C or the system asks the program to end.
///
/// # Errors
///
/// When the operating system does not let the program listen for that.
pub(crate) async fn interrupted() -> anyhow::Result<()> {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};

        let mut terminate = signal(SignalKind::terminate()).context("cannot listen for SIGTERM")?;
        tokio::select! {
            pressed = interrupt => pressed.context("cannot listen for Ctrl-C"),
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    interrupt.await.context("cannot listen for Ctrl-C")
}
