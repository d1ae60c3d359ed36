//! The service-worker side: what is to be shown for a push, and what a click does. Decisions, nothing else.
//!
//! Every function is synchronous and takes and gives plain values, so that a worker is never left waiting for WASM, and
//! a failure of the WASM is seen at once. What is decided is carried out by the shim of the npm package (listeners,
//! windows, storage, network), which `tidings worker` also packs around a Rust service worker.
//!
//! | event | function | decides |
//! |---|---|---|
//! | `push` | [`plan`] | whether the push is ours, and what it asks to show |
//! | `push` | [`finish`] | what is shown in the end, with what the app's hook has changed |
//! | `notificationclick` | [`click`] | where the click goes, and by which policy |
//! | `notificationclick` | [`choose`] | which of the open windows it takes |
//! | `sync`, `message`, … | [`turn`] | which entry of the outbox is sent |
//! | `sync`, `message`, … | [`judge`] | what its answer means |
//!
//! An app in Rust says what it wants in a [`Config`]: defaults, and hooks that are Rust closures.
//! [`export_worker!`](crate::export_worker) makes its cdylib a service worker.

mod click;
mod config;
mod exports;
mod message;
mod outbox;
mod plan;

pub use click::{choose, click};
pub use config::Config;
#[cfg(feature = "serde")]
pub use message::DataError;
pub use message::{Answer, Change, Click, Dismissed, Message, Next};

pub use outbox::{WorkerJob, judge, turn};
pub use plan::{finish, plan};
