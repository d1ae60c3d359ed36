//! The one state of web push in this page, and those who follow it.

use alloc::{
    rc::{Rc, Weak},
    string::String,
    vec::Vec,
};
use core::cell::RefCell;

use tidings_core::{
    error::Code,
    lifecycle::{Permission, Step, Subscription, Worker},
};
use wasm_bindgen::JsValue;

use super::hands::{self, get};

/// Permission, subscription and worker, with the reason why they are not all they could be.
///
/// # Example
///
/// ```no_run
/// use tidings::page::{Options, Push, Subscription};
///
/// # fn show(_: bool) {}
/// let push = Push::new(Options::default());
/// let follow = push.on_state(|state| show(state.subscription == Subscription::Saved));
/// # drop(follow);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct State {
    /// What the person has decided.
    pub permission: Permission,
    /// The subscription.
    pub subscription: Subscription,
    /// The service worker.
    pub worker: Worker,
    /// Why not: what hinders push here, or what went wrong last.
    pub reason: Option<Code>,
    /// The step that failed; the next load goes on with it.
    pub step: Option<Step>,
    /// Whether what is known survives this page; not where storage is blocked.
    pub persisted: bool,
    /// The user that this device belongs to.
    pub user: Option<String>,
}

impl State {
    /// While a server renders.
    pub(super) fn nowhere() -> Self {
        Self {
            permission: Permission::Denied,
            subscription: Subscription::Unknown,
            worker: Worker::None,
            reason: Some(Code::NoServiceWorker),
            step: None,
            persisted: false,
            user: None,
        }
    }

    /// From the hands' plain object.
    pub(super) fn from_js(state: &JsValue) -> Self {
        let text = |name| get(state, name).as_string();
        let permission = match text("permission").as_deref() {
            Some("granted") => Permission::Granted,
            Some("default") => Permission::Default,
            _ => Permission::Denied,
        };
        let subscription = match text("subscription").as_deref() {
            Some("none") => Subscription::None,
            Some("unsaved") => Subscription::Unsaved,
            Some("saved") => Subscription::Saved,
            Some("stale") => Subscription::Stale,
            Some("expiring") => Subscription::Expiring,
            _ => Subscription::Unknown,
        };
        let worker = match text("worker").as_deref() {
            Some("active") => Worker::Active,
            Some("waiting") => Worker::Waiting,
            _ => Worker::None,
        };
        let step = text("step");
        Self {
            permission,
            subscription,
            worker,
            reason: hands::code(&get(state, "reason")),
            step: (0..Step::Done as u32).map(Step::from_number).find(|known| step.as_deref() == Some(known.as_str())),
            persisted: get(state, "persisted").is_truthy(),
            user: text("user"),
        }
    }
}

type Callback = RefCell<dyn FnMut(&State)>;

/// Who is told of changes.
#[derive(Clone, Default)]
pub(super) struct Followers(Rc<RefCell<Vec<Weak<Callback>>>>);

/// Calls back as long as it is kept.
///
/// # Example
///
/// ```no_run
/// # fn run(push: tidings::page::Push) {
/// let follower = push.on_state(|state| { /* while this component lives */ });
/// drop(follower);
/// push.on_state(|state| { /* as long as the page lives */ }).forget();
/// # }
/// ```
#[must_use = "the callback ends when this is dropped"]
pub struct Follower {
    #[expect(dead_code, reason = "keeps the callback alive")]
    callback: Rc<Callback>,
}

impl Follower {
    /// Keeps the callback for as long as the page lives.
    ///
    /// See the example of [`Follower`].
    pub fn forget(self) {
        core::mem::forget(self);
    }
}

impl core::fmt::Debug for Follower {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Follower")
    }
}

impl Followers {
    pub(super) fn follow(&self, callback: impl FnMut(&State) + 'static) -> Follower {
        let callback: Rc<Callback> = Rc::new(RefCell::new(callback));
        let mut all = self.0.borrow_mut();
        all.retain(|follower| follower.strong_count() > 0);
        all.push(Rc::downgrade(&callback));
        Follower { callback }
    }

    pub(super) fn tell(&self, state: &State) {
        // A follower may follow, or cause a change, in its turn.
        let all = self.0.borrow().clone();
        for follower in all.iter().filter_map(Weak::upgrade) {
            if let Ok(mut callback) = follower.try_borrow_mut() {
                callback(state);
            }
        }
    }
}
