//! The service-worker side: one notification for a push, the right window for a click.
//!
//! Both functions are synchronous and return the promise to give to `event.waitUntil`: a service worker must register its
//! listeners in its first synchronous evaluation, and a click must reach its window call within a second.
//!
//! # Example
//!
//! ```no_run
//! use wasm_bindgen::prelude::*;
//!
//! #[wasm_bindgen]
//! pub fn push(event: web_sys::PushEvent) -> js_sys::Promise {
//!     tidings::worker::push(&event)
//! }
//!
//! #[wasm_bindgen]
//! pub fn click(event: web_sys::NotificationEvent) -> js_sys::Promise {
//!     tidings::worker::click(&event)
//! }
//! ```

mod click;
mod push;
mod windows;

pub use click::click;
pub use push::push;

use wasm_bindgen::JsCast;

use crate::sys::{global, worker::Scope};

fn scope() -> Scope {
    global().unchecked_into()
}
