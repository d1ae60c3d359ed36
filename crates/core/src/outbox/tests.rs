use alloc::vec::Vec;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::json::Json;

const NOW: f64 = 1_000_000.0;

fn free() -> Json {
    Json(json!(null))
}

fn plain(status: u16) -> Answer {
    Answer { status, seconds: f64::NAN, date: f64::NAN }
}

#[test]
fn a_status_decides() {
    let entry = Json(json!({ "queue": "q" }));
    for status in [200, 201, 204, 299] {
        assert_eq!(judge(&entry, plain(status), NOW, 0.5), Outcome::Done, "{status}");
    }
    for status in [0, 408, 425, 429, 500, 502, 503, 504, 599] {
        assert!(matches!(judge(&entry, plain(status), NOW, 0.5), Outcome::Retry { hold: 0.0..=1.0, .. }), "{status}");
    }
    for status in [301, 304, 400, 401, 403, 404, 409, 410, 413, 422, 451] {
        assert_eq!(judge(&entry, plain(status), NOW, 0.5), Outcome::Aside("refused"), "{status}");
    }
}

#[test]
fn a_server_is_obeyed_in_seconds_and_by_date() {
    let entry = Json(json!({ "attempts": 0 }));
    let by = |seconds, date| judge(&entry, Answer { status: 503, seconds, date }, NOW, 0.0);
    assert_eq!(by(120.0, f64::NAN), Outcome::Retry { next: NOW + 120_000.0, hold: 2.0 });
    assert_eq!(by(f64::NAN, NOW + 90_000.0), Outcome::Retry { next: NOW + 90_000.0, hold: 2.0 });
    // A date that has passed, and a wish of nothing: the back-off counts.
    assert_eq!(by(f64::NAN, NOW - 90_000.0), Outcome::Retry { next: NOW + 2_000.0, hold: 1.0 });
    assert_eq!(by(0.0, f64::NAN), Outcome::Retry { next: NOW + 2_000.0, hold: 1.0 });
    assert_eq!(by(1e12, f64::NAN), Outcome::Retry { next: NOW + DAY, hold: 2.0 }, "no longer than a day");
}

#[test]
fn tries_are_counted_if_the_app_says_so() {
    let entry = |attempts| Json(json!({ "limit": 3, "attempts": attempts }));
    assert!(matches!(judge(&entry(1), plain(500), NOW, 0.5), Outcome::Retry { .. }));
    assert_eq!(judge(&entry(2), plain(500), NOW, 0.5), Outcome::Aside("attempts"));
    assert_eq!(judge(&entry(2), plain(200), NOW, 0.5), Outcome::Done);
}

#[test]
fn each_entry_has_one_lane() {
    let free_entry = Json(json!({ "queue": "a" }));
    let strict = Json(json!({ "queue": "a", "strict": true }));
    let [a, b] = ["a", "b"].map(Json::from);
    assert_eq!(turn(&free_entry, &free(), NOW, 0.0), Turn::Send);
    assert_eq!(turn(&free_entry, &a, NOW, 0.0), Turn::Other);
    assert_eq!(turn(&strict, &free(), NOW, 0.0), Turn::Other);
    assert_eq!(turn(&strict, &a, NOW, 0.0), Turn::Send);
    assert_eq!(turn(&strict, &b, NOW, 0.0), Turn::Other);
}

#[test]
fn an_eager_walk_obeys_a_server_all_the_same() {
    let due = |hold: i32, eager| {
        let entry = Json(json!({ "next": NOW + 1.0, "hold": hold }));
        turn(&entry, &free(), NOW, eager) == Turn::Send
    };
    assert_eq!([0, 1, 2].map(|hold| due(hold, 0.0)), [false, false, false]);
    assert_eq!([0, 1, 2].map(|hold| due(hold, 1.0)), [true, false, false]);
    assert_eq!([0, 1, 2].map(|hold| due(hold, 2.0)), [true, true, false]);
    assert_eq!(turn(&Json(json!({ "next": NOW, "hold": 2 })), &free(), NOW, 0.0), Turn::Send);
}

#[test]
fn a_clock_that_was_put_back_holds_up_nothing() {
    let entry = Json(json!({ "next": NOW + DAY, "hold": 2 }));
    assert_eq!([2.0, 3.0].map(|eager| turn(&entry, &free(), NOW, eager)), [Turn::Wait, Turn::Send]);
}

#[test]
fn what_is_too_old_is_not_sent() {
    let entry = Json(json!({ "expires": NOW, "next": NOW + DAY }));
    assert_eq!(turn(&entry, &free(), NOW - 1.0, 2.0), Turn::Send);
    assert_eq!(turn(&entry, &free(), NOW, 0.0), Turn::Expired);
}

/// One entry of a simulated outbox: its queue, whether that is strict, and what the server says each time.
#[derive(Clone, Debug)]
struct Case {
    queue: usize,
    answers: Vec<u16>,
}

fn cases() -> impl Strategy<Value = Vec<Case>> {
    let status = prop_oneof![Just(0), Just(200), Just(400), Just(429), Just(500), Just(503)];
    let case = (0usize..4, prop::collection::vec(status, 0..5)).prop_map(|(queue, answers)| Case { queue, answers });
    prop::collection::vec(case, 1..24)
}

proptest! {
    #[test]
    fn any_entry_and_any_answer_has_an_outcome(status: u16, seconds: f64, date: f64, random in 0.0..1.0, attempts: u32, limit: Option<u32>) {
        let entry = Json(json!({ "attempts": attempts, "limit": limit }));
        match judge(&entry, Answer { status, seconds, date }, NOW, random) {
            Outcome::Done => prop_assert!((200..300).contains(&status)),
            Outcome::Retry { next, .. } => prop_assert!((NOW..=NOW + DAY * 1.1).contains(&next)),
            Outcome::Aside(reason) => prop_assert!(!reason.is_empty() && !(200..300).contains(&status)),
        }
    }

    /// Walks until nothing is left, as the worker does: every entry ends, in its strict queue none overtakes another,
    /// and one that fails for ever holds up nobody but those behind it.
    #[test]
    fn every_entry_ends_and_strict_queues_keep_their_order(cases in cases(), seed in 0.0..1.0) {
        let strict = |queue: usize| queue >= 2;
        let name = |queue: usize| ["a", "b", "c", "d"][queue];
        let mut entries: Vec<(usize, Json, Vec<u16>)> = cases
            .iter()
            .enumerate()
            .map(|(index, case)| {
                let entry = json!({ "queue": name(case.queue), "strict": strict(case.queue), "attempts": 0 });
                (index, Json(entry), case.answers.iter().rev().copied().collect())
            })
            .collect();
        let mut ended: Vec<usize> = Vec::new();
        let mut now = NOW;
        let mut rounds = 0;
        while !entries.is_empty() {
            rounds += 1;
            prop_assert!(rounds < 200, "stuck with {entries:?}");
            for lane in [free(), Json::from("c"), Json::from("d")] {
                let mut kept = Vec::new();
                let mut stopped = false;
                for (index, mut entry, mut answers) in entries.drain(..) {
                    let turn = turn(&entry, &lane, now, 0.0);
                    if stopped || turn == Turn::Other {
                        kept.push((index, entry, answers));
                        continue;
                    }
                    if turn == Turn::Wait {
                        stopped = lane.is_string();
                        kept.push((index, entry, answers));
                        continue;
                    }
                    match judge(&entry, plain(answers.pop().unwrap_or(200)), now, seed) {
                        Outcome::Done | Outcome::Aside(_) => ended.push(index),
                        Outcome::Retry { next, hold } => {
                            let attempts = number(&entry, "attempts");
                            entry.set("attempts", Json::of_number(attempts + 1.0));
                            entry.set("next", Json::of_number(next));
                            entry.set("hold", Json::of_number(hold));
                            kept.push((index, entry, answers));
                            stopped = lane.is_string();
                        }
                    }
                }
                entries = kept;
            }
            now += 3_600_000.0;
        }
        prop_assert_eq!(ended.len(), cases.len());
        for queue in [2, 3] {
            let order: Vec<_> = ended.iter().filter(|&&index| cases[index].queue == queue).collect();
            prop_assert!(order.is_sorted(), "{order:?}");
        }
    }
}
