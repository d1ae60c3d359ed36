//! The WASM of the npm package `tidings`: an allocator, a panic handler and thin exports, nothing else.
//!
//! Two modules are built from it: feature `worker` for `dist/worker.js`, feature `page` for the page entry.

#![forbid(unsafe_code)]
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// A trap, without a message: the JavaScript around it shows the notification by itself and starts a new instance.
#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(feature = "page")]
pub mod page;
#[cfg(feature = "worker")]
pub mod worker;
