//! The loop that takes deliveries, sends them, and notes what became of them.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    sync::watch,
    task::{Id, JoinError, JoinHandle, JoinSet},
};

use super::{
    outcome::{Done, Hosts, outcome},
    queue::Queue,
};
use crate::{
    sender::TIMEOUT,
    state::State,
    store::{Delivery, LEASE, Outcome, Store, StoreError, Taken},
};

/// How long an outcome may wait for others, so that they are noted together.
const GATHER: Duration = Duration::from_millis(50);

/// How many outcomes are noted together.
const BATCH: usize = 256;

/// How long to wait for a database that failed.
const PAUSE: Duration = Duration::from_secs(1);

/// How a runner works.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How many requests are under way at once.
    pub in_flight: usize,
    /// How many of them at most to one push service, so that a slow one leaves room for others.
    pub per_host: usize,
    /// How long one request may take.
    pub timeout: Duration,
    /// How long a delivery belongs to the process that took it; at least twice `timeout`, or two may send the same.
    pub lease: Duration,
    /// How often to look for what is due when nothing says that something is.
    pub poll: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { in_flight: 256, per_host: 128, timeout: TIMEOUT, lease: LEASE, poll: Duration::from_millis(500) }
    }
}

/// Sends what is due, until it is stopped. Any number may run, in any number of processes.
///
/// [`Server`](crate::Server) starts one. Who mounts the [router](crate::router) into a server of their own starts it:
///
/// # Example
///
/// ```
/// use tidings_server::{Config, State, jobs::{Options, Runner}};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tidings_server::StartError> {
/// # let folder = tempfile::tempdir().unwrap();
/// # let data = folder.path().join("data");
/// let state = State::open(&Config::new(data)).await?;
/// let runner = Runner::start(state, Options::default());
/// // … until the program ends:
/// runner.stop(std::time::Duration::from_secs(10)).await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is sent after this is dropped"]
pub struct Runner {
    stop: watch::Sender<Option<Instant>>,
    task: JoinHandle<()>,
}

impl Runner {
    /// Begins to send.
    pub fn start(state: State, mut options: Options) -> Self {
        options.lease = options.lease.max(2 * options.timeout);
        let (stop, stopped) = watch::channel(None);
        let task = tokio::spawn(Loop::new(state, options, stopped).run());
        Self { stop, task }
    }

    /// Takes nothing more, and waits for what is under way, for this long at most; what is left then is for others.
    pub async fn stop(mut self, grace: Duration) {
        self.stop.send_replace(Some(Instant::now() + grace));
        // A panic of the loop was reported already.
        let _ = (&mut self.task).await;
    }
}

/// Whoever drops a runner wants nothing to be sent; what was taken comes back when its lease ends.
impl Drop for Runner {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Finished = (Arc<Delivery>, Outcome);

struct Loop {
    state: State,
    options: Options,
    stopped: watch::Receiver<Option<Instant>>,
    sending: JoinSet<Done>,
    /// Who is under way, by task: what a panic or a cut-off leaves behind.
    under_way: HashMap<Id, Arc<Delivery>>,
    queue: Queue,
    hosts: Hosts,
    results: Vec<Finished>,
    gathered: Option<Instant>,
    taking: Option<JoinHandle<Result<Taken, StoreError>>>,
    noting: Option<JoinHandle<Vec<Finished>>>,
    pausing: JoinSet<()>,
    look_at: Instant,
}

impl Loop {
    fn new(state: State, options: Options, stopped: watch::Receiver<Option<Instant>>) -> Self {
        Self {
            queue: Queue::new(options.in_flight, options.per_host),
            state,
            options,
            stopped,
            sending: JoinSet::new(),
            under_way: HashMap::new(),
            hosts: Hosts::default(),
            results: Vec::new(),
            gathered: None,
            taking: None,
            noting: None,
            pausing: JoinSet::new(),
            look_at: Instant::now(),
        }
    }

    async fn run(mut self) {
        loop {
            let end = *self.stopped.borrow();
            if end.is_none() {
                self.start();
                self.take();
            } else {
                // What waits is for others.
                let waiting = self.queue.drain(None);
                self.give_back(waiting);
                if self.is_idle() || end.is_some_and(|end| end < Instant::now()) {
                    break;
                }
            }
            self.note(end.is_some() && self.sending.is_empty());
            self.state.stats().set_in_flight(self.sending.len());
            let wake = self.wake_at(end);
            let state = self.state.clone();
            tokio::select! {
                Some(done) = self.sending.join_next_with_id(), if !self.sending.is_empty() => {
                    self.sent(done);
                    while let Some(done) = self.sending.try_join_next_with_id() {
                        self.sent(done);
                    }
                }
                taken = wait(&mut self.taking) => self.taken(taken),
                left = wait(&mut self.noting) => self.noted(left),
                Some(_) = self.pausing.join_next(), if !self.pausing.is_empty() => {}
                () = state.wake().notified(), if end.is_none() => self.look_at = Instant::now(),
                // An error says that the runner was dropped, and then this task is aborted.
                _ = self.stopped.changed(), if end.is_none() => {}
                () = tokio::time::sleep_until(wake.into()) => {}
            }
        }
        self.state.stats().set_in_flight(0);
        self.release().await;
    }

    fn is_idle(&self) -> bool {
        self.sending.is_empty()
            && self.results.is_empty()
            && self.taking.is_none()
            && self.noting.is_none()
            && self.pausing.is_empty()
    }

    fn wake_at(&self, end: Option<Instant>) -> Instant {
        let far = Instant::now() + Duration::from_secs(3600);
        // While it takes or notes, the end of that is what it waits for.
        let look = if self.taking.is_none() && end.is_none() && self.has_room() { self.look_at } else { far };
        let gathered = match self.gathered {
            Some(gathered) if self.noting.is_none() => gathered + GATHER,
            _ => far,
        };
        look.min(gathered).min(end.unwrap_or(far))
    }

    fn has_room(&self) -> bool {
        self.queue.is_low() && self.results.len() < 4 * BATCH
    }

    fn take(&mut self) {
        if self.taking.is_some() || !self.has_room() || self.look_at > Instant::now() {
            return;
        }
        let room = self.queue.room(Instant::now());
        let (store, lease) = (self.state.store().clone(), self.options.lease);
        self.taking = Some(tokio::spawn(async move { store.take(lease, &room).await }));
    }

    fn taken(&mut self, taken: Result<Taken, StoreError>) {
        let now = Instant::now();
        let taken = match taken {
            Ok(taken) => taken,
            Err(error) => {
                tracing::error!(%error, "nothing can be taken");
                self.look_at = now + PAUSE;
                return;
            }
        };
        self.look_at = if taken.more { now } else { now + self.options.poll };
        if let Some(until) = taken.until {
            self.queue.extend(taken.deliveries, until);
        }
    }

    /// Starts what may start.
    fn start(&mut self) {
        let now = Instant::now();
        while let Some(waiting) = self.queue.next() {
            let (delivery, until) = (waiting.delivery, waiting.until);
            // It waited so long that a request could outlast the lease: another process will take it.
            if until < now + self.options.timeout {
                self.queue.finished(&delivery.host);
                self.give_back(vec![delivery]);
                continue;
            }
            let (state, timeout) = (self.state.clone(), self.options.timeout);
            let held = Arc::new(delivery);
            let delivery = held.clone();
            let task = self.sending.spawn(async move { outcome(&state, &delivery, timeout).await });
            self.under_way.insert(task.id(), held);
        }
    }

    /// Leaves deliveries that were not tried to whoever takes them next.
    fn give_back(&mut self, deliveries: Vec<Delivery>) {
        if !deliveries.is_empty() {
            self.results.extend(deliveries.into_iter().map(|delivery| (Arc::new(delivery), Outcome::Release)));
            self.gathered.get_or_insert_with(Instant::now);
        }
    }

    fn sent(&mut self, done: Result<(Id, Done), JoinError>) {
        let (id, result) = match done {
            Ok((id, result)) => (id, Some(result)),
            Err(error) => {
                tracing::error!(%error, "a send failed in an unexpected way");
                (error.id(), None)
            }
        };
        let Some(held) = self.under_way.remove(&id) else { return };
        if self.queue.finished(&held.host) {
            self.look_at = Instant::now();
        }
        let done = result.unwrap_or_else(Done::unexpected);
        if let Some(wait) = self.hosts.note(&held.host, done.service) {
            tracing::warn!(host = held.host, seconds = wait.as_secs(), "the push service is left alone for a while");
            let waiting = self.queue.drain(Some(&held.host));
            self.pausing.spawn(pause(self.state.store().clone(), held.host.clone(), wait, waiting));
        }
        self.state.stats().count(&done.outcome);
        self.results.push((held, done.outcome));
        self.gathered.get_or_insert_with(Instant::now);
    }

    /// Writes down what became of deliveries: when there are many, when the first has waited, or at once at the end.
    fn note(&mut self, now: bool) {
        let waited = self.gathered.is_some_and(|gathered| gathered.elapsed() >= GATHER);
        if self.noting.is_some() || self.results.is_empty() || !(now || waited || self.results.len() >= BATCH) {
            return;
        }
        let results = std::mem::take(&mut self.results);
        self.gathered = None;
        let store = self.state.store().clone();
        self.noting = Some(tokio::spawn(async move {
            match store.finish(&results).await {
                Ok(own) => {
                    if own < results.len() {
                        tracing::warn!(count = results.len() - own, "deliveries took longer than their lease");
                    }
                    Vec::new()
                }
                Err(error) => {
                    tracing::error!(%error, count = results.len(), "outcomes are not noted yet");
                    tokio::time::sleep(PAUSE).await;
                    results
                }
            }
        }));
    }

    /// What could not be noted is tried again; after their lease, it is another's.
    fn noted(&mut self, left: Vec<Finished>) {
        if !left.is_empty() {
            self.results.splice(0..0, left);
            self.gathered.get_or_insert_with(Instant::now);
        }
    }

    /// What is still under way when the time is over may have arrived; that it is sent again is better than never.
    async fn release(mut self) {
        self.sending.abort_all();
        let waiting = self.queue.drain(None);
        self.give_back(waiting);
        let cut_off = self.under_way.into_values().map(|delivery| (delivery, Outcome::Release));
        let results: Vec<Finished> = self.results.into_iter().chain(cut_off).collect();
        if !results.is_empty()
            && let Err(error) = self.state.store().finish(&results).await
        {
            tracing::error!(%error, count = results.len(), "outcomes are not noted: these messages are sent again");
        }
    }
}

/// Leaves a push service alone for this time, in every process, and gives back what waited for it: in this order, or it
/// would be taken again.
async fn pause(store: Store, host: String, wait: Duration, waiting: Vec<Delivery>) {
    if let Err(error) = store.slow_down(&host, wait).await {
        tracing::warn!(host, %error, "that is not noted");
    }
    let waiting: Vec<_> = waiting.into_iter().map(|delivery| (delivery, Outcome::Release)).collect();
    if !waiting.is_empty()
        && let Err(error) = store.finish(&waiting).await
    {
        tracing::warn!(host, %error, count = waiting.len(), "not given back: others take them when their lease ends");
    }
}

/// The end of a task; for ever if there is none.
async fn wait<T>(task: &mut Option<JoinHandle<T>>) -> T {
    let Some(running) = task else { return std::future::pending().await };
    let result = running.await;
    *task = None;
    match result {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}
