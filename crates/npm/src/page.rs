//! What the hands of the page call: the decisions of [`tidings_core::head`] on numbers, and on a [text](crate::text) whose
//! length they are given.

use tidings_core::head;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::text::{answer, bytes, place, text, text_behind};

macro_rules! export {
    ($($name:ident as $js:ident ($($argument:ident: $type:ty),*) -> $result:ty = $decision:expr;)+) => {
        $(
            #[doc = concat!("See [`head::", stringify!($name), "`].")]
            #[wasm_bindgen(js_name = $js)]
            pub fn $name($($argument: $type),*) -> $result {
                $decision as $result
            }
        )+
    };
}

export! {
    next as next (goal: u32, facts: u32) -> u32 = head::next(goal, facts);
    may_fail as mayFail (step: u32) -> u32 = head::may_fail(step);
    subscription as subscription (facts: u32) -> u32 = head::subscription(facts);
    failure as failure (step: u32, name: u32, status: u32, permission: u32) -> u32 =
        head::failure(step, text(name), status, permission);
    refusal as refusal (permission: u32, asked: u32, milliseconds: f64, unseen: u32) -> u32 =
        head::refusal(permission, asked != 0, milliseconds, unseen != 0);
    obstacle as obstacle (user_agent: u32, facts: u32) -> i32 = head::obstacle(text(user_agent), facts);
    needs_gesture as needsGesture (user_agent: u32) -> u32 = head::needs_gesture(text(user_agent));
    is_key as isKey (key: u32) -> u32 = head::is_key(text(key));
    is_same_key as isSameKey (length: u32, key: u32) -> u32 = head::is_same_key(text_behind(length, key), bytes(length));
    upload_wait as uploadWait (failures: u32, retry_after: f64, random: f64) -> f64 =
        head::upload_wait(failures, retry_after, random);
    priming_wait as primingWait (dismissals: u32) -> f64 = head::priming_wait(dismissals);
}

/// The label of this device takes the place of the user agent; how long it is.
#[wasm_bindgen]
pub fn label(user_agent: u32, touch: u32) -> u32 {
    let (browser, platform) = head::names(text(user_agent), touch != 0);
    answer(&[browser, " on ", platform])
}

/// Where the text goes.
#[wasm_bindgen]
pub fn room() -> u32 {
    place() as u32
}
