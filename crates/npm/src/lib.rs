//! The WASM of the npm package `tidings`: a panic handler and thin exports, nothing else.
//!
//! Two modules are built from it: feature `worker` for `dist/worker.js`, feature `page` for the page entry.

#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

/// A trap, without a message: the JavaScript around it shows the notification by itself and starts a new instance.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

pub mod allocator;
#[cfg(feature = "worker")]
pub mod handle;
#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "page")]
pub mod text;
#[cfg(feature = "worker")]
pub mod worker;
