//! The outbox: whose turn it is, and what an answer means. The rules are in [`tidings_core::outbox`].

use tidings_core::{
    outbox::{self, Answer, Outcome},
    value::Value,
};
use wasm_bindgen::JsValue;

use crate::js::Js;

/// Whose turn it is in a lane (a strict queue's name, or `undefined` for all others): the number of a
/// [`Turn`](tidings_core::outbox::Turn). `eager` is from 0 to 2.
pub fn turn(entry: &JsValue, lane: &JsValue, now: f64, eager: f64) -> u32 {
    outbox::turn(&Js(entry.clone()), &Js(lane.clone()), now, eager) as u32
}

/// What an answer means for an entry: `undefined` if it has arrived and leaves; otherwise what changes of it, an object
/// with `next` and `hold` if it is to be tried again, or with `reason` if it is set aside.
///
/// `seconds` and `date` are `Retry-After` as a number and as a date, NaN if it is none; `status` is 0 without an answer.
pub fn judge(entry: &JsValue, status: u16, seconds: f64, date: f64, now: f64, random: f64) -> JsValue {
    let mut change = Js::object();
    match outbox::judge(&Js(entry.clone()), Answer { status, seconds, date }, now, random) {
        Outcome::Done => return JsValue::UNDEFINED,
        Outcome::Retry { next, hold } => {
            change.set("next", Js::of_number(next));
            change.set("hold", Js::of_number(hold));
        }
        Outcome::Aside(reason) => change.set("reason", Js::of_text(reason)),
    }
    change.0
}
