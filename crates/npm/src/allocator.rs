//! No memory to give: no decision needs any, so whoever asks for some traps. The crate `alloc` wants an allocator all the
//! same, if only to be linked.

#[cfg(target_arch = "wasm32")]
#[expect(unsafe_code, reason = "an allocator is unsafe by its trait")]
mod global {
    use core::alloc::{GlobalAlloc, Layout};

    struct Nothing;

    #[global_allocator]
    static GLOBAL: Nothing = Nothing;

    // SAFETY: no block is ever given.
    unsafe impl GlobalAlloc for Nothing {
        unsafe fn alloc(&self, _: Layout) -> *mut u8 {
            core::arch::wasm32::unreachable()
        }

        unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
    }
}
