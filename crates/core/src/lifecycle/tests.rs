//! The plan against a model of browser, record and server that is killed, refused and cut off at every step.

use super::*;
use alloc::vec::Vec;
use proptest::prelude::*;

/// An endpoint; each subscription has a new one.
type Endpoint = u32;

#[derive(Clone, Debug, Default, PartialEq)]
struct Record {
    wanted: Option<bool>,
    key: Option<u8>,
    saved: Option<Endpoint>,
    replaces: Option<Endpoint>,
    removing: Option<Endpoint>,
}

/// What there is outside of a run.
#[derive(Clone, Debug, Default)]
struct World {
    permission: Permission,
    registered: bool,
    /// The endpoint and its key.
    subscription: Option<(Endpoint, u8)>,
    made: Endpoint,
    record: Record,
    /// The server's rows.
    rows: Vec<Endpoint>,
    server_key: u8,
    steps: Vec<Step>,
}

/// What goes wrong at a step of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Trouble {
    None,
    /// The browser is killed before the step, or after it.
    KilledBefore,
    KilledAfter,
    /// The step fails, without or with its effect: an answer that is lost.
    Fails,
    Lost,
}

impl World {
    fn held(&self, key: Option<u8>) -> Held {
        match self.subscription {
            None => Held::None,
            Some((_, used)) if key.is_some_and(|key| key != used) => Held::Stale,
            Some(_) => Held::Good,
        }
    }

    /// One run; whether it came to its end.
    fn run(&mut self, goal: Goal, at: usize, trouble: Trouble) -> bool {
        let mut facts = Facts { permission: self.permission, server: true, due: true, ..Facts::default() };
        let mut record = Record::default();
        for count in 0.. {
            assert!(count < 30, "it does not end: {:?}", self.steps);
            let endpoint = self.subscription.map(|(endpoint, _)| endpoint);
            // The key may be learned after the look: what is held is judged anew.
            facts.held = facts.held.map(|_| self.held(record.key));
            facts.wanted = record.wanted;
            facts.key = record.key.is_some();
            facts.removing = record.removing.is_some();
            facts.saved = record.saved.is_some() && record.saved == endpoint && record.replaces.is_none();
            facts.noted = match facts.held {
                Some(Held::None) => record.replaces.is_some() || record.saved.is_none(),
                _ => record.replaces.is_some() && (record.replaces == endpoint || record.saved != endpoint),
            };
            let step = next(goal, &facts);
            let trouble = if count == at { trouble } else { Trouble::None };
            if trouble == Trouble::KilledBefore {
                return false;
            }
            if step == Step::Done {
                return true;
            }
            self.steps.push(step);
            if trouble == Trouble::Fails {
                match step {
                    Step::Read => facts.read = true,
                    Step::Ask => facts.asked = true,
                    Step::Upload | Step::Delete => facts.vain = true,
                    // A disk that is full: the run goes on with what it knows.
                    Step::NoteOld | Step::NoteWanted | Step::NoteEnd | Step::Commit => return false,
                    _ => return false,
                }
                continue;
            }
            match step {
                Step::Read => (record, facts.read) = (self.record.clone(), true),
                Step::Ask => (record.key, facts.asked) = (Some(self.server_key), true),
                Step::Find => facts.worker = Some(if self.registered { Worker::Active } else { Worker::None }),
                Step::Register => {
                    self.registered = true;
                    (facts.worker, facts.registered) = (Some(Worker::Waiting), true);
                }
                Step::Activate => facts.worker = Some(Worker::Active),
                Step::Look => facts.held = Some(self.held(record.key)),
                Step::NoteWanted => record.wanted = Some(true),
                Step::NoteOld => record.replaces = endpoint.or(record.saved),
                Step::NoteEnd => {
                    record.wanted = Some(false);
                    record.removing = endpoint.or(record.saved);
                }
                Step::End => (self.subscription, facts.held) = (None, Some(Held::None)),
                Step::Subscribe => {
                    assert_eq!(self.subscription, None, "the browser would refuse another key");
                    self.made += 1;
                    self.subscription = Some((self.made, record.key.expect("a key")));
                    facts.held = Some(Held::Good);
                }
                Step::Upload => {
                    let new = endpoint.expect("something to upload");
                    // The server keeps one row for a device.
                    self.rows = [new].into();
                    record.saved = Some(new);
                    record.replaces = None;
                    facts.answered = true;
                }
                Step::Delete => {
                    self.rows.retain(|row| Some(*row) != record.removing);
                    facts.answered = true;
                }
                Step::Commit => {
                    if record.removing.is_some() {
                        if record.saved == record.removing {
                            record.saved = None;
                        }
                        record.removing = None;
                    }
                    facts.answered = false;
                }
                Step::Done => unreachable!(),
            }
            if trouble == Trouble::Lost && matches!(step, Step::Upload | Step::Delete) {
                // The server did it, and nobody knows: the record is as it was before.
                (facts.answered, facts.vain) = (false, true);
                record = self.record.clone();
            }
            if matches!(step, Step::NoteWanted | Step::NoteOld | Step::NoteEnd | Step::Commit) {
                self.record = record.clone();
            }
            if trouble == Trouble::KilledAfter {
                return false;
            }
        }
        unreachable!()
    }

    fn in_order(&self) -> bool {
        let endpoint = self.subscription.map(|(endpoint, _)| endpoint);
        self.subscription.is_some_and(|(_, key)| key == self.server_key)
            && self.rows == Vec::from_iter(endpoint)
            && self.record.saved == endpoint
            && self.record.replaces.is_none()
            && self.record.removing.is_none()
    }
}

fn subscribed() -> World {
    let mut world = World { permission: Permission::Granted, ..World::default() };
    assert!(world.run(Goal::Subscribe, 99, Trouble::None));
    assert!(world.in_order(), "{world:?}");
    world
}

const TROUBLES: [Trouble; 4] = [Trouble::KilledBefore, Trouble::KilledAfter, Trouble::Fails, Trouble::Lost];

#[test]
fn a_first_visit_asks_nobody_and_registers_nothing() {
    let mut world = World { permission: Permission::Granted, ..World::default() };
    assert!(world.run(Goal::Refresh, 99, Trouble::None));
    assert_eq!(world.steps, [Step::Read, Step::Find]);
}

#[test]
fn a_load_with_all_in_order_changes_nothing() {
    let mut world = subscribed();
    world.steps.clear();
    assert!(world.run(Goal::Refresh, 99, Trouble::None));
    assert_eq!(world.steps, [Step::Read, Step::Find, Step::Look, Step::Ask]);
}

#[test]
fn a_new_key_is_handed_over_in_order() {
    let mut world = subscribed();
    world.server_key = 1;
    world.steps.clear();
    assert!(world.run(Goal::Refresh, 99, Trouble::None));
    use Step::*;
    assert_eq!(world.steps, [Read, Find, Look, Ask, NoteOld, End, Subscribe, Upload, Commit]);
    assert!(world.in_order(), "{world:?}");
}

#[test]
fn a_hand_over_goes_on_wherever_it_was_cut() {
    for trouble in TROUBLES {
        for at in 0..10 {
            let mut world = subscribed();
            world.server_key = 1;
            world.run(Goal::Refresh, at, trouble);
            assert!(world.rows.len() == 1, "never two rows, never none: {trouble:?} at {at}: {world:?}");
            assert!(world.run(Goal::Refresh, 99, Trouble::None));
            assert!(world.in_order(), "{trouble:?} at {at}: {world:?}");
        }
    }
}

#[test]
fn an_end_goes_on_wherever_it_was_cut() {
    for trouble in TROUBLES {
        for at in 0..8 {
            let mut world = subscribed();
            world.run(Goal::Unsubscribe, at, trouble);
            let noted = world.record.wanted == Some(false);
            assert!(world.run(Goal::Refresh, 99, Trouble::None));
            if noted {
                assert_eq!((world.subscription, world.rows.len()), (None, 0), "{trouble:?} at {at}: {world:?}");
                assert_eq!(world.record.removing, None);
            } else {
                assert!(world.in_order(), "{trouble:?} at {at}: {world:?}");
            }
        }
    }
}

#[test]
fn a_lost_subscription_is_made_again_in_place_of_the_old_row() {
    let mut world = subscribed();
    world.subscription = None;
    assert!(world.run(Goal::Refresh, 99, Trouble::None));
    assert!(world.in_order(), "{world:?}");
}

#[test]
fn a_permission_that_is_gone_undoes_nothing_and_granted_again_restores() {
    let mut world = subscribed();
    (world.permission, world.subscription) = (Permission::Denied, None);
    world.steps.clear();
    assert!(world.run(Goal::Refresh, 99, Trouble::None));
    assert_eq!(world.steps, [Step::Read, Step::Find, Step::Look]);
    world.permission = Permission::Granted;
    assert!(world.run(Goal::Refresh, 99, Trouble::None));
    assert!(world.in_order(), "{world:?}");
}

#[test]
fn a_record_that_was_lost_adopts_what_the_browser_holds() {
    let mut world = subscribed();
    world.record = Record::default();
    assert!(world.run(Goal::Refresh, 99, Trouble::None));
    assert!(world.in_order(), "{world:?}");
}

#[test]
fn an_end_is_not_undone_by_a_load() {
    let mut world = subscribed();
    assert!(world.run(Goal::Unsubscribe, 99, Trouble::None));
    world.steps.clear();
    assert!(world.run(Goal::Refresh, 99, Trouble::None));
    assert_eq!(world.steps, [Step::Read, Step::Find, Step::Look]);
    assert!(world.run(Goal::Subscribe, 99, Trouble::None));
    assert!(world.in_order(), "{world:?}");
}

#[test]
fn bits_are_facts() {
    assert_eq!(Facts::from_bits(0), Facts::default());
    let all = Facts::from_bits(0b1111_1101_1011_1111_0101);
    let expected = Facts {
        permission: Permission::Granted,
        read: true,
        wanted: Some(true),
        server: true,
        asked: true,
        key: true,
        worker: Some(Worker::Active),
        registered: false,
        held: Some(Held::Stale),
        noted: true,
        saved: true,
        removing: true,
        due: true,
        answered: true,
        vain: true,
    };
    assert_eq!(all, expected);
}

#[test]
fn numbers_are_steps() {
    for number in 0..15 {
        assert_eq!(Step::from_number(number) as u32, number);
    }
}

#[test]
fn a_failure_is_named_after_the_error_never_after_its_text() {
    use Permission::{Default, Denied, Granted};
    let cases = [
        (Step::Subscribe, "AbortError", 0, Granted, Code::PushServiceUnavailable),
        (Step::Subscribe, "", 0, Granted, Code::PushServiceUnavailable),
        (Step::Subscribe, "NotAllowedError", 0, Denied, Code::PermissionDenied),
        (Step::Subscribe, "NotAllowedError", 0, Default, Code::PermissionDismissed),
        (Step::Subscribe, "InvalidStateError", 0, Granted, Code::KeyMismatch),
        (Step::Subscribe, "InvalidAccessError", 0, Granted, Code::InvalidKey),
        (Step::Subscribe, "InvalidCharacterError", 0, Granted, Code::InvalidKey),
        (Step::Subscribe, "TypeError", 0, Granted, Code::Unknown),
        (Step::Register, "TypeError", 0, Granted, Code::WorkerFailed),
        (Step::Register, "SecurityError", 0, Granted, Code::WorkerFailed),
        (Step::Activate, "", 0, Granted, Code::WorkerTimeout),
        (Step::Upload, "TypeError", 0, Granted, Code::ServerUnavailable),
        (Step::Upload, "", 0, Granted, Code::ServerUnavailable),
        (Step::Upload, "", 500, Granted, Code::ServerRefused),
        (Step::Upload, "", 403, Granted, Code::UserRefused),
    ];
    for (step, name, status, permission, code) in cases {
        assert_eq!(failure(step, name, status, permission), code, "{step:?} {name} {status}");
    }
}

#[test]
fn a_prompt_that_nobody_saw_is_told_from_one_that_was_dismissed() {
    assert_eq!(refusal(Permission::Default, true, 5.0, false), Code::PermissionQuiet);
    assert_eq!(refusal(Permission::Default, true, 2000.0, false), Code::PermissionDismissed);
    assert_eq!(refusal(Permission::Default, true, 2000.0, true), Code::PermissionQuiet);
    assert_eq!(refusal(Permission::Denied, true, 2000.0, false), Code::PermissionDenied);
    assert_eq!(
        refusal(Permission::Denied, true, 2000.0, true),
        Code::PermissionDenied,
        "only a person says no so late"
    );
    assert_eq!(refusal(Permission::Default, false, 2000.0, true), Code::PermissionDismissed, "another tab asked");
    assert_eq!(refusal(Permission::Denied, false, 5.0, true), Code::PermissionDenied, "it was before");
}

fn goal() -> impl Strategy<Value = Goal> {
    prop_oneof![Just(Goal::Look), Just(Goal::Refresh), Just(Goal::Subscribe), Just(Goal::Unsubscribe)]
}

fn trouble() -> impl Strategy<Value = Trouble> {
    prop_oneof![
        Just(Trouble::None),
        Just(Trouble::KilledBefore),
        Just(Trouble::KilledAfter),
        Just(Trouble::Fails),
        Just(Trouble::Lost)
    ]
}

proptest! {
    /// Whatever happened, in whatever order, two quiet loads after the last wish all is in order.
    #[test]
    fn it_comes_to_order(runs in prop::collection::vec((goal(), 0usize..14, trouble(), 0u8..3, any::<bool>()), 0..12)) {
        let mut world = World { permission: Permission::Granted, ..World::default() };
        for (goal, at, trouble, key, lose) in runs {
            world.server_key = key;
            if lose {
                world.subscription = None;
            }
            world.run(goal, at, trouble);
            prop_assert!(world.rows.len() <= 1, "{:?}", world);
        }
        for _ in 0..2 {
            prop_assert!(world.run(Goal::Refresh, 99, Trouble::None));
        }
        match world.record.wanted {
            Some(true) => prop_assert!(world.in_order(), "{:?}", world),
            // A row may stay if the subscription vanished before it was recorded: the next send finds it gone.
            Some(false) => prop_assert!(world.subscription.is_none() && world.rows.len() <= 1, "{:?}", world),
            None => prop_assert!(world.rows.is_empty() && world.subscription.is_none(), "{:?}", world),
        }
    }
}
