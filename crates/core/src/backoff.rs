//! When to try again: uploads after a failure, and a question that a person did not want to answer.

const SECOND: f64 = 1000.0;
const DAY: f64 = 24.0 * 60.0 * 60.0 * SECOND;

/// The first wait after a failed upload, before jitter.
const FIRST: f64 = 4.0 * SECOND;
/// The longest that the back-off grows to.
const LONGEST: f64 = 60.0 * 60.0 * SECOND;

/// How long to wait before the next upload, in milliseconds.
///
/// It doubles with each failure up to an hour, less up to a half by `random` (0 to 1), so that all those whom one
/// failure hit do not come back at once. `retry_after` is what the server asked for, in milliseconds (RFC 9110 section
/// 10.2.3): never sooner than that, but no server keeps a browser away for longer than a day.
///
/// # Example
///
/// ```
/// use tidings_core::backoff::upload;
///
/// assert_eq!(upload(1, None, 1.0), 4_000.0);
/// assert_eq!(upload(3, Some(60_000.0), 0.0), 60_000.0);
/// ```
pub fn upload(failures: u32, retry_after: Option<f64>, random: f64) -> f64 {
    let mut wait = FIRST;
    for _ in 1..failures.min(12) {
        wait += wait;
    }
    if wait > LONGEST {
        wait = LONGEST;
    }
    wait *= 0.5 + random / 2.0;
    match retry_after {
        Some(asked) if asked > wait => asked.min(DAY),
        _ => wait,
    }
}

/// How long an app should not show its own question again after it was dismissed this many times, in milliseconds.
///
/// Three days, then seven, then thirty.
///
/// # Example
///
/// ```
/// assert_eq!(tidings_core::backoff::priming(1), 3.0 * 24.0 * 3600.0 * 1000.0);
/// ```
pub fn priming(dismissals: u32) -> f64 {
    DAY * match dismissals {
        0 => 0.0,
        1 => 3.0,
        2 => 7.0,
        _ => 30.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_dismissed_question_waits_longer_each_time() {
        assert_eq!([0, 1, 2, 3, 9].map(priming).map(|wait| wait / DAY), [0.0, 3.0, 7.0, 30.0, 30.0]);
    }

    proptest! {
        #[test]
        fn an_upload_waits_seconds_to_an_hour(failures: u32, random in 0.0..1.0) {
            let wait = upload(failures, None, random);
            prop_assert!((FIRST / 2.0..=LONGEST).contains(&wait));
            prop_assert!(upload(failures.saturating_add(1), None, random) >= wait);
        }

        #[test]
        fn a_server_is_obeyed_for_a_day_at_most(failures in 0u32..100, asked in 0.0..1e12, random in 0.0..1.0) {
            let wait = upload(failures, Some(asked), random);
            prop_assert!(wait >= asked.min(DAY) && wait <= DAY);
        }
    }
}
