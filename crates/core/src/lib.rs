//! The message model and the rules of Tidings, without WASM, without I/O, without `std`.
//!
//! What the service worker, the page, the application server and the command line must agree on lives here once:
//!
//! | module | what it decides |
//! |---|---|
//! | [`declarative`] | what is a Declarative Web Push message, and what it asks to show |
//! | [`value`] | where the parser reads from: a native JSON value or a JavaScript value |
//! | [`message`] | how a sender builds such a message (feature `json`) |
//! | [`key`] | what is an `applicationServerKey` |
//! | [`base64url`] | the encoding of keys and secrets |
//! | [`click`] | which window a click focuses, or which URL it opens |
//! | [`plan`] | what is shown for a push, whatever it carries |
//! | [`decide`] | the same as plain values, as the service worker asks for them |
//! | [`extras`] | what a message may say beyond the standard |
//! | [`environment`] | what hinders push in a page |
//! | [`lifecycle`] | what a page does next about its subscription |
//! | [`backoff`] | when to try again |
//! | [`outbox`] | what becomes of an entry of the outbox |
//! | [`error`] | the stable codes of every error a page can see |
//!
//! # Example
//!
//! ```
//! # #[cfg(feature = "json")] {
//! use tidings_core::{declarative, json::Json};
//!
//! let text = r#"{"web_push": 8030, "notification": {"title": "Hello", "navigate": "/inbox"}}"#;
//! let message = declarative::parse(&Json::parse(text).unwrap(), &Json::from("https://app.example/"))?;
//! assert_eq!(message.navigate, Json::from("https://app.example/inbox"));
//! # }
//! # Ok::<(), tidings_core::declarative::Malformed>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

pub mod backoff;
pub mod base64url;
pub mod click;
pub mod decide;
pub mod declarative;
pub mod environment;
pub mod error;
pub mod extras;
#[doc(hidden)]
pub mod head;
#[cfg(feature = "json")]
pub mod json;
pub mod key;
pub mod lifecycle;
#[cfg(feature = "json")]
pub mod message;
pub mod outbox;
pub mod plan;
pub mod value;
