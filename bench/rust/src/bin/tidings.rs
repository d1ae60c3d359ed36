//! A broadcast by Tidings: the server as it is, with its database, from the stored job to the last outcome that is noted.

use std::time::Duration;

use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tempfile::TempDir;
use tidings_bench::{AUTH, MESSAGE, Meter, TTL, arguments, receivers};
use tidings_server::{
    Config, LocalPushService, Push, Server,
    jobs::{Audience, NewJob, Phase},
    subscription_id,
};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (count, service) = arguments();
    let about = |name: &str| service.about[name].as_str().expect(name).to_owned();
    let folder = TempDir::new().expect("a folder");
    let mut config = Config::new(folder.path().join("data"));
    config.address = ([127, 0, 0, 1], 0).into();
    config.contact = "mailto:bench@example.com".into();
    config.local_push_service = Some(LocalPushService {
        origin: about("http").parse().expect("a URL"),
        https: about("https").trim_start_matches("https://").parse().expect("an address"),
        hosts: vec!["jmt17.google.com".into()],
        certificate_pem: about("certificatePem"),
    });
    let server = Server::start(config).await.expect("starts");
    subscribe(&folder, count).await;

    let push = Push::message(&serde_json::from_str(MESSAGE).expect("JSON")).expect("a message").ttl(TTL);
    let meter = Meter::start();
    let store = server.state().store().clone();
    let job = store.create_job(&NewJob::new(push, Audience::Everyone)).await.expect("stored");
    loop {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let job = store.job(&job.id).await.expect("readable").expect("there");
        if job.phase() == Phase::Finished {
            meter.report(usize::try_from(job.counts.sent).expect("not negative"));
            break;
        }
    }
    server.stop().await;
}

/// Puts the subscriptions into the database. Not by the API: that would take longer than what is measured.
async fn subscribe(folder: &TempDir, count: usize) {
    let keys = receivers();
    let file = format!("sqlite:{}", folder.path().join("data/tidings.db").display());
    let mut connection = SqliteConnection::connect(&file).await.expect("opens");
    connection.execute("BEGIN").await.expect("begins");
    for number in 0..count {
        let endpoint = format!("https://jmt17.google.com/load/{number}");
        sqlx::query("INSERT INTO subscription (id, endpoint, p256dh, auth, created, last_seen) VALUES (?, ?, ?, ?, 0, 0)")
            .bind(subscription_id(&endpoint))
            .bind(&endpoint)
            .bind(&keys[number % keys.len()][..])
            .bind(&AUTH[..])
            .execute(&mut connection)
            .await
            .expect("stored");
    }
    connection.execute("COMMIT").await.expect("commits");
}
