//! What a page does next about its subscription: a pure function from facts to one step.
//!
//! The page gathers [`Facts`], asks [`next`], does that one [`Step`], and asks again. Each step that must survive a
//! killed browser is written to the record before the step after it, so the next load of a page finds itself in the
//! middle of the same plan and goes on. That is all there is to continuing: nobody remembers where a run stopped.
//!
//! # Example
//!
//! ```
//! use tidings_core::lifecycle::{Facts, Goal, Step, next};
//!
//! assert_eq!(next(Goal::Refresh, &Facts::default()), Step::Read);
//! ```

use crate::error::Code;

/// The permission to notify (Notifications API, `NotificationPermission`).
///
/// # Example
///
/// ```
/// use tidings_core::{error::Code, lifecycle::{Permission, refusal}};
///
/// assert_eq!(refusal(Permission::Default, true, 2_500.0, false), Code::PermissionDismissed);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Permission {
    /// Not asked yet, or the question was left open.
    #[default]
    Default,
    /// Notifications may be shown.
    Granted,
    /// Notifications are blocked.
    Denied,
}

/// The service worker of a registration.
///
/// # Example
///
/// ```
/// use tidings_core::lifecycle::{Facts, Subscription, Worker};
///
/// let facts = Facts { worker: Some(Worker::None), ..Facts::default() };
/// assert_eq!(facts.subscription(), Subscription::None); // where no worker is registered, nobody subscribed
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Worker {
    /// There is no registration.
    #[default]
    None,
    /// It is on its way.
    Waiting,
    /// It gets events.
    Active,
}

/// The subscription that the browser holds.
///
/// # Example
///
/// ```
/// use tidings_core::lifecycle::{Facts, Held, Subscription, Worker};
///
/// let facts = Facts { worker: Some(Worker::Active), held: Some(Held::Stale), ..Facts::default() };
/// assert_eq!(facts.subscription(), Subscription::Stale);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Held {
    /// None.
    #[default]
    None,
    /// One that can be sent to.
    Good,
    /// One that was made with another key.
    Stale,
    /// One that ends soon.
    Expiring,
}

/// The subscription, as far as the browser and the server are concerned.
///
/// # Example
///
/// ```
/// use tidings_core::lifecycle::{Facts, Held, Subscription};
///
/// let facts = Facts { held: Some(Held::Good), server: true, ..Facts::default() };
/// assert_eq!(facts.subscription(), Subscription::Unsaved);
/// assert_eq!(Facts { saved: true, ..facts }.subscription(), Subscription::Saved);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subscription {
    /// Nobody has looked yet.
    #[default]
    Unknown,
    /// There is none.
    None,
    /// The server does not know it, or not as it is now.
    Unsaved,
    /// The server confirmed it, or there is no server to tell.
    Saved,
    /// It was made with another key than the server has now.
    Stale,
    /// It ends within a day.
    Expiring,
}

/// What the app asks for.
///
/// # Example
///
/// ```
/// use tidings_core::lifecycle::{Facts, Goal, Step, Worker, next};
///
/// let facts = Facts { read: true, worker: Some(Worker::None), wanted: Some(false), ..Facts::default() };
/// assert_eq!(next(Goal::Look, &facts), Step::Done);
/// assert_eq!(next(Goal::from_number(2), &facts), next(Goal::Subscribe, &facts));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// To know.
    Look,
    /// To have in order what was asked for before, without asking anybody.
    Refresh,
    /// To be subscribed; the permission has been asked for.
    Subscribe,
    /// To be subscribed no more.
    Unsubscribe,
}

/// What is known, in one run; `None` where nobody has looked yet.
///
/// # Example
///
/// ```
/// use tidings_core::lifecycle::{Facts, Permission, Subscription};
///
/// let facts = Facts { permission: Permission::Granted, read: true, ..Facts::default() };
/// assert_eq!(Facts::from_bits(0b101), facts);
/// assert_eq!(facts.subscription(), Subscription::Unknown);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The permission.
    pub permission: Permission,
    /// Whether the record has been read.
    pub read: bool,
    /// Record: whether this browser is to be subscribed, if anybody has said.
    pub wanted: Option<bool>,
    /// Whether there is somebody to tell: a server, or the app's own function.
    pub server: bool,
    /// Whether the server has been asked for its key and what it knows.
    pub asked: bool,
    /// Whether a good key is known, from the app, the server or the record.
    pub key: bool,
    /// The worker.
    pub worker: Option<Worker>,
    /// Whether the worker has been registered in this run.
    pub registered: bool,
    /// The subscription.
    pub held: Option<Held>,
    /// Record: whether the subscription that is to be replaced has been noted.
    pub noted: bool,
    /// Record: whether the server confirmed what it is to know, lately.
    pub saved: bool,
    /// Record: whether the server is still to be told of an end.
    pub removing: bool,
    /// Whether the server may be called: not before the time that it, or the back-off, set.
    pub due: bool,
    /// Whether an answer of the server's is to be recorded.
    pub answered: bool,
    /// Whether the server has been called in vain in this run.
    pub vain: bool,
}

/// One thing to do. What is said to be noted is written to the record before anything else is done.
///
/// # Example
///
/// ```
/// use tidings_core::lifecycle::Step;
///
/// assert_eq!(Step::from_number(6), Step::NoteWanted);
/// assert_eq!(Step::NoteWanted.as_str(), "note-wanted");
/// assert!(Step::Upload.may_fail() && !Step::Subscribe.may_fail());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Read the record.
    Read,
    /// Ask the server for its key, and whether it knows the subscription.
    Ask,
    /// Look for the registration.
    Find,
    /// Register the worker.
    Register,
    /// Wait until the worker is active.
    Activate,
    /// Look for the subscription.
    Look,
    /// Note that a subscription is wanted, and under which key.
    NoteWanted,
    /// Note the subscription that is to be replaced.
    NoteOld,
    /// Note that no subscription is wanted, and that the server is to be told.
    NoteEnd,
    /// End the subscription in the browser.
    End,
    /// Subscribe.
    Subscribe,
    /// Tell the server of the subscription, and of the one that it replaces.
    Upload,
    /// Tell the server of the end.
    Delete,
    /// Record what the server answered.
    Commit,
    /// There is nothing left to do.
    Done,
}

impl Step {
    /// The step with this number, in the order of their declaration.
    ///
    /// See the example of [`Step`].
    pub const fn from_number(number: u32) -> Self {
        const ALL: [Step; 15] = [
            Step::Read,
            Step::Ask,
            Step::Find,
            Step::Register,
            Step::Activate,
            Step::Look,
            Step::NoteWanted,
            Step::NoteOld,
            Step::NoteEnd,
            Step::End,
            Step::Subscribe,
            Step::Upload,
            Step::Delete,
            Step::Commit,
            Step::Done,
        ];
        if number < ALL.len() as u32 { ALL[number as usize] } else { Step::Done }
    }

    /// The step as text, in kebab case.
    ///
    /// See the example of [`Step`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Ask => "ask",
            Self::Find => "find",
            Self::Register => "register",
            Self::Activate => "activate",
            Self::Look => "look",
            Self::NoteWanted => "note-wanted",
            Self::NoteOld => "note-old",
            Self::NoteEnd => "note-end",
            Self::End => "end",
            Self::Subscribe => "subscribe",
            Self::Upload => "upload",
            Self::Delete => "delete",
            Self::Commit => "commit",
            Self::Done => "done",
        }
    }

    /// Whether a run goes on after this step has failed.
    ///
    /// A record that cannot be read or written, a server that cannot be asked: the page does what it can. A server that
    /// cannot be told is told at the next load.
    ///
    /// See the example of [`Step`].
    pub const fn may_fail(self) -> bool {
        matches!(
            self,
            Self::Read
                | Self::Ask
                | Self::NoteWanted
                | Self::NoteOld
                | Self::NoteEnd
                | Self::Upload
                | Self::Delete
                | Self::Commit
        )
    }
}

impl Permission {
    /// The permission with this number, in the order of their declaration; what is none is a refusal.
    ///
    /// # Example
    ///
    /// ```
    /// assert_eq!(tidings_core::lifecycle::Permission::from_number(1), tidings_core::lifecycle::Permission::Granted);
    /// ```
    pub const fn from_number(number: u32) -> Self {
        match number {
            0 => Self::Default,
            1 => Self::Granted,
            _ => Self::Denied,
        }
    }
}

impl Goal {
    /// The goal with this number, in the order of their declaration.
    ///
    /// See the example of [`Goal`].
    pub const fn from_number(number: u32) -> Self {
        match number {
            0 => Self::Look,
            1 => Self::Refresh,
            2 => Self::Subscribe,
            _ => Self::Unsubscribe,
        }
    }
}

/// Facts over the border to JavaScript: one number in place of fourteen members.
///
/// | bits | fact | values |
/// |---|---|---|
/// | 0, 1 | `permission` | default, granted, denied |
/// | 2 | `read` | |
/// | 3, 4 | `wanted` | not said, no, yes |
/// | 5, 6, 7 | `server`, `asked`, `key` | |
/// | 8, 9 | `worker` | not looked, none, waiting, active |
/// | 10 | `registered` | |
/// | 11, 12, 13 | `held` | not looked, none, good, stale, expiring |
/// | 14 to 19 | `noted`, `saved`, `removing`, `due`, `answered`, `vain` | |
impl Facts {
    /// Unpacks facts.
    ///
    /// See the example of [`Facts`].
    #[inline(always)]
    pub const fn from_bits(bits: u32) -> Self {
        const fn flag(bits: u32, at: u32) -> bool {
            bits >> at & 1 == 1
        }
        Self {
            permission: Permission::from_number(bits & 3),
            read: flag(bits, 2),
            wanted: match bits >> 3 & 3 {
                0 => None,
                1 => Some(false),
                _ => Some(true),
            },
            server: flag(bits, 5),
            asked: flag(bits, 6),
            key: flag(bits, 7),
            worker: match bits >> 8 & 3 {
                0 => None,
                1 => Some(Worker::None),
                2 => Some(Worker::Waiting),
                _ => Some(Worker::Active),
            },
            registered: flag(bits, 10),
            held: match bits >> 11 & 7 {
                0 => None,
                1 => Some(Held::None),
                2 => Some(Held::Good),
                3 => Some(Held::Stale),
                _ => Some(Held::Expiring),
            },
            noted: flag(bits, 14),
            saved: flag(bits, 15),
            removing: flag(bits, 16),
            due: flag(bits, 17),
            answered: flag(bits, 18),
            vain: flag(bits, 19),
        }
    }

    /// The subscription in one word.
    ///
    /// See the example of [`Facts`].
    pub const fn subscription(&self) -> Subscription {
        match (self.held, self.worker) {
            (Some(Held::None), _) | (None, Some(Worker::None)) => Subscription::None,
            (None, _) => Subscription::Unknown,
            (Some(Held::Stale), _) => Subscription::Stale,
            (Some(Held::Expiring), _) => Subscription::Expiring,
            (Some(Held::Good), _) if self.saved || !self.server => Subscription::Saved,
            (Some(Held::Good), _) => Subscription::Unsaved,
        }
    }
}

/// What it means that a step failed.
///
/// `name` is that of the browser's error (never its text, which differs and changes), empty if the step took too long;
/// `status` is what the server answered with, 0 if it did not.
///
/// # Example
///
/// ```
/// use tidings_core::{error::Code, lifecycle::{Permission, Step, failure}};
///
/// assert_eq!(failure(Step::Subscribe, "AbortError", 0, Permission::Granted), Code::PushServiceUnavailable);
/// assert_eq!(failure(Step::Upload, "", 503, Permission::Granted), Code::ServerRefused);
/// ```
pub fn failure(step: Step, name: &str, status: u32, permission: Permission) -> Code {
    match (step, name) {
        (Step::Ask | Step::Upload | Step::Delete, _) => match status {
            0 => Code::ServerUnavailable,
            401 | 403 => Code::UserRefused,
            _ => Code::ServerRefused,
        },
        (Step::Register | Step::Activate, "") => Code::WorkerTimeout,
        (Step::Find | Step::Register | Step::Activate, _) => Code::WorkerFailed,
        (_, "" | "AbortError") => Code::PushServiceUnavailable,
        (_, "NotAllowedError") if permission == Permission::Default => Code::PermissionDismissed,
        (_, "NotAllowedError") => Code::PermissionDenied,
        (_, "InvalidStateError") => Code::KeyMismatch,
        (_, "InvalidAccessError" | "InvalidCharacterError") => Code::InvalidKey,
        _ => Code::Unknown,
    }
}

/// What it means that the permission is not granted after it was asked for, and the answer took these milliseconds.
///
/// `unseen`: all the while the page kept the focus that the browser's question takes.
///
/// # Example
///
/// ```
/// use tidings_core::{error::Code, lifecycle::{Permission, refusal}};
///
/// assert_eq!(refusal(Permission::Denied, true, 2_500.0, false), Code::PermissionDenied);
/// assert_eq!(refusal(Permission::Denied, true, 3.0, false), Code::PermissionQuiet); // nobody is that fast
/// assert_eq!(refusal(Permission::Default, true, 1_500.0, true), Code::PermissionQuiet);
/// ```
pub fn refusal(permission: Permission, asked: bool, milliseconds: f64, unseen: bool) -> Code {
    // An answer that comes sooner came from no person.
    const REFLEX: f64 = 100.0;
    match permission {
        _ if asked && milliseconds < REFLEX => Code::PermissionQuiet,
        Permission::Default if asked && unseen => Code::PermissionQuiet,
        Permission::Default => Code::PermissionDismissed,
        _ => Code::PermissionDenied,
    }
}

/// The next step.
///
/// # Example
///
/// ```
/// use tidings_core::lifecycle::{Facts, Goal, Permission, Step, next};
///
/// let mut facts = Facts { permission: Permission::Granted, server: true, ..Facts::default() };
/// assert_eq!(next(Goal::Subscribe, &facts), Step::Read);
/// facts.read = true;
/// assert_eq!(next(Goal::Subscribe, &facts), Step::Ask);
/// facts.asked = true;
/// assert_eq!(next(Goal::Subscribe, &facts), Step::Register);
/// ```
pub fn next(goal: Goal, facts: &Facts) -> Step {
    if !facts.read {
        Step::Read
    } else if goal == Goal::Unsubscribe {
        look(facts, Step::Find).unwrap_or_else(|| end(goal, facts))
    } else {
        keep(goal, facts)
    }
}

/// Finds out what the browser has, if that is not known yet.
fn look(facts: &Facts, first: Step) -> Option<Step> {
    match facts.worker {
        None => Some(first),
        Some(Worker::None) => None,
        _ => facts.held.is_none().then_some(Step::Look),
    }
}

/// The server first, so that it does not send to nobody; but the person's wish does not wait for the network.
fn end(goal: Goal, facts: &Facts) -> Step {
    let held = facts.held.unwrap_or_default() != Held::None;
    let asked = goal == Goal::Unsubscribe;
    if asked && (facts.wanted != Some(false) || held && !facts.removing) {
        Step::NoteEnd
    } else if !facts.removing {
        Step::Done
    } else if facts.server && !facts.answered && !facts.vain && (asked || facts.due) {
        Step::Delete
    } else if held {
        Step::End
    } else if facts.answered || !facts.server {
        Step::Commit
    } else {
        Step::Done
    }
}

fn keep(goal: Goal, facts: &Facts) -> Step {
    let subscribing = goal == Goal::Subscribe;
    if facts.answered && (subscribing || facts.wanted != Some(false)) {
        return Step::Commit;
    }
    let ask = facts.server && !facts.asked;
    if subscribing && ask {
        // A server that refuses is known before anything is registered.
        return Step::Ask;
    }
    let held = facts.held.unwrap_or_default();
    let wanted = subscribing || facts.wanted.unwrap_or(held != Held::None);
    // Without permission nothing can be done, and nothing is undone: it may be granted again.
    let act = goal != Goal::Look && wanted && facts.permission == Permission::Granted;
    match facts.worker {
        // The registration may have been lost, with the subscription.
        Some(Worker::None) if act && !facts.registered => return Step::Register,
        Some(Worker::Waiting) if act => return Step::Activate,
        _ => {}
    }
    if let Some(step) = look(facts, if subscribing { Step::Register } else { Step::Find }) {
        return step;
    }
    if goal == Goal::Refresh && !wanted {
        return end(goal, facts);
    }
    if !act || facts.worker == Some(Worker::None) {
        return Step::Done;
    }
    if ask {
        return Step::Ask;
    }
    let call = facts.server && !facts.vain && (subscribing || facts.due);
    if held == Held::None && !facts.key {
        return Step::Done;
    }
    if facts.wanted != Some(true) {
        return Step::NoteWanted;
    }
    if facts.removing && call {
        return Step::Delete;
    }
    match held {
        Held::Good if !facts.saved && call => Step::Upload,
        Held::Good => Step::Done,
        _ if !facts.noted => Step::NoteOld,
        Held::None => Step::Subscribe,
        _ => Step::End,
    }
}

#[cfg(test)]
mod tests;
