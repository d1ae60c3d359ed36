//! What the runner of a process has done, for metrics.

use std::sync::atomic::{AtomicU64, Ordering};

/// What the runner of this process has done since it started; every number only grows, but for those of now.
#[derive(Debug, Default)]
pub struct Stats {
    sent: AtomicU64,
    gone: AtomicU64,
    failed: AtomicU64,
    expired: AtomicU64,
    retried: AtomicU64,
    in_flight: AtomicU64,
}

/// [`Stats`] at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Numbers {
    /// Messages that push services took.
    pub sent: u64,
    /// Subscriptions that had ended.
    pub gone: u64,
    /// Messages that were refused for good.
    pub failed: u64,
    /// Messages whose TTL was over.
    pub expired: u64,
    /// Tries that will be made again.
    pub retried: u64,
    /// Requests under way now.
    pub in_flight: u64,
}

impl Stats {
    /// All numbers now.
    pub fn numbers(&self) -> Numbers {
        let read = |number: &AtomicU64| number.load(Ordering::Relaxed);
        Numbers {
            sent: read(&self.sent),
            gone: read(&self.gone),
            failed: read(&self.failed),
            expired: read(&self.expired),
            retried: read(&self.retried),
            in_flight: read(&self.in_flight),
        }
    }

    pub(super) fn count(&self, outcome: &crate::store::Outcome) {
        use crate::store::Outcome;
        let number = match outcome {
            Outcome::Sent => &self.sent,
            Outcome::Gone => &self.gone,
            Outcome::Failed { .. } => &self.failed,
            Outcome::Expired => &self.expired,
            Outcome::Retry(_) => &self.retried,
            Outcome::Release => return,
        };
        number.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn set_in_flight(&self, count: usize) {
        self.in_flight.store(count as u64, Ordering::Relaxed);
    }
}
