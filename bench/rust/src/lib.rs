//! What the measured programs share: the same subscriptions, the same message, the same figures.

use std::{fs, time::Instant};

use p256::elliptic_curve::rand_core::OsRng;

/// What is sent: a declarative message as apps send them.
pub const MESSAGE: &str = r#"{"web_push":8030,"notification":{"title":"Ada Lovelace","body":"The engine is ready. When do we begin?","navigate":"/inbox/4711","icon":"/icons/ada.png","tag":"inbox-4711"}}"#;

/// How many requests each has under way.
pub const CONCURRENCY: usize = 128;

/// Seconds that the push service would keep it.
pub const TTL: u32 = 3600;

/// Different keys of receivers; more make no difference but for the time to make them.
const KEYS: usize = 100;

/// The secrets of all receivers: nobody decrypts.
pub const AUTH: [u8; 16] = [7; 16];

/// Where the measured push service is.
pub struct Service {
    /// What `GET /about` answers.
    pub about: serde_json::Value,
}

/// Keys of receivers, uncompressed points.
pub fn receivers() -> Vec<[u8; 65]> {
    let key = |_| p256::SecretKey::random(&mut OsRng).public_key().to_sec1_bytes();
    (0..KEYS).map(key).map(|point| *point.first_chunk().expect("65 bytes")).collect()
}

/// The arguments: how many subscriptions, and the file with the push service's description.
pub fn arguments() -> (usize, Service) {
    let mut arguments = std::env::args().skip(1);
    let count = arguments.next().and_then(|text| text.parse().ok()).expect("how many subscriptions");
    let file = arguments.next().expect("the file with the description of the push service");
    let about = serde_json::from_slice(&fs::read(file).expect("readable")).expect("JSON");
    (count, Service { about })
}

/// Time, processor and memory of this process.
pub struct Meter {
    start: Instant,
    cpu: f64,
}

impl Meter {
    /// Begins.
    pub fn start() -> Self {
        Self { start: Instant::now(), cpu: cpu() }
    }

    /// Prints the figures as a line of JSON.
    pub fn report(&self, messages: usize) {
        let (seconds, cpu) = (self.start.elapsed().as_secs_f64(), cpu() - self.cpu);
        println!("{{\"messages\":{messages},\"seconds\":{seconds:.3},\"cpu\":{cpu:.3},\"peak\":{}}}", peak());
    }
}

/// Seconds of all threads, by the system's clock of 100 ticks a second.
fn cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |index: usize| fields[index].parse::<f64>().unwrap_or_default();
    (ticks(11) + ticks(12)) / 100.0
}

/// The most memory that was resident, in kB.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse().ok()).unwrap_or_default()
}
