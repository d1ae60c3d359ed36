//! Load mode: messages are checked and counted, and nothing is kept.

#![allow(missing_docs, clippy::unwrap_used, dead_code)]

mod common;

use common::sender;
use reqwest::{Response, StatusCode};
use tidings_push_service::{Config, PushService};

#[tokio::test]
async fn counts_good_messages_and_refuses_others() {
    let service = PushService::start(Config { load: true, ..Config::ephemeral() }).await.unwrap();
    let (client, keys, http) = (sender::client(&service), sender::Keys::new(1), &service.description().http);
    let post = async |path: &str, authorization: &str, body: Vec<u8>| -> Response {
        let request = sender::push(&client, &format!("{http}{path}")).header("authorization", authorization);
        request.body(body).send().await.unwrap()
    };
    let mut body = vec![0; 120];
    (body[20], body[21]) = (65, 4);
    let good = keys.sign(http);
    for (path, authorization, body, status) in [
        ("/load/7", &good, body.clone(), 201),
        ("/load/7", &good, body.clone(), 201),
        ("/load/8", &good, body.clone(), 201),
        ("/load/9", &keys.sign("https://push.example"), body.clone(), 403),
        ("/load/9", &good, b"encrypted".to_vec(), 400),
        ("/load/9", &good, vec![0; 4097], 413),
        ("/load/9/410", &good, body.clone(), 410),
        ("/load/9/429", &good, body, 429),
    ] {
        let answer = post(path, authorization, body).await;
        assert_eq!(answer.status(), StatusCode::from_u16(status).unwrap(), "{path}");
        assert_eq!(answer.headers().contains_key("retry-after"), status == 429);
    }
    let counts: serde_json::Value =
        serde_json::from_str(&client.get(format!("{http}/load")).send().await.unwrap().text().await.unwrap()).unwrap();
    assert_eq!(
        counts,
        serde_json::json!({"taken": 3, "distinct": 2, "refused": 3, "answered": 2, "bytes": 360, "http2": 0})
    );
    service.stop().await;
}
