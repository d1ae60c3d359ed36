//! The push service that is sent to, in load mode: prints its description and runs until its input ends.

use std::io::Read;

use tidings_push_service::{Config, PushService};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let service = PushService::start(Config { load: true, ..Config::ephemeral() }).await.expect("starts");
    println!("{}", serde_json::to_string(service.description()).expect("JSON"));
    let end = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    end.await.expect("no panic").expect("readable");
    service.stop().await;
}
