//! What an answer of a push service means for a delivery, and for the push service itself.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use p256::elliptic_curve::rand_core::{OsRng, RngCore};
use tidings_core::backoff;

use crate::{
    sender::SendError,
    state::{State, short},
    store::{Delivery, Outcome},
};

/// After how many requests in a row without a usable answer a push service is left alone.
const STRIKES: u32 = 8;

/// The longest that a push service is left alone if it does not say for how long.
const LONGEST: Duration = Duration::from_secs(5 * 60);

/// How a delivery ended, and what that says of its push service.
pub(super) struct Done {
    pub(super) outcome: Outcome,
    pub(super) service: Service,
}

impl Done {
    /// A send panicked: a mistake of ours, which would be made again.
    pub(super) fn unexpected() -> Self {
        let reason = "the send failed in an unexpected way: see the server's log".to_owned();
        Self { outcome: Outcome::Failed { code: "internal", reason }, service: Service::Unknown }
    }
}

/// What an answer says of a push service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// It answers.
    Well,
    /// It was not asked.
    Unknown,
    /// It wants to be left alone, for this long if it says so.
    Busy(Option<Duration>),
    /// It gave no usable answer.
    Down,
}

/// Sends one message, once.
pub(super) async fn outcome(state: &State, delivery: &Delivery, timeout: Duration) -> Done {
    let unasked = |outcome| Done { outcome, service: Service::Unknown };
    if delivery.expired {
        return unasked(Outcome::Expired);
    }
    let Some(record) = &delivery.record else { return unasked(Outcome::Gone) };
    let result = match state.post(record, &delivery.push, timeout).await {
        Ok(result) => result,
        // For example because the local push service is not configured any more.
        Err(error) => return unasked(Outcome::Failed { code: error.code(), reason: error.to_string() }),
    };
    let error = match result {
        Ok(sent) => {
            tracing::debug!(
                subscription = short(&record.id),
                job = &*delivery.job_id,
                status = sent.push_service,
                "sent"
            );
            return Done { outcome: Outcome::Sent, service: Service::Well };
        }
        Err(error) => error,
    };
    tracing::info!(subscription = short(&record.id), job = &*delivery.job_id, code = error.code(), %error, "not sent");
    let service = match &error {
        SendError::Busy { retry_after } => Service::Busy(*retry_after),
        SendError::Unavailable { retry_after: Some(wait), .. } => Service::Busy(Some(*wait)),
        SendError::Unavailable { .. } => Service::Down,
        SendError::TooLong(_) | SendError::Key => Service::Unknown,
        SendError::Gone(_) | SendError::TooLarge | SendError::Refused { .. } => Service::Well,
    };
    let outcome = match error {
        SendError::Gone(_) => Outcome::Gone,
        SendError::Busy { retry_after } | SendError::Unavailable { retry_after, .. } => {
            again(delivery.attempts.saturating_add(1), retry_after, delivery.remaining)
        }
        other => Outcome::Failed { code: other.code(), reason: other.to_string() },
    };
    Done { outcome, service }
}

/// Later, unless the TTL is over by then.
fn again(attempts: u32, retry_after: Option<Duration>, remaining: Duration) -> Outcome {
    let wait = wait(attempts, retry_after);
    if wait < remaining { Outcome::Retry(wait) } else { Outcome::Expired }
}

fn wait(attempts: u32, retry_after: Option<Duration>) -> Duration {
    let random = f64::from(OsRng.next_u32()) / f64::from(u32::MAX);
    let asked = retry_after.map(|wait| wait.as_secs_f64() * 1000.0);
    Duration::from_secs_f64(backoff::upload(attempts, asked, random) / 1000.0)
}

/// What this process knows of the push services.
#[derive(Default)]
pub(super) struct Hosts(HashMap<String, Host>);

#[derive(Default)]
struct Host {
    /// Requests in a row without a usable answer.
    strikes: u32,
    /// How often in a row it was left alone.
    level: u32,
    until: Option<Instant>,
}

impl Hosts {
    /// For how long to leave the push service alone from now on, if at all.
    pub(super) fn note(&mut self, host: &str, service: Service) -> Option<Duration> {
        if service == Service::Well {
            self.0.remove(host);
        }
        if matches!(service, Service::Well | Service::Unknown) {
            return None;
        }
        let now = Instant::now();
        let host = self.0.entry(host.to_owned()).or_default();
        // What was under way when it was left alone says nothing new, unless it asks for more.
        let alone = host.until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let pause = match service {
            Service::Busy(Some(asked)) if asked > alone => wait(1, Some(asked)).max(asked.min(LONGEST)),
            _ if !alone.is_zero() => return None,
            Service::Busy(Some(_)) => return None,
            Service::Busy(None) => wait(host.level + 1, None).min(LONGEST),
            _ => {
                host.strikes += 1;
                if host.strikes < STRIKES {
                    return None;
                }
                wait(host.level + 1, None).min(LONGEST)
            }
        };
        host.strikes = 0;
        host.level += 1;
        host.until = Some(now + pause);
        Some(pause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOST: &str = "https://push.example";
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_push_service_is_left_alone_for_as_long_as_it_asks() {
        let mut hosts = Hosts::default();
        assert_eq!(hosts.note(HOST, Service::Well), None);
        assert_eq!(hosts.note(HOST, Service::Busy(Some(MINUTE))), Some(MINUTE));
        assert_eq!(hosts.note(HOST, Service::Busy(Some(MINUTE / 2))), None, "it is left alone already");
        assert_eq!(hosts.note(HOST, Service::Busy(None)), None);
        assert_eq!(hosts.note(HOST, Service::Busy(Some(2 * MINUTE))), Some(2 * MINUTE));
        assert_eq!(hosts.note("https://other.example", Service::Down), None, "and no other");
    }

    #[test]
    fn a_push_service_that_is_down_is_tried_less_and_less() {
        let mut hosts = Hosts::default();
        let strike =
            |hosts: &mut Hosts| (0..STRIKES).filter_map(|_| hosts.note(HOST, Service::Down)).collect::<Vec<_>>();
        let mut last = Duration::ZERO;
        for round in 0..5 {
            let pauses = strike(&mut hosts);
            assert_eq!(pauses.len(), 1, "round {round}");
            assert!(pauses[0] >= last / 2 && pauses[0] <= LONGEST, "{pauses:?}");
            last = pauses[0];
            assert_eq!(strike(&mut hosts), [], "what was under way changes nothing");
            hosts.0.get_mut(HOST).expect("known").until = None;
        }
        assert!(last > Duration::from_secs(20), "{last:?}");
        hosts.note(HOST, Service::Well);
        assert!(strike(&mut hosts)[0] <= Duration::from_secs(4), "an answer makes up for all");
    }

    #[test]
    fn gives_up_when_the_ttl_is_over() {
        assert!(matches!(again(1, None, MINUTE), Outcome::Retry(wait) if wait <= Duration::from_secs(4)));
        assert_eq!(again(1, Some(MINUTE), MINUTE / 2), Outcome::Expired);
        assert_eq!(again(1, Some(MINUTE / 2), MINUTE), Outcome::Retry(MINUTE / 2));
        assert_eq!(again(1, None, Duration::ZERO), Outcome::Expired, "with a TTL of 0 there is one try");
        assert_eq!(again(30, None, MINUTE), Outcome::Expired);
    }
}
