//! Packing a service worker written in Rust: the tools that build it, and the script that they come to.

pub(crate) mod build;
mod inline;
mod pack;
pub(crate) mod tools;

pub(crate) use pack::pack;
