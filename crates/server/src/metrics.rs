//! What a server counts, in the text format of OpenMetrics, which Prometheus reads.

use std::{fmt, time::Duration};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::Registry,
};

/// The `Content-Type` of the text.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Seconds: a push service answers in about 0.05, and is given up after 30.
const SECONDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 30.0];

/// The numbers of one server.
///
/// | name | kind | labels |
/// |---|---|---|
/// | `tidings_sends_total` | counter | `outcome`: `sent`, or the error's code |
/// | `tidings_send_duration_seconds` | histogram | |
/// | `tidings_queue_deliveries` | gauge | |
/// | `tidings_sends_in_flight` | gauge | |
/// | `tidings_subscriptions` | gauge | |
/// | `tidings_http_requests_total` | counter | `route`, `method`, `status` |
/// | `tidings_http_request_duration_seconds` | histogram | |
/// | `tidings_refusals_total` | counter | `code`: the error's code |
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use tidings_server::metrics::Metrics;
///
/// let metrics = Metrics::default();
/// metrics.sent("sent", Duration::from_millis(80));
/// assert!(metrics.text().contains("tidings_sends_total{outcome=\"sent\"} 1"));
/// ```
pub struct Metrics {
    registry: Registry,
    sends: Family<Outcome, Counter>,
    send_duration: Histogram,
    queue: Gauge,
    in_flight: Gauge,
    subscriptions: Gauge,
    requests: Family<Request, Counter>,
    request_duration: Histogram,
    refusals: Family<Refusal, Counter>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Request {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refusal {
    code: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        let metrics = Self {
            registry: Registry::with_prefix("tidings"),
            sends: Family::default(),
            send_duration: Histogram::new(SECONDS),
            queue: Gauge::default(),
            in_flight: Gauge::default(),
            subscriptions: Gauge::default(),
            requests: Family::default(),
            request_duration: Histogram::new(SECONDS),
            refusals: Family::default(),
        };
        metrics.register()
    }
}

impl Metrics {
    fn register(mut self) -> Self {
        let all = &mut self.registry;
        all.register("sends", "Messages given to push services, by outcome", self.sends.clone());
        all.register("send_duration_seconds", "How long push services took to answer", self.send_duration.clone());
        all.register("queue_deliveries", "Deliveries that have come to no end yet", self.queue.clone());
        all.register("sends_in_flight", "Messages that push services have not answered yet", self.in_flight.clone());
        all.register("subscriptions", "Subscriptions that are stored", self.subscriptions.clone());
        all.register("http_requests", "Requests answered", self.requests.clone());
        all.register("http_request_duration_seconds", "How long answers took", self.request_duration.clone());
        all.register("refusals", "Requests refused, by the error's code", self.refusals.clone());
        self
    }

    /// Counts one POST to a push service: `outcome` is `sent`, or the code of its error.
    pub fn sent(&self, outcome: &'static str, took: Duration) {
        self.sends.get_or_create(&Outcome { outcome }).inc();
        self.send_duration.observe(took.as_secs_f64());
    }

    /// Counts what was answered; `route` is the pattern, not the path, which may hold secrets.
    pub(crate) fn answered(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        self.requests.get_or_create(&Request { route: route.to_owned(), method, status }).inc();
        self.request_duration.observe(took.as_secs_f64());
    }

    /// Counts a refusal.
    pub(crate) fn refused(&self, code: &'static str) {
        self.refusals.get_or_create(&Refusal { code }).inc();
    }

    /// Sets what is read when somebody asks.
    pub(crate) fn set(&self, subscriptions: i64, pending: i64, in_flight: u64) {
        self.subscriptions.set(subscriptions);
        self.in_flight.set(i64::try_from(in_flight).unwrap_or(i64::MAX));
        self.queue.set(pending);
    }

    /// All numbers, as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Metrics(…)")
    }
}
