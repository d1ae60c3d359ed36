//! What the worker's script calls: the decisions of [`tidings_core::decide`], on [handles](Handle).

use tidings_core::{
    decide,
    outbox::{self, Answer},
};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::handle::Handle;

/// What a push asks to show; 0 if it is not ours.
#[wasm_bindgen]
pub fn plan(payload: i32, is_text: i32, all: i32, options: i32, scope: i32, now: f64) -> i32 {
    let (options, scope) = (Handle::of(options), Handle::of(scope));
    number(decide::plan(Handle::some(payload), is_text != 0, all != 0, &options, &scope, now))
}

/// What is shown in the end.
#[wasm_bindgen]
pub fn finish(plan: i32, change: i32, scope: i32, max_actions: i32) -> i32 {
    decide::finish(&Handle::of(plan), &Handle::of(change), &Handle::of(scope), max_actions as usize).number()
}

/// Where a click goes; 0 if the notification is not ours.
#[wasm_bindgen]
pub fn click(data: i32, action: i32, scope: i32, origins: i32) -> i32 {
    number(decide::click(&Handle::of(data), &Handle::of(action), &Handle::of(scope), &Handle::of(origins)))
}

/// Which window a click takes; NaN for a new one.
#[wasm_bindgen]
pub fn choose(policy: i32, url: i32, scope: i32, windows: i32) -> f64 {
    decide::choose(&Handle::of(policy), &Handle::of(url), &Handle::of(scope), &Handle::of(windows))
        .map_or(f64::NAN, f64::from)
}

/// Whose turn it is in the outbox.
#[wasm_bindgen]
pub fn turn(entry: i32, lane: i32, now: f64, eager: f64) -> i32 {
    outbox::turn(&Handle::of(entry), &Handle::of(lane), now, eager) as i32
}

/// What an answer means for an entry of the outbox; 0 if it has arrived.
#[wasm_bindgen]
pub fn judge(entry: i32, status: i32, seconds: f64, date: f64, now: f64, random: f64) -> i32 {
    let answer = Answer { status: status as u16, seconds, date };
    number(decide::judge(&Handle::of(entry), answer, now, random))
}

fn number(value: Option<Handle>) -> i32 {
    value.map_or(0, Handle::number)
}
