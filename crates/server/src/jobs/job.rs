//! A send: what was asked for, and how far it has come.

use crate::{jobs::Audience, push::Push};

/// What to send, to whom, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct NewJob {
    /// The message and how it is to be delivered.
    pub push: Push,
    /// To whom it goes.
    pub audience: Audience,
    /// When to begin, in milliseconds since the Unix epoch; the TTL counts from then. None: now.
    pub not_before: Option<i64>,
    /// Whoever asks again with the same key gets the job that there is.
    pub request_key: Option<String>,
}

/// A stored send.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Job {
    /// Its id; ids sort by time.
    pub id: String,
    /// To whom it goes.
    pub audience: Audience,
    /// When it was asked for, in milliseconds since the Unix epoch.
    pub created: i64,
    /// When it begins.
    pub not_before: i64,
    /// When its TTL is over: from then on nothing is tried.
    pub expires: i64,
    /// When the last of it was done.
    pub finished: Option<i64>,
    /// Whether somebody has paused it.
    pub paused: bool,
    /// Whether somebody has cancelled it.
    pub cancelled: bool,
    /// Whether all who are to get it are known: then `counts.total` will not grow any more.
    pub spread: bool,
    /// How far it has come.
    pub counts: Counts,
}

/// How many deliveries of a job have come to which end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// All that have begun so far.
    pub total: i64,
    /// A push service took the message.
    pub sent: i64,
    /// The subscription has ended, and was removed.
    pub gone: i64,
    /// A push service refused, for good: see [`Store::job_failures`](crate::Store::job_failures).
    pub failed: i64,
    /// The TTL was over before a push service took it.
    pub expired: i64,
}

/// Where a job is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Phase {
    /// Its time has not come.
    Scheduled,
    /// It is being sent.
    Running,
    /// Somebody has paused it.
    Paused,
    /// Nothing is left to do.
    Finished,
    /// Somebody has cancelled it.
    Cancelled,
}

/// A delivery that failed for good.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[non_exhaustive]
pub struct Failure {
    /// The subscription's id.
    pub subscription_id: String,
    /// The stable [code](crate::SendError::code).
    pub code: String,
    /// What the push service said, shortened.
    pub reason: String,
    /// When, in milliseconds since the Unix epoch.
    pub failed: i64,
}

impl NewJob {
    /// To be sent now.
    pub fn new(push: Push, audience: Audience) -> Self {
        Self { push, audience, not_before: None, request_key: None }
    }
}

impl Job {
    /// Where it is in its life.
    pub fn phase(&self) -> Phase {
        if self.cancelled {
            Phase::Cancelled
        } else if self.finished.is_some() {
            Phase::Finished
        } else if self.paused {
            Phase::Paused
        } else if self.not_before > crate::store::now() {
            Phase::Scheduled
        } else {
            Phase::Running
        }
    }
}

impl Counts {
    /// How many have begun and come to no end yet.
    pub fn pending(&self) -> i64 {
        self.total - self.sent - self.gone - self.failed - self.expired
    }
}

impl Phase {
    /// Its name in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Cancelled => "cancelled",
        }
    }
}
