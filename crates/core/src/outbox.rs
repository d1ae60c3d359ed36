//! What becomes of an entry of the outbox: when it is sent, and what its answer means.
//!
//! An entry is a plain object that lives in IndexedDB; page and worker write it, see `crates/npm/js/outbox/entry.ts`. Of
//! its members these decide, and one of the wrong type is as if it were not there:
//!
//! | member | type | meaning |
//! |---|---|---|
//! | `queue` | string | the queue it belongs to |
//! | `strict` | boolean | the queue is sent one by one, in order |
//! | `attempts` | number | how often it was tried in vain |
//! | `limit` | number | how often it may be tried in vain; missing: until it expires |
//! | `expires` | number | milliseconds since 1970; not sent after that |
//! | `next` | number | not to be tried before, in milliseconds since 1970 |
//! | `hold` | number | why: 0 nobody answered, 1 the back-off after an answer, 2 the server or the app asked for it |

use crate::{
    backoff,
    value::{Kinds, Value},
};

const DAY: f64 = 24.0 * 3600.0 * 1000.0;

/// What to do with an entry that a lane comes to.
///
/// A lane is one walk over the stored entries, in the order of priority and time: one for all entries whose queue does
/// not mind the order, and one for each strict queue. So whatever a strict queue waits for, it holds up itself alone.
///
/// See the example of [`turn`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Send it.
    Send = 0,
    /// Its time has not come. A strict lane ends here: nothing overtakes.
    Wait = 1,
    /// It is too old: set it aside.
    Expired = 2,
    /// It belongs to another lane.
    Other = 3,
}

/// Whose turn it is: `lane` is the strict queue that is walked, or no string for all the free ones.
///
/// `eager` is how little a walk waits: 0 for all that has a time; 1 (the network is back) not for what nobody answered;
/// 2 (the user asks) only for what the server or the app asked for;
/// 3 (the clock was put back, so `next` says nothing) not at all.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{json::Json, outbox::{Turn, turn}};
///
/// let entry = Json::parse(r#"{"queue": "orders", "strict": true, "expires": 9000, "next": 2000, "hold": 0}"#).unwrap();
/// let lane = Json::from("orders");
/// assert_eq!(turn(&entry, &lane, 1000.0, 0.0), Turn::Wait);
/// assert_eq!(turn(&entry, &lane, 1000.0, 1.0), Turn::Send); // the network is back
/// assert_eq!(turn(&entry, &lane, 9000.0, 0.0), Turn::Expired);
/// assert_eq!(turn(&entry, &Json::from("photos"), 1000.0, 0.0), Turn::Other);
/// # }
/// ```
pub fn turn<V: Value>(entry: &V, lane: &V, now: f64, eager: f64) -> Turn {
    let strict = entry.pick("strict", Kinds::TRUE).is_some();
    let own = if strict { entry.get("queue") } else { None };
    if own != Some(lane.clone()).filter(V::is_string) {
        return Turn::Other;
    }
    if number(entry, "expires") <= now {
        return Turn::Expired;
    }
    if number(entry, "next") > now && number(entry, "hold") >= eager { Turn::Wait } else { Turn::Send }
}

/// What an attempt has come to.
///
/// See the example of [`judge`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Answer {
    /// The status of the response; 0: there was none (network, time-out).
    pub status: u16,
    /// `Retry-After` as a number of seconds; NaN if it is none.
    pub seconds: f64,
    /// `Retry-After` as a date, in milliseconds since 1970; NaN if it is none.
    pub date: f64,
}

/// What an answer means for the entry.
///
/// See the example of [`judge`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// It has arrived: it leaves the outbox.
    Done,
    /// To be tried again.
    Retry {
        /// Not before this time, in milliseconds since 1970.
        next: f64,
        /// Why, as the member `hold` of the entry says it.
        hold: f64,
    },
    /// Sending the same again would not help: kept aside, for the app to see.
    Aside(&'static str),
}

/// Judges an answer at `now`; `random` is from 0 to 1.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "json")] {
/// use tidings_core::{json::Json, outbox::{Answer, Outcome, judge}};
///
/// let entry = Json::parse(r#"{"queue": "orders"}"#).unwrap();
/// let answer = |status| Answer { status, seconds: f64::NAN, date: f64::NAN };
/// assert_eq!(judge(&entry, answer(201), 0.0, 0.5), Outcome::Done);
/// assert_eq!(judge(&entry, answer(400), 0.0, 0.5), Outcome::Aside("refused"));
/// assert!(matches!(judge(&entry, answer(503), 0.0, 0.5), Outcome::Retry { .. }));
/// # }
/// ```
pub fn judge<V: Value>(entry: &V, answer: Answer, now: f64, random: f64) -> Outcome {
    match answer.status {
        200..=299 => return Outcome::Done,
        // No answer; too slow, too early, too many; and all that is the server's own fault.
        0 | 408 | 425 | 429 | 500.. => {}
        // Also a redirect that was not to be followed.
        _ => return Outcome::Aside("refused"),
    }
    let attempts = number(entry, "attempts").max(0.0) + 1.0;
    if attempts >= number(entry, "limit") {
        return Outcome::Aside("attempts");
    }
    // One of the two is NaN; one that has passed asks for nothing.
    let wish = (answer.seconds * 1000.0).max(answer.date - now);
    let asked = wish > 0.0;
    // A server knows best, but keeps no browser away for longer than a day; a little later, not all at once.
    let wait =
        if asked { wish.min(DAY) * (1.0 + random / 10.0) } else { backoff::upload(attempts as u32, None, random) };
    let hold = if asked { 2.0 } else { (answer.status > 0).into() };
    Outcome::Retry { next: now + wait, hold }
}

/// NaN if there is none: every comparison with it is false.
fn number<V: Value>(entry: &V, name: &str) -> f64 {
    entry.get(name).and_then(|value| value.as_number()).unwrap_or(f64::NAN)
}

#[cfg(all(test, feature = "json"))]
mod tests;
