//! The outcome table: for each thing that a push service may do, what becomes of the delivery, of the subscription and
//! of the push service's pace, and what the caller hears.

use std::{
    collections::HashMap,
    ops::RangeInclusive,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use h2::Reason;
use serde_json::json;
use sqlx::Connection;
use tidings_server::{
    Push, Subscription,
    jobs::{Audience, Job, NewJob, Options},
    store::FILE,
    subscription_id,
};

use crate::{
    database::is_postgres,
    runner::{finished, until},
    scripted::{Answer, Scripted, response},
    setup::{Api, Receiver},
    streams::{MEANWHILE, Stream},
};

/// How long a request may take here. Long enough for a busy machine.
const TIMEOUT: Duration = Duration::from_secs(3);
/// Long enough for a second try, too short for who asks for more than a minute.
const TTL: u32 = 60;
const DAY: u64 = 24 * 60 * 60;

/// One row.
struct Row {
    name: &'static str,
    answer: Answer,
    /// How often in a row it is given, before 201.
    times: usize,
    /// What becomes of a job's delivery, and so of its subscription.
    fate: Fate,
    /// For how many seconds the push service is left alone, if it is.
    pace: Option<RangeInclusive<f64>>,
    /// What who sends by himself gets: the status and the code.
    told: (u16, &'static str),
    /// `Retry-After` of that, in seconds.
    wait: Option<RangeInclusive<u64>>,
}

enum Fate {
    /// Taken.
    Sent,
    /// Over, and the subscription with it.
    Gone,
    /// Over, and the job's failures name it with this word.
    Failed(&'static str),
    /// Tried again, after so many seconds; the next answer is 201.
    Again(RangeInclusive<f64>),
    /// Given up at once, since the next try would come after the TTL.
    Expired,
}

/// A back-off's first step.
const STEP: RangeInclusive<f64> = 2.0..=4.0;

fn rows() -> Vec<Row> {
    let row = |name, answer, fate, told| Row { name, answer, times: 1, fate, pace: None, told, wait: None };
    let whole = |status: &str, headers: &str, body: &str| Answer::Whole(response(status, headers, body));
    let asks = |status: &str, wait: &str| Answer::Whole(response(status, &format!("retry-after: {wait}\r\n"), ""));
    // An answer that promises 100 bytes and has these.
    let part = |status: &str, body: &str| format!("HTTP/1.1 {status}\r\ncontent-length: 100\r\n\r\n{body}");
    let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(100));
    let (sent, gone) = ((200, ""), (410, "subscription-gone"));
    let (large, refused) = ((413, "payload-too-large"), (502, "push-service-refused"));
    let (busy, down) = ((429, "push-service-busy"), (502, "push-service-unavailable"));
    let day = || Some(DAY as f64..=DAY as f64);
    vec![
        row("201", whole("201 Created", "", ""), Fate::Sent, sent),
        row("201, half its body", Answer::Cut(part("201 Created", "half")), Fate::Sent, sent),
        row("201, then nothing", Answer::Stuck(part("201 Created", "")), Fate::Sent, sent),
        row("404", whole("404 Not Found", "", ""), Fate::Gone, gone),
        row("410", whole("410 Gone", "", ""), Fate::Gone, gone),
        row("410, half its body", Answer::Cut(part("410 Gone", "half")), Fate::Gone, gone),
        row("413", whole("413 Content Too Large", "", ""), Fate::Failed("shorten"), large),
        row("400", whole("400 Bad Request", "", "BadTopic"), Fate::Failed("(400): BadTopic"), refused),
        row("400, half its body", Answer::Cut(part("400 Bad Request", "BadTo")), Fate::Failed("(400): BadTo"), refused),
        row("400, then nothing", Answer::Stuck(part("400 Bad Request", "Bad")), Fate::Failed("(400): Bad"), refused),
        Row {
            pace: Some(STEP),
            wait: Some(2..=2),
            ..row("429, seconds", asks("429 Too Many Requests", "2"), Fate::Again(STEP), busy)
        },
        Row {
            pace: Some(90.0..=100.0),
            wait: Some(90..=100),
            ..row("429, a date", asks("429 Too Many Requests", &soon), Fate::Expired, busy)
        },
        Row { pace: Some(STEP), ..row("429", whole("429 Too Many Requests", "", ""), Fate::Again(STEP), busy) },
        Row {
            pace: day(),
            wait: Some(DAY..=DAY),
            ..row("429, aeons", asks("429 Too Many Requests", &u64::MAX.to_string()), Fate::Expired, busy)
        },
        Row {
            pace: day(),
            wait: Some(DAY..=DAY),
            ..row("503, a far date", asks("503 No", "Fri, 31 Dec 9999 23:59:59 GMT"), Fate::Expired, down)
        },
        Row {
            pace: Some(STEP),
            wait: Some(2..=2),
            ..row("503, seconds", asks("503 No", "2"), Fate::Again(STEP), down)
        },
        row("500", whole("500 Internal Server Error", "", ""), Fate::Again(STEP), down),
        row("hang", Answer::Stuck(String::new()), Fate::Again(STEP), down),
        row("reset", Answer::Reset, Fate::Again(STEP), down),
        row("closed", Answer::Cut(String::new()), Fate::Again(STEP), down),
        row("half a head", Answer::Cut("HTTP/1.1 201 Created\r\nloca".into()), Fate::Again(STEP), down),
        row("half a head, then nothing", Answer::Stuck("HTTP/1.1 201 Cre".into()), Fate::Again(STEP), down),
        row("not HTTP", Answer::Cut("220 mail.example ESMTP\r\n".into()), Fate::Again(STEP), down),
    ]
}

/// The same over HTTP/2, of what HTTP/1.1 does not have.
fn rows_of_http_2() -> Vec<Row> {
    let row = |name, answer, fate, told| Row {
        name,
        answer: Answer::Stream(answer),
        times: 1,
        fate,
        pace: None,
        told,
        wait: None,
    };
    let (sent, gone) = ((200, ""), (410, "subscription-gone"));
    let (refused, down) = ((502, "push-service-refused"), (502, "push-service-unavailable"));
    let reset = Reason::INTERNAL_ERROR;
    // It says that it has done nothing with the request.
    let not_done = Stream::Reset(Reason::REFUSED_STREAM);
    vec![
        row("RST_STREAM", Stream::Reset(reset), Fate::Again(STEP), down),
        row("RST_STREAM, not so fast", Stream::Reset(Reason::ENHANCE_YOUR_CALM), Fate::Again(STEP), down),
        row("RST_STREAM, no error", Stream::Reset(Reason::NO_ERROR), Fate::Again(STEP), down),
        row("REFUSED_STREAM", not_done, Fate::Again(0.0..=0.0), sent),
        Row { times: 3, ..row("REFUSED_STREAM, for each try", not_done, Fate::Again(STEP), down) },
        row("201, half its body, reset", Stream::Part(201, "half", reset), Fate::Sent, sent),
        row("410, half its body, reset", Stream::Part(410, "half", reset), Fate::Gone, gone),
        row("400, half its body, reset", Stream::Part(400, "BadTo", reset), Fate::Failed("(400): BadTo"), refused),
        row("500, half its body, reset", Stream::Part(500, "half", reset), Fate::Again(STEP), down),
        row("201, then nothing", Stream::Stuck(201, "half"), Fate::Sent, sent),
        row("GOAWAY, an error", Stream::GoAway(Reason::INTERNAL_ERROR), Fate::Again(STEP), down),
        row("GOAWAY, not so fast", Stream::GoAway(Reason::ENHANCE_YOUR_CALM), Fate::Again(STEP), down),
        row("closed", Stream::Close, Fate::Again(STEP), down),
    ]
}

/// A row under test: two subscriptions at a push service of its own.
struct Case {
    row: Row,
    host: String,
    job: Job,
    id: String,
    told: String,
}

#[tokio::test]
async fn each_answer_has_its_outcome() {
    let rows = rows();
    let hosts = hosts(rows.len());
    let scripted = Scripted::start(&hosts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    have_their_outcomes(&scripted, &hosts, rows).await;
}

#[tokio::test]
async fn each_end_of_a_stream_has_its_outcome() {
    let rows = rows_of_http_2();
    let hosts = hosts(rows.len());
    let scripted = Scripted::start_http_2(&hosts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    have_their_outcomes(&scripted, &hosts, rows).await;
}

/// A connection breaks with streams open: what they carried goes at once by another, and nothing is lost.
#[tokio::test]
async fn a_connection_that_breaks_takes_nothing_with_it() {
    const COUNT: usize = 20;
    let ends = [Stream::GoAway(Reason::INTERNAL_ERROR), Stream::GoAway(Reason::NO_ERROR), Stream::Close];
    let hosts = hosts(ends.len());
    let scripted = Scripted::start_http_2(&hosts.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let api = start(&scripted).await;
    let receiver = Receiver::new();
    let mut jobs = Vec::new();
    for (end, host) in ends.into_iter().zip(&hosts) {
        for number in 0..COUNT {
            // One ends the connection, the others wait for their answer.
            let answer = if number == 0 { end } else { Stream::Silent };
            scripted.answer(&format!("/{host}/{number}"), Answer::Stream(answer));
            let mut body = receiver.subscription(&format!("https://{host}/{host}/{number}"));
            body["tags"] = json!([host]);
            assert_eq!(api.put(&body).await.status, 201);
        }
        // That HTTP/2 is spoken there is known before.
        let warm = format!("https://{host}/{host}/warm");
        assert_eq!(api.put(&receiver.subscription(&warm)).await.status, 201);
        assert_eq!(api.post(&subscription_id(&warm), &json!({"payload": null})).await.status, 200);
    }
    for host in &hosts {
        let new = NewJob::new(Push::empty().ttl(TTL), Audience::Tag(host.clone()));
        jobs.push(api.server.state().create_job(&new).await.expect("stored"));
    }
    for ((job, host), end) in jobs.iter().zip(&hosts).zip(ends) {
        let job = until(&api, job, finished).await;
        assert_eq!(job.counts.sent, COUNT as i64, "{end:?}: {:?}", job.counts);
        for number in 0..COUNT {
            let times = scripted.received(&format!("/{host}/{number}"));
            assert_eq!(times.len(), 2, "{end:?}: {number}, once before the end and once after it");
        }
        let ended = scripted.received(&format!("/{host}/0"))[0] + MEANWHILE;
        for number in 1..COUNT {
            let first = scripted.received(&format!("/{host}/{number}"))[0];
            assert!(first < ended + Duration::from_secs(1), "{end:?}: {number} was open when the connection ended");
        }
    }
}

fn hosts(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("r{number}.push.example")).collect()
}

async fn start(scripted: &Scripted) -> Api {
    Api::start_with(|config| {
        config.local_push_service = Some(scripted.service.clone());
        config.push_services.allow("*.push.example".parse().expect("a pattern"));
        let mut options = Options::default();
        options.poll = Duration::from_millis(50);
        options.timeout = TIMEOUT;
        config.runner = Some(options);
    })
    .await
}

async fn have_their_outcomes(scripted: &Scripted, hosts: &[String], rows: Vec<Row>) {
    let api = start(scripted).await;
    let receiver = Receiver::new();
    let mut cases = Vec::new();
    for (row, host) in rows.into_iter().zip(hosts) {
        let mut ids = Vec::new();
        for way in ["job", "told"] {
            for _ in 0..row.times {
                scripted.answer(&format!("/{host}/{way}"), row.answer.clone());
            }
            let endpoint = format!("https://{host}/{host}/{way}");
            assert_eq!(api.put(&receiver.subscription(&endpoint)).await.status, 201);
            ids.push(subscription_id(&endpoint));
        }
        let [id, told] = ids.try_into().expect("two");
        let new = NewJob::new(Push::empty().ttl(TTL), Audience::Subscription(id.clone()));
        let job = api.server.state().create_job(&new).await.expect("stored");
        cases.push(Case { row, host: host.clone(), job, id, told });
    }
    // All at once: some take their time.
    futures_util::future::join_all(cases.iter().map(|case| hears(&api, &receiver, case))).await;
    for case in &cases {
        becomes(&api, scripted, case).await;
    }
    let paces = paces(&api).await;
    for Case { row, host, .. } in &cases {
        let answered = scripted.received(&format!("/{host}/job"))[0];
        let pace = paces.get(&format!("https://{host}")).map(|until| seconds(answered, *until));
        match (&row.pace, pace) {
            (None, None) => {}
            // From when the answer came, which is a little later.
            (Some(expected), Some(pace)) if pace > expected.start() - 1.0 && pace < expected.end() + 3.0 => {}
            (expected, pace) => panic!("{}: left alone for {pace:?} instead of {expected:?}", row.name),
        }
    }
}

/// Who sends one message by himself hears at once what came of it.
async fn hears(api: &Api, receiver: &Receiver, Case { row, host, told, .. }: &Case) {
    let name = row.name;
    let state = api.server.state();
    if matches!(row.answer, Answer::Stuck(_)) && row.told.0 != 200 {
        // The same as below without the half minute that the API gives a push service.
        let json = receiver.subscription(&format!("https://{host}/{host}/told"));
        let subscription = Subscription::from_json(&json, state.local_push_service()).expect("good");
        let error = state.sender().send_with(&subscription, &Push::empty(), None, TIMEOUT).await.expect_err(name);
        assert_eq!((error.code(), error.retry_after()), (row.told.1, None), "{name}: {error}");
        assert!(!error.to_string().contains("/told"), "{name}: {error}");
        return;
    }
    let answer = api.post(told, &json!({"payload": null, "ttl": TTL})).await;
    assert_eq!(answer.error(), row.told, "{name}: {answer:?}");
    assert!(!answer.message().contains("/told"), "{name}: an endpoint is a secret: {answer:?}");
    let wait = answer.headers.get("retry-after").map(|value| value.to_str().expect("text").parse::<u64>());
    match (&row.wait, wait) {
        (None, None) => {}
        (Some(expected), Some(Ok(wait))) if expected.contains(&wait) => {}
        (expected, wait) => panic!("{name}: Retry-After {wait:?} instead of {expected:?}"),
    }
    let record = state.store().get(told).await.expect("readable");
    let failures = record.map(|record| record.failures);
    assert_eq!(failures, (row.told.0 != 410).then_some(i64::from(row.told.0 != 200)), "{name}");
}

/// A job's delivery and its subscription.
async fn becomes(api: &Api, scripted: &Scripted, Case { row, host, job, id, .. }: &Case) {
    let name = row.name;
    let store = api.server.state().store();
    let job = until(api, job, finished).await;
    let failures = store.job_failures(&job.id, None, 10).await.expect("readable");
    let record = store.get(id).await.expect("readable");
    let times = scripted.received(&format!("/{host}/job"));

    let counts = [job.counts.sent, job.counts.gone, job.counts.failed, job.counts.expired];
    let (expected, tries) = match &row.fate {
        Fate::Sent => ([1, 0, 0, 0], 1),
        Fate::Again(_) => ([1, 0, 0, 0], row.times + 1),
        Fate::Gone => ([0, 1, 0, 0], 1),
        Fate::Failed(_) => ([0, 0, 1, 0], 1),
        Fate::Expired => ([0, 0, 0, 1], 1),
    };
    assert_eq!((counts, times.len()), (expected, tries), "{name}: {failures:?}");
    let subscription = record.map(|record| (record.last_success.is_some(), record.failures));
    let expected = match &row.fate {
        Fate::Sent | Fate::Again(_) => Some((true, 0)),
        Fate::Gone => None,
        Fate::Failed(_) => Some((false, 1)),
        Fate::Expired => Some((false, 0)),
    };
    assert_eq!(subscription, expected, "{name}: the subscription");
    match &row.fate {
        Fate::Failed(word) => {
            let [failure] = failures.as_slice() else { panic!("{name}: {failures:?}") };
            assert_eq!((&failure.subscription_id, failure.code.as_str()), (id, row.told.1), "{name}");
            assert!(failure.reason.contains(word), "{name}: {}", failure.reason);
        }
        _ => assert!(failures.is_empty(), "{name}: {failures:?}"),
    }
    if let Fate::Again(after) = &row.fate {
        let waited = times[row.times].duration_since(times[row.times - 1]).expect("later").as_secs_f64();
        let most = after.end() + TIMEOUT.as_secs_f64() + 10.0;
        assert!((*after.start()..most).contains(&waited), "{name}: again after {waited} s");
    }
}

/// Until when push services are left alone, in milliseconds since 1970, as all processes see it.
async fn paces(api: &Api) -> HashMap<String, i64> {
    const QUERY: &str = "SELECT host, until FROM slow_host";
    let config = api.server.state().config();
    let rows: Vec<(String, i64)> = if is_postgres() {
        let url = config.database.as_deref().expect("a database");
        let mut connection = sqlx::PgConnection::connect(url).await.expect("connects");
        sqlx::query_as(QUERY).fetch_all(&mut connection).await.expect("readable")
    } else {
        let file = format!("sqlite:{}", config.data.join(FILE).display());
        let mut connection = sqlx::SqliteConnection::connect(&file).await.expect("opens");
        sqlx::query_as(QUERY).fetch_all(&mut connection).await.expect("readable")
    };
    rows.into_iter().collect()
}

fn seconds(from: SystemTime, until: i64) -> f64 {
    until as f64 / 1000.0 - from.duration_since(UNIX_EPOCH).expect("now").as_secs_f64()
}
