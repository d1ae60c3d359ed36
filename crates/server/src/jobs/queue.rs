//! What this process has taken: deliveries under way, and those that wait for their turn.

use std::{
    collections::{BTreeMap, HashMap, HashSet, VecDeque},
    ops::Bound,
    time::{Duration, Instant},
};

use crate::store::{Delivery, Room};

/// How much is taken ahead, by how fast each push service takes it: a look at the database costs the same for one delivery
/// as for many, and meanwhile there must be enough to do. Who pauses a send still sees as much go out.
const AHEAD: Duration = Duration::from_millis(100);

/// The most that is taken ahead for one push service.
const MOST_AHEAD: usize = 1000;

/// A delivery that waits, and until when it belongs to this process.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) delivery: Delivery,
    pub(super) until: Instant,
}

#[derive(Debug)]
pub(super) struct Queue {
    in_flight: usize,
    per_host: usize,
    /// By the origin of their push service; no list is empty.
    waiting: BTreeMap<String, VecDeque<Waiting>>,
    /// How many wait, and how many are under way, at each push service.
    held: HashMap<String, Held>,
    total: Held,
    /// How many were done at each push service since `since`.
    done: HashMap<String, usize>,
    since: Instant,
    /// How many are taken ahead.
    ahead: HashMap<String, usize>,
    /// The push services for which there was no more room at the last look.
    full: HashSet<String>,
    /// Whose turn it was last.
    turn: String,
}

#[derive(Clone, Copy, Debug, Default)]
struct Held {
    waiting: usize,
    under_way: usize,
}

impl Held {
    fn all(self) -> usize {
        self.waiting + self.under_way
    }
}

impl Queue {
    pub(super) fn new(in_flight: usize, per_host: usize) -> Self {
        Self {
            in_flight,
            per_host,
            waiting: BTreeMap::new(),
            held: HashMap::new(),
            total: Held::default(),
            done: HashMap::new(),
            since: Instant::now(),
            ahead: HashMap::new(),
            full: HashSet::new(),
            turn: String::new(),
        }
    }

    /// Whether it is time to look for more: half of what there is room for is done.
    pub(super) fn is_low(&self) -> bool {
        2 * self.total.all() < self.in_flight + self.ahead.values().sum::<usize>()
    }

    /// How much may be taken now.
    pub(super) fn room(&mut self, now: Instant) -> Room {
        let part = AHEAD.as_secs_f64() / now.duration_since(self.since).as_secs_f64().max(0.001);
        let ahead = |done: usize| ((done as f64 * part) as usize).min(MOST_AHEAD);
        self.ahead = self.done.drain().map(|(host, done)| (host, ahead(done))).collect();
        self.since = now;
        Room {
            total: (self.in_flight + self.ahead.values().sum::<usize>()).saturating_sub(self.total.all()),
            each: self.per_host,
            more: self.ahead.clone(),
            used: self.held.iter().map(|(host, held)| (host.clone(), held.all())).collect(),
        }
    }

    fn limit(&self, host: &str) -> usize {
        self.per_host + self.ahead.get(host).copied().unwrap_or_default()
    }

    pub(super) fn extend(&mut self, deliveries: impl IntoIterator<Item = Delivery>, until: Instant) {
        for delivery in deliveries {
            self.held.entry(delivery.host.clone()).or_default().waiting += 1;
            self.total.waiting += 1;
            self.waiting.entry(delivery.host.clone()).or_default().push_back(Waiting { delivery, until });
        }
        let full = self.held.iter().filter(|(host, held)| held.all() >= self.limit(host));
        self.full = full.map(|(host, _)| host.clone()).collect();
    }

    /// The next that may start, if one may: each push service has its turn.
    pub(super) fn next(&mut self) -> Option<Waiting> {
        if self.total.under_way >= self.in_flight {
            return None;
        }
        let free = |host: &str| self.held.get(host).is_none_or(|held| held.under_way < self.per_host);
        let after = (Bound::Excluded(self.turn.as_str()), Bound::Unbounded);
        let up_to = (Bound::Unbounded, Bound::Included(self.turn.as_str()));
        let host = self
            .waiting
            .range::<str, _>(after)
            .chain(self.waiting.range::<str, _>(up_to))
            .map(|(host, _)| host)
            .find(|host| free(host))?
            .clone();
        let list = self.waiting.get_mut(&host)?;
        let next = list.pop_front();
        if list.is_empty() {
            self.waiting.remove(&host);
        }
        let held = self.held.entry(host.clone()).or_default();
        (held.waiting, held.under_way) = (held.waiting.saturating_sub(1), held.under_way + 1);
        (self.total.waiting, self.total.under_way) = (self.total.waiting.saturating_sub(1), self.total.under_way + 1);
        self.turn = host;
        next
    }

    /// One is done. Whether there is room now at a push service that had none.
    pub(super) fn finished(&mut self, host: &str) -> bool {
        *self.done.entry(host.to_owned()).or_default() += 1;
        self.total.under_way = self.total.under_way.saturating_sub(1);
        let limit = self.limit(host);
        let Some(held) = self.held.get_mut(host) else { return false };
        held.under_way = held.under_way.saturating_sub(1);
        let all = held.all();
        if all == 0 {
            self.held.remove(host);
        }
        // Not for each that makes room: a look costs the same for many.
        2 * all <= limit && self.full.remove(host)
    }

    /// Gives up what waits for this push service; without one, for all.
    pub(super) fn drain(&mut self, host: Option<&str>) -> Vec<Delivery> {
        let lists = match host {
            Some(host) => Vec::from_iter(self.waiting.remove_entry(host)),
            None => std::mem::take(&mut self.waiting).into_iter().collect(),
        };
        for (host, list) in &lists {
            self.total.waiting = self.total.waiting.saturating_sub(list.len());
            if let Some(held) = self.held.get_mut(host) {
                held.waiting = 0;
                if held.under_way == 0 {
                    self.held.remove(host);
                }
            }
        }
        lists.into_iter().flat_map(|(_, list)| list).map(|waiting| waiting.delivery).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deliveries(host: &str, count: usize) -> Vec<Delivery> {
        (0..count).map(|number| Delivery::example(&number.to_string(), host)).collect()
    }

    fn hosts(queue: &mut Queue) -> Vec<String> {
        std::iter::from_fn(|| queue.next()).map(|waiting| waiting.delivery.host).collect()
    }

    #[test]
    fn starts_so_many_in_all_and_at_each_and_in_turn() {
        let mut queue = Queue::new(5, 3);
        queue.extend(deliveries("a", 10).into_iter().chain(deliveries("b", 10)), Instant::now());
        assert_eq!(hosts(&mut queue), ["a", "b", "a", "b", "a"]);
        queue.finished("b");
        assert_eq!(hosts(&mut queue), ["b"]);
        queue.finished("a");
        queue.finished("a");
        assert_eq!(hosts(&mut queue), ["a", "b"]);
        assert_eq!(queue.drain(Some("a")).len(), 6);
        queue.finished("a");
        assert_eq!(hosts(&mut queue), [] as [&str; 0], "there are three at b already");
        assert_eq!(queue.drain(None).len(), 6);
        assert!(queue.waiting.is_empty());
    }

    #[test]
    fn takes_ahead_what_each_push_service_takes_in_a_tenth_of_a_second() {
        let mut queue = Queue::new(8, 4);
        let start = Instant::now();
        let room = queue.room(start);
        assert_eq!((room.total, room.each, room.more.len()), (8, 4, 0));
        queue.extend(deliveries("fast", 4).into_iter().chain(deliveries("slow", 4)), start);
        assert_eq!(hosts(&mut queue).len(), 8);
        for _ in 0..3 {
            assert!(!queue.is_low());
            queue.extend(deliveries("fast", 100), start);
            for _ in 0..100 {
                queue.finished("fast");
                queue.next();
            }
        }
        queue.finished("slow");
        let room = queue.room(queue.since + Duration::from_secs(1));
        assert_eq!((room.more["fast"], room.more["slow"], room.total), (30, 0, 8 + 30 - 7));
        assert!(queue.is_low(), "7 of 38");
        let room = queue.room(queue.since + Duration::from_secs(1));
        assert_eq!(room.total, 1, "nothing was done meanwhile");
    }

    #[test]
    fn says_when_there_is_room_again_where_there_was_none() {
        let mut queue = Queue::new(8, 4);
        queue.extend(deliveries("a", 4), Instant::now());
        assert_eq!(hosts(&mut queue).len(), 4);
        assert_eq!([queue.finished("a"), queue.finished("a"), queue.finished("a")], [false, true, false]);
        queue.extend(deliveries("a", 1), Instant::now());
        assert_eq!(hosts(&mut queue).len(), 1);
        assert!(!queue.finished("a") && !queue.finished("a"), "it was not full");
        assert!(queue.held.is_empty(), "and nothing is kept of who is done: {queue:?}");
    }
}
