//! What all connections share.

use std::sync::Arc;

use tokio::sync::watch;

use crate::Description;
use crate::mailbox::Mailbox;

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) mailbox: Arc<Mailbox>,
    pub(crate) description: Description,
    /// Counts the times that all browsers' connections were cut.
    cuts: watch::Sender<u64>,
    stopping: watch::Sender<bool>,
}

impl Shared {
    pub(crate) fn new(description: Description) -> Self {
        Self { mailbox: Arc::default(), description, cuts: watch::Sender::new(0), stopping: watch::Sender::new(false) }
    }

    /// Cuts every browser's connection there is now.
    pub(crate) fn cut_connections(&self) {
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    /// Ends when the connections that are open now must be cut.
    pub(crate) fn cut(&self) -> impl Future<Output = ()> + Send + use<> {
        let (mut cuts, stopping) = (self.cuts.subscribe(), self.stopped());
        async move {
            tokio::select! {
                _ = cuts.changed() => {}
                () = stopping => {}
            }
        }
    }

    /// Ends all connections, these and later ones.
    pub(crate) fn stop(&self) {
        self.stopping.send_replace(true);
    }

    /// Ends when the service stops.
    pub(crate) fn stopped(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut stopping = self.stopping.subscribe();
        async move {
            // The error means that the service is gone altogether.
            let _ = stopping.wait_for(|stopping| *stopping).await;
        }
    }
}
