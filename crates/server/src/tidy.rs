//! What is old is forgotten: sends that are over, and receipts.

use std::time::Duration;

use tokio::sync::watch;

use crate::{
    state::State,
    store::{StoreError, milliseconds, now},
};

/// How often to look: so often that nothing is kept for twice its time, and at most and at least so often.
const SELDOM: Duration = Duration::from_secs(60 * 60);
const OFTEN: Duration = Duration::from_millis(200);

/// Forgets what is old, until the server stops.
pub(crate) async fn run(state: State, mut stopped: watch::Receiver<bool>) {
    let kept = [state.config().keep_sends, state.config().keep_receipts];
    let Some(shortest) = kept.into_iter().flatten().min() else { return };
    let work = async {
        loop {
            if let Err(error) = forget(&state).await {
                tracing::warn!(%error, "what is old is not forgotten yet");
            }
            tokio::time::sleep(shortest.clamp(OFTEN, SELDOM)).await;
        }
    };
    tokio::select! {
        () = work => {}
        // Whoever drops the server wants none, too.
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
}

pub(crate) async fn forget(state: &State) -> Result<(u64, u64), StoreError> {
    let before = |keep: Duration| now() - milliseconds(keep);
    let sends = match state.config().keep_sends {
        Some(keep) => state.store().forget_jobs(before(keep)).await?,
        None => 0,
    };
    let receipts = match state.config().keep_receipts {
        Some(keep) => state.store().forget_receipts(before(keep)).await?,
        None => 0,
    };
    if sends + receipts > 0 {
        tracing::info!(sends, receipts, "forgotten, for they are old");
    }
    Ok((sends, receipts))
}
