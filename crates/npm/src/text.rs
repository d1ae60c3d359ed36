//! The text that a decision of the page is about: JavaScript writes it here before the call.
//!
//! With numbers as the only arguments nothing is allocated, and the glue of wasm-bindgen is not needed: together that was
//! half of what the page's module weighed.

use core::cell::UnsafeCell;

/// How long a text may be, in bytes; crates/npm/js/page/start.ts has the same. What is longer is cut.
const ROOM: usize = 4096;

struct Room(UnsafeCell<[u8; ROOM]>);

#[expect(unsafe_code, reason = "JavaScript writes to this memory between two calls")]
// SAFETY: the module is compiled without threads.
unsafe impl Sync for Room {}

static PLACE: Room = Room(UnsafeCell::new([0; ROOM]));

/// Where it is.
pub fn place() -> usize {
    PLACE.0.get() as usize
}

/// The first so many bytes there.
pub fn bytes(length: u32) -> &'static [u8] {
    #[expect(unsafe_code, reason = "see above")]
    // SAFETY: nobody writes during a call but `answer`, which is the last thing that its call does.
    let all: &'static [u8; ROOM] = unsafe { &*PLACE.0.get() };
    all.get(..length as usize).unwrap_or_default()
}

/// The text of this length.
pub fn text(length: u32) -> &'static str {
    text_behind(0, length)
}

/// The text of this length that stands behind so many bytes.
pub fn text_behind(before: u32, length: u32) -> &'static str {
    let text = bytes(before + length).get(before as usize..).unwrap_or_default();
    #[expect(unsafe_code, reason = "to check it would weigh more than all that is decided on it")]
    // SAFETY: a TextEncoder has written it, which writes whole characters of UTF-8 only.
    unsafe {
        core::str::from_utf8_unchecked(text)
    }
}

/// Writes these parts in place of the text; how long they are together.
pub fn answer(parts: &[&str]) -> u32 {
    #[expect(unsafe_code, reason = "see above")]
    // SAFETY: whoever calls this has no use for the text any more.
    let place = unsafe { &mut *PLACE.0.get() };
    let mut length = 0;
    for byte in parts.iter().flat_map(|part| part.bytes()) {
        if let Some(place) = place.get_mut(length) {
            *place = byte;
            length += 1;
        }
    }
    length as u32
}
