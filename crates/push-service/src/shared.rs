//! What all connections share.

use std::sync::Arc;
use std::time::{Duration, Instant};

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
    /// When a Firefox last said hello.
    firefox: watch::Sender<Option<Instant>>,
}

impl Shared {
    pub(crate) fn new(description: Description, mailbox: Mailbox) -> Self {
        Self {
            mailbox: Arc::new(mailbox),
            description,
            cuts: watch::Sender::new(0),
            stopping: watch::Sender::new(false),
            firefox: watch::Sender::new(None),
        }
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

    /// A Firefox has said hello.
    pub(crate) fn firefox_came(&self) {
        self.firefox.send_replace(Some(Instant::now()));
    }

    /// Ends when a Firefox says hello, at once if one just did.
    pub(crate) async fn firefox(&self, just: Duration) {
        let came = |when: &Option<Instant>| when.is_some_and(|when| when.elapsed() < just);
        // There is no error: the sender is in self.
        let _ = self.firefox.subscribe().wait_for(came).await;
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
