//! What comes from outside, thrown at what reads it.
//!
//! Each target takes any bytes and must neither panic nor hang nor break the rule that it states. They run in two ways:
//! `cargo test -p tidings-fuzz` mutates the kept inputs on any compiler, `cargo +nightly fuzz run <target> --features
//! libfuzzer` lets libFuzzer search by coverage. See `fuzz/README.md`.

#![forbid(unsafe_code)]
// A target fails by panicking.
#![allow(clippy::expect_used, clippy::missing_panics_doc)]

mod push_service;
mod rules;
mod server;
mod wire;

pub use push_service::{autopush, mcs, push_service};
pub use rules::{endpoint, message};
pub use server::server;

/// A fuzz target.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus.
pub const TARGETS: [(&str, Target); 6] = [
    ("message", message),
    ("endpoint", endpoint),
    ("mcs", mcs),
    ("autopush", autopush),
    ("push_service", push_service),
    ("server", server),
];
