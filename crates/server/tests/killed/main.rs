//! Four sender processes on one PostgreSQL, killed at random while they send to everyone: nothing is lost, and nothing
//! arrives twice but for what was under way when its process was killed.
//!
//! `TIDINGS_LONG=1` runs 50 000 subscriptions and 20 kills, otherwise it is a smaller form of the same.

#[allow(dead_code, reason = "the suite needs more of it")]
#[path = "../suite/database.rs"]
mod database;

use std::{
    collections::{BTreeMap, HashMap},
    io::Read,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State as Extract},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use p256::{
    SecretKey,
    elliptic_curve::rand_core::{OsRng, RngCore},
};
use sqlx::{Connection, PgConnection};
use tidings_core::base64url;
use tidings_server::{
    Config, LocalPushService, Push, State, Store,
    jobs::{Audience, NewJob, Options, Phase, Runner},
    subscription_id,
};

const PROCESSES: usize = 4;
const AUTH: [u8; 16] = [9; 16];
const TEXT: &[u8] = b"to everyone";
const LEASE: Duration = Duration::from_secs(6);

/// What a sender process is told.
const NUMBER: &str = "TIDINGS_TEST_SENDER";
const DATABASE: &str = "TIDINGS_TEST_DATABASE";
const DATA: &str = "TIDINGS_TEST_DATA";
const ORIGIN: &str = "TIDINGS_TEST_ORIGIN";

/// A message that arrived: from which process, and when.
#[derive(Clone, Copy)]
struct Receipt {
    process: usize,
    at: Instant,
}

/// A push service that counts.
#[derive(Default)]
struct Sink {
    receipts: Mutex<BTreeMap<u32, Vec<Receipt>>>,
    /// Bodies to be decrypted: one of a hundred.
    sample: Mutex<Vec<Bytes>>,
    /// Which process signs so.
    tokens: Mutex<HashMap<String, usize>>,
}

impl Sink {
    async fn start() -> (Arc<Self>, String) {
        let sink = Arc::new(Self::default());
        let app = Router::new().route("/push/{number}", post(receive)).with_state(sink.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("bound"));
        tokio::spawn(axum::serve(listener, app).into_future());
        (sink, origin)
    }

    fn arrived(&self) -> usize {
        self.receipts.lock().expect("no panic").len()
    }
}

async fn receive(
    Extract(sink): Extract<Arc<Sink>>,
    Path(number): Path<u32>,
    headers: HeaderMap,
    body: Bytes,
) -> StatusCode {
    let header = headers["authorization"].to_str().expect("text");
    let process = *sink.tokens.lock().expect("no panic").entry(header.to_owned()).or_insert_with(|| signer(header));
    let receipt = Receipt { process, at: Instant::now() };
    sink.receipts.lock().expect("no panic").entry(number).or_default().push(receipt);
    if number.is_multiple_of(100) {
        sink.sample.lock().expect("no panic").push(body);
    }
    StatusCode::CREATED
}

/// The number in `mailto:sender-7@example.com`.
fn signer(header: &str) -> usize {
    let claims = header.split('.').nth(1).and_then(base64url::decode).expect("claims");
    let claims: serde_json::Value = serde_json::from_slice(&claims).expect("JSON");
    let subject = claims["sub"].as_str().expect("a subject");
    subject.trim_start_matches("mailto:sender-").trim_end_matches("@example.com").parse().expect("a number")
}

/// Not a test: what each sender process runs, until it is killed or the test ends.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by the other test"]
async fn sender_process() {
    let Ok(number) = std::env::var(NUMBER) else { return };
    let variable = |name| std::env::var(name).expect("told");
    let mut config = Config::new(variable(DATA));
    config.database = Some(variable(DATABASE));
    config.contact = format!("mailto:sender-{number}@example.com");
    config.local_push_service = Some(LocalPushService {
        origin: variable(ORIGIN).parse().expect("a URL"),
        https: ([127, 0, 0, 1], 9).into(),
        hosts: Vec::new(),
        certificate_pem: rcgen::generate_simple_self_signed(vec!["localhost".into()]).expect("made").cert.pem(),
    });
    let mut options = Options::default();
    (options.lease, options.timeout, options.poll) = (LEASE, Duration::from_secs(3), Duration::from_millis(100));
    let runner = Runner::start(State::open(&config).await.expect("opens"), options);
    // The end of this means that the test has ended, however it did.
    tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()))
        .await
        .expect("no panic")
        .expect("ends");
    drop(runner);
}

struct Senders<'a> {
    database: &'a str,
    data: &'a std::path::Path,
    origin: &'a str,
    next: usize,
}

impl Senders<'_> {
    fn spawn(&mut self) -> (usize, Child) {
        let number = self.next;
        self.next += 1;
        let child = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "sender_process", "--ignored", "--quiet"])
            .env(NUMBER, number.to_string())
            .env(DATABASE, self.database)
            .env(DATA, self.data)
            .env(ORIGIN, self.origin)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .expect("a process");
        (number, child)
    }
}

async fn subscribe(url: &str, origin: &str, count: u32, secret: &SecretKey) {
    let mut connection = PgConnection::connect(url).await.expect("connects");
    let endpoints: Vec<String> = (0..count).map(|number| format!("{origin}/push/{number}")).collect();
    let ids: Vec<String> = endpoints.iter().map(|endpoint| subscription_id(endpoint)).collect();
    sqlx::query(
        "INSERT INTO subscription (id, endpoint, p256dh, auth, created, last_seen)
         SELECT id, endpoint, $3, $4, 0, 0 FROM UNNEST($1, $2) AS row (id, endpoint)",
    )
    .bind(ids)
    .bind(endpoints)
    .bind(secret.public_key().to_sec1_bytes().to_vec())
    .bind(AUTH.as_slice())
    .execute(&mut connection)
    .await
    .expect("stored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_when_senders_are_killed() {
    let long = std::env::var("TIDINGS_LONG").is_ok_and(|value| value == "1");
    let (count, kills): (u32, usize) = if long { (50_000, 20) } else { (3_000, 5) };
    let server = tokio::task::spawn_blocking(database::Postgres::start).await.expect("starts");
    let url = server.url("postgres");
    let store = Store::open_url(&url).await.expect("opens");
    let folder = tempfile::tempdir().expect("a folder");
    let (sink, origin) = Sink::start().await;
    let secret = SecretKey::random(&mut OsRng);
    subscribe(&url, &origin, count, &secret).await;
    // The one key of all processes.
    tidings_server::VapidKey::load_or_create(folder.path()).expect("made");

    let push = Push::bytes(TEXT).expect("short").ttl(24 * 3600);
    let job = store.create_job(&NewJob::new(push, Audience::Everyone)).await.expect("stored");
    let start = Instant::now();
    let mut senders = Senders { database: &url, data: folder.path(), origin: &origin, next: 0 };
    let mut running: Vec<_> = (0..PROCESSES).map(|_| senders.spawn()).collect();
    let mut moments: Vec<usize> =
        (0..kills).map(|_| count as usize * (2 + OsRng.next_u32() as usize % 93) / 100).collect();
    moments.sort_unstable();
    let mut killed: HashMap<usize, Instant> = HashMap::new();
    let end = start + Duration::from_secs(if long { 540 } else { 120 });
    for moment in moments {
        while sink.arrived() < moment {
            assert!(Instant::now() < end, "{} of {count} arrived", sink.arrived());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // One that has sent something: a kill of one that only starts proves nothing.
        let (number, mut child) = loop {
            assert!(Instant::now() < end, "no process sends");
            let index = OsRng.next_u32() as usize % PROCESSES;
            if sink.tokens.lock().expect("no panic").values().any(|process| *process == running[index].0) {
                break std::mem::replace(&mut running[index], senders.spawn());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        };
        killed.insert(number, Instant::now());
        child.kill().expect("killed");
        child.wait().expect("ended");
    }
    let job = loop {
        let job = store.job(&job.id).await.expect("readable").expect("there");
        if job.phase() == Phase::Finished {
            break job;
        }
        assert!(Instant::now() < end, "{job:?}, {} of {count} arrived", sink.arrived());
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let took = start.elapsed();
    for (_, child) in &mut running {
        child.kill().expect("killed");
        child.wait().expect("ended");
    }

    let receipts = sink.receipts.lock().expect("no panic").clone();
    assert_eq!(receipts.len(), count as usize, "each got it");
    assert_eq!((job.counts.total, job.counts.sent, job.counts.pending()), (i64::from(count), i64::from(count), 0));
    assert_eq!(store.pending().await.expect("readable"), 0);
    assert_eq!(store.count().await.expect("readable"), i64::from(count));
    let (mut twice, mut per_kill, mut longest) = (0, HashMap::<usize, u32>::new(), Duration::ZERO);
    for (number, all) in &receipts {
        for pair in all.windows(2) {
            let kill = killed.get(&pair[0].process);
            let kill = kill.unwrap_or_else(|| panic!("{number} arrived twice, though nobody killed its first sender"));
            let before = kill.saturating_duration_since(pair[0].at);
            assert!(before < LEASE / 2, "{number} had been done for {before:?} when its sender was killed");
            assert!(pair[1].at > *kill, "{number} was sent by two at once");
            twice += 1;
            *per_kill.entry(pair[0].process).or_default() += 1;
            longest = longest.max(before);
        }
    }
    let most = per_kill.values().copied().max().unwrap_or_default();
    println!(
        "{count} subscriptions, {PROCESSES} processes, {} kills: {} arrived, {twice} twice ({:.2} %, at most {most} at one kill, \
         {longest:.0?} before it at most), 0 lost, in {took:.1?}",
        killed.len(),
        receipts.len(),
        100.0 * f64::from(twice) / f64::from(count),
    );
    let bodies = sink.sample.lock().expect("no panic");
    assert!(bodies.len() >= count as usize / 100);
    for body in bodies.iter() {
        assert_eq!(web_push_native::decrypt(body.to_vec(), &secret, &AUTH.into()).expect("decrypts"), TEXT);
    }
}
