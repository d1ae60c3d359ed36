//! What the hands of the page call: decisions on plain values, see [`tidings::page::head`].

use alloc::string::String;

use tidings::page::head;
use wasm_bindgen::prelude::wasm_bindgen;

macro_rules! export {
    ($($name:ident as $js:ident ($($argument:ident: $type:ty),*) -> $result:ty;)+) => {
        $(
            #[doc = concat!("See [`head::", stringify!($name), "`].")]
            #[wasm_bindgen(js_name = $js)]
            pub fn $name($($argument: $type),*) -> $result {
                head::$name($($argument),*)
            }
        )+
    };
}

export! {
    next as next (goal: u32, facts: u32) -> u32;
    may_fail as mayFail (step: u32) -> bool;
    subscription as subscription (facts: u32) -> u32;
    failure as failure (step: u32, name: &str, status: u32, permission: u32) -> u32;
    refusal as refusal (permission: u32, asked: bool, milliseconds: f64, unseen: bool) -> u32;
    obstacle as obstacle (user_agent: &str, facts: u32) -> i32;
    needs_gesture as needsGesture (user_agent: &str) -> bool;
    label as label (user_agent: &str, touch: bool) -> String;
    is_key as isKey (key: &str) -> bool;
    is_same_key as isSameKey (key: &str, bytes: &[u8]) -> bool;
    upload_wait as uploadWait (failures: u32, retry_after: f64, random: f64) -> f64;
    priming_wait as primingWait (dismissals: u32) -> f64;
}
