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
//! | `asked` | boolean | `next` is what the server asked for |

use crate::{backoff, value::Value};

/// What to do with an entry that a lane comes to.
///
/// A lane is one walk over the stored entries, in the order of priority and time: one for all entries whose queue does
/// not mind the order, and one for each strict queue. So whatever a strict queue waits for, it holds up itself alone.
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
/// An `eager` walk (the network is back, or the user asks) does not wait for the back-off, but obeys a server.
pub fn turn<V: Value>(entry: &V, lane: &V, now: f64, eager: bool) -> Turn {
    let strict = flag(entry, "strict");
    if strict != lane.is_string() || strict && !same(entry.get("queue"), lane) {
        return Turn::Other;
    }
    if number(entry, "expires").is_some_and(|time| time <= now) {
        return Turn::Expired;
    }
    match number(entry, "next") {
        Some(next) if next > now && !(eager && !flag(entry, "asked")) => Turn::Wait,
        _ => Turn::Send,
    }
}

/// What an attempt has come to.
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
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// It has arrived: it leaves the outbox.
    Done,
    /// To be tried again, not before this time in milliseconds since 1970, which the server `asked` for or not.
    Retry {
        /// When.
        next: f64,
        /// Whether the server asked for it.
        asked: bool,
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
    let attempts = number(entry, "attempts").unwrap_or(0.0) + 1.0;
    if number(entry, "limit").is_some_and(|limit| attempts >= limit) {
        return Outcome::Aside("attempts");
    }
    // One of the two is NaN; one that has passed asks for nothing.
    let wish = (answer.seconds * 1000.0).max(answer.date - now);
    let wish = (wish > 0.0).then_some(wish);
    let wait = backoff::upload(attempts as u32, wish, random);
    Outcome::Retry { next: now + wait, asked: wish.is_some() }
}

fn number<V: Value>(entry: &V, name: &str) -> Option<f64> {
    entry.get(name)?.as_number()
}

fn flag<V: Value>(entry: &V, name: &str) -> bool {
    entry.get(name).and_then(|value| value.as_bool()).unwrap_or_default()
}

fn same<V: Value>(queue: Option<V>, lane: &V) -> bool {
    lane.text().is_some_and(|lane| queue.is_some_and(|queue| queue.is_text(&lane)))
}

#[cfg(all(test, feature = "json"))]
mod tests;
