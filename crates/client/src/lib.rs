//! Web Push for Rust web apps: from the permission prompt to the click on a notification.
//!
//! | module | where it runs | what it does |
//! |---|---|---|
//! | [`page`] | in the page | environment, state, permission, a subscription that lives on, users, clicks |
//! | [`outbox`] | in the page | queues what must reach a server |
//! | [`worker`] | in the service worker | shows one notification for a push, opens the right window for a click |
//!
//! # Example
//!
//! ```no_run
//! use tidings::page::{Options, Push};
//!
//! # async fn run() -> Result<(), tidings::PushError> {
//! let push = Push::new(Options::default());
//! let subscription = push.subscribe().await?; // asks, registers the worker, subscribes, tells the server
//! let clicks = push.on_click(|click| { /* route to click.url() */ })?;
//! # drop(clicks);
//! # Ok(()) }
//! ```
//!
//! Everything compiles natively, so that a server may render the same components: there [`page::environment`] returns an
//! obstacle, [`page::Push`] knows nothing, what it is asked to do fails with [`Code::NoServiceWorker`], and the outbox takes
//! nothing ([`OutboxCode::Unsupported`](outbox::OutboxCode::Unsupported)). Nothing panics; tests/native.rs calls it all.

#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

extern crate alloc;

mod error;
mod js;
#[cfg(feature = "outbox")]
pub mod outbox;
#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "stream")]
mod stream;
mod sys;
#[cfg(feature = "worker")]
pub mod worker;

/// What the macros name in the app's crate.
#[doc(hidden)]
pub mod __private {
    pub use js_sys;
    pub use wasm_bindgen;
}

/// The member of a notification's `data`, and of a message to a page, that is ours; all others are the app's.
pub use tidings_core::extras::KEY as DATA_KEY;

pub use error::PushError;
pub use js::Js;
#[cfg(feature = "stream")]
pub use stream::Events;
pub use tidings_core as core;
pub use tidings_core::error::Code;

/// The guide's code, compiled with the documentation's tests.
#[cfg(all(doctest, feature = "stream", feature = "serde"))]
#[doc = include_str!("../../../docs/rust.md")]
mod guide {}
