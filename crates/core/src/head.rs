//! The head of the page: its decisions, over plain values that come over the border to JavaScript. The hands carry them out,
//! see `crates/client/src/page/hands.rs`.
//!
//! # Example
//!
//! ```
//! use tidings_core::{head, lifecycle::{Goal, Step}};
//!
//! assert_eq!(head::next(Goal::Refresh as u32, 0), Step::Read as u32);
//! ```

use alloc::string::String;

use crate::{
    backoff,
    environment::{self, Facts as Environment},
    key,
    lifecycle::{self, Facts, Goal, Permission, Step},
};

/// The number of the next [`Step`].
pub fn next(goal: u32, facts: u32) -> u32 {
    lifecycle::next(Goal::from_number(goal), &Facts::from_bits(facts)) as u32
}

/// Whether a run goes on after this step has failed.
pub fn may_fail(step: u32) -> bool {
    Step::from_number(step).may_fail()
}

/// The number of the [`Subscription`](lifecycle::Subscription) that these facts make.
pub fn subscription(facts: u32) -> u32 {
    Facts::from_bits(facts).subscription() as u32
}

/// The number of the code of a step that failed.
pub fn failure(step: u32, name: &str, status: u32, permission: u32) -> u32 {
    lifecycle::failure(Step::from_number(step), name, status, Permission::from_number(permission)) as u32
}

/// The number of the code of a permission that was not given.
pub fn refusal(permission: u32, asked: bool, milliseconds: f64, unseen: bool) -> u32 {
    lifecycle::refusal(Permission::from_number(permission), asked, milliseconds, unseen) as u32
}

/// The number of the code of what hinders push; -1 if nothing does.
pub fn obstacle(user_agent: &str, facts: u32) -> i32 {
    environment::obstacle(&Environment::from_bits(user_agent, facts)).map_or(-1, |code| code as i32)
}

/// Whether this browser asks only after a gesture.
pub fn needs_gesture(user_agent: &str) -> bool {
    environment::needs_gesture(user_agent)
}

/// The name of this device, for people: of the browser, and of the platform.
pub fn names(user_agent: &str, touch: bool) -> (&'static str, &'static str) {
    environment::names(user_agent, touch)
}

/// The same as one text.
pub fn label(user_agent: &str, touch: bool) -> String {
    environment::label(user_agent, touch)
}

/// Whether this is an `applicationServerKey`.
pub fn is_key(key: &str) -> bool {
    key::is_key(key)
}

/// Whether both are the same key.
pub fn is_same_key(key: &str, bytes: &[u8]) -> bool {
    key::is_same(key, bytes)
}

/// How long to wait before the next upload, in milliseconds.
pub fn upload_wait(failures: u32, retry_after: f64, random: f64) -> f64 {
    backoff::upload(failures, Some(retry_after), random)
}

/// How long not to show the app's own question again, in milliseconds.
pub fn priming_wait(dismissals: u32) -> f64 {
    backoff::priming(dismissals)
}
