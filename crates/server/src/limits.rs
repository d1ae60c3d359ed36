//! How much one client may ask for, and how long it may take.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Mutex,
    time::{Duration, Instant},
};

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock};

/// After how many answers what is remembered of clients that have gone quiet is forgotten.
const SWEEP: u64 = 4096;

/// What one client may do. A client is an IPv4 address, or the /64 network of an IPv6 address.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use tidings_server::{Config, limits::Limits};
///
/// let mut config = Config::new("./data");
/// config.limits = Limits { body: Duration::from_secs(3), ..Limits::default() };
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a second on the routes for browsers, in the long run.
    pub rate: NonZeroU32,
    /// Requests on them at once.
    pub burst: NonZeroU32,
    /// Wrong tokens in a row, before a client must wait. Each is forgotten after a minute.
    pub guesses: NonZeroU32,
    /// How long a request's header may take.
    pub header: Duration,
    /// How long a request's body may take.
    pub body: Duration,
    /// Connections at once, of all clients.
    pub connections: usize,
}

impl Default for Limits {
    /// 20 requests a second, 200 at once; 10 wrong tokens; 10 seconds for a header and for a body; 4096 connections.
    fn default() -> Self {
        let number = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        Self {
            rate: number(20),
            burst: number(200),
            guesses: number(10),
            header: Duration::from_secs(10),
            body: Duration::from_secs(10),
            connections: 4096,
        }
    }
}

/// Counts what clients do.
pub(crate) struct Counters {
    requests: DefaultKeyedRateLimiter<IpAddr>,
    guesses: DefaultKeyedRateLimiter<IpAddr>,
    /// Until when clients that guessed too often are not listened to.
    blocked: Mutex<HashMap<IpAddr, Instant>>,
    seen: std::sync::atomic::AtomicU64,
}

impl Counters {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            requests: RateLimiter::keyed(Quota::per_second(limits.rate).allow_burst(limits.burst)),
            guesses: RateLimiter::keyed(Quota::per_minute(NonZeroU32::MIN).allow_burst(limits.guesses)),
            blocked: Mutex::default(),
            seen: Default::default(),
        }
    }

    /// Counts a request; the error is how long to wait.
    pub(crate) fn request(&self, client: IpAddr) -> Result<(), Duration> {
        if self.seen.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % SWEEP == SWEEP - 1 {
            self.requests.retain_recent();
            self.guesses.retain_recent();
        }
        check(&self.requests, network(client))
    }

    /// Whether a client may try a token; the error is how long to wait.
    pub(crate) fn may_guess(&self, client: IpAddr) -> Result<(), Duration> {
        let now = Instant::now();
        let mut blocked = self.blocked.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        match blocked.get(&network(client)) {
            Some(until) if *until > now => Err(*until - now),
            Some(_) => {
                blocked.retain(|_, until| *until > now);
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Counts a wrong token.
    pub(crate) fn guessed(&self, client: IpAddr) {
        if let Err(wait) = check(&self.guesses, network(client)) {
            let mut blocked = self.blocked.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            blocked.insert(network(client), Instant::now() + wait);
        }
    }
}

impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Counters(…)")
    }
}

fn check(limiter: &DefaultKeyedRateLimiter<IpAddr>, key: IpAddr) -> Result<(), Duration> {
    limiter.check_key(&key).map_err(|until| until.wait_time_from(limiter.clock().now()))
}

/// Who has one IPv6 address has 2^64.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counters() -> Counters {
        let (rate, burst) = (NonZeroU32::MIN, NonZeroU32::new(3).expect("not zero"));
        Counters::new(&Limits { rate, burst, guesses: burst, ..Limits::default() })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn counts_each_client_by_itself() {
        let counters = counters();
        for _ in 0..3 {
            assert_eq!(counters.request(ip("192.0.2.1")), Ok(()));
        }
        let wait = counters.request(ip("192.0.2.1")).expect_err("too many");
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(1), "{wait:?}");
        assert!(counters.request(ip("::ffff:192.0.2.1")).is_err(), "the same client");
        assert_eq!(counters.request(ip("192.0.2.2")), Ok(()));
    }

    #[test]
    fn counts_a_network_of_ipv6_as_one_client() {
        let counters = counters();
        for host in 1..=3 {
            assert_eq!(counters.request(ip(&format!("2001:db8::{host}"))), Ok(()));
        }
        assert!(counters.request(ip("2001:db8::4")).is_err());
        assert_eq!(counters.request(ip("2001:db8:0:1::1")), Ok(()));
    }

    #[test]
    fn listens_no_more_to_who_guesses() {
        let counters = counters();
        for _ in 0..3 {
            counters.guessed(ip("192.0.2.1"));
            assert_eq!(counters.may_guess(ip("192.0.2.1")), Ok(()));
        }
        counters.guessed(ip("192.0.2.1"));
        let wait = counters.may_guess(ip("192.0.2.1")).expect_err("too many");
        assert!(wait > Duration::from_secs(50) && wait <= Duration::from_secs(60), "{wait:?}");
        assert_eq!(counters.may_guess(ip("192.0.2.2")), Ok(()));
    }
}
