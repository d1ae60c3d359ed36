//! To whom a device belongs, and who may say so.

use reqwest::Method;
use serde_json::{Value, json};
use tidings_server::{subscription_id, users::Authenticate};

use crate::setup::{Answer, Api, Receiver};

const ONE: &str = "https://push.example/one";
const TWO: &str = "https://push.example/two";

/// A server where the header `x-user` says who asks.
async fn api() -> Api {
    Api::start_with(|config| {
        config.authenticate = Some(Authenticate::new(|headers| Some(headers.get("x-user")?.to_str().ok()?.to_owned())));
    })
    .await
}

fn body(receiver: &Receiver, endpoint: &str, more: Value) -> Value {
    let mut body = receiver.subscription(endpoint);
    for (name, value) in more.as_object().expect("an object") {
        body[name] = value.clone();
    }
    body
}

async fn put_as(api: &Api, user: Option<&str>, body: &Value) -> Answer {
    let mut request = api.request(Method::PUT, "/api/v1/subscriptions").json(body);
    if let Some(user) = user {
        request = request.header("x-user", user);
    }
    api.send(request).await
}

async fn user_of(api: &Api, endpoint: &str) -> Value {
    api.get(&format!("/api/v1/subscriptions/{}", subscription_id(endpoint))).await.body["user"].clone()
}

#[tokio::test]
async fn only_a_user_can_claim_to_be_that_user() {
    let (api, receiver) = (api().await, Receiver::new());
    let ada = body(&receiver, ONE, json!({"user": "ada"}));
    assert_eq!(put_as(&api, None, &ada).await.error(), (401, "user-refused"));
    assert_eq!(put_as(&api, Some("bob"), &ada).await.error(), (403, "user-refused"));
    assert_eq!(api.count().await, 0, "nothing has changed");
    assert_eq!(put_as(&api, Some("ada"), &ada).await.status, 201);
    assert_eq!(user_of(&api, ONE).await, json!("ada"));
    // The worker, later, without a session: what is, stays.
    assert_eq!(put_as(&api, None, &ada).await.status, 200);
    assert_eq!(put_as(&api, None, &body(&receiver, ONE, json!({}))).await.status, 200);
    assert_eq!(user_of(&api, ONE).await, json!("ada"));
    assert_eq!(put_as(&api, None, &body(&receiver, ONE, json!({"user": null}))).await.status, 200);
    assert_eq!(user_of(&api, ONE).await, json!(null));
}

#[tokio::test]
async fn a_hand_over_takes_the_user_with_it_only_with_the_old_secret() {
    let (api, receiver) = (api().await, Receiver::new());
    let auth = receiver.subscription(ONE)["keys"]["auth"].clone();
    put_as(&api, Some("ada"), &body(&receiver, ONE, json!({"user": "ada"}))).await;
    let stranger = body(&receiver, TWO, json!({"replaces": {"endpoint": ONE, "auth": "AAAAAAAAAAAAAAAAAAAAAA"}}));
    assert_eq!(api.put(&stranger).await.error(), (409, "replaces-refused"));
    assert_eq!(user_of(&api, ONE).await, json!("ada"));
    let own = body(&receiver, TWO, json!({"user": "ada", "replaces": {"endpoint": ONE, "auth": auth}}));
    assert_eq!(api.put(&own).await.status, 201);
    assert_eq!(api.put(&own).await.status, 200, "again, after an answer that was lost");
    assert_eq!((api.count().await, user_of(&api, TWO).await), (1, json!("ada")));
}

#[tokio::test]
async fn a_device_has_one_subscription() {
    let (api, receiver) = (api().await, Receiver::new());
    let more = json!({"device": "d1", "label": "Firefox on Linux", "tags": ["news"], "user": "ada"});
    put_as(&api, Some("ada"), &body(&receiver, ONE, more)).await;
    put_as(&api, None, &body(&receiver, TWO, json!({"device": "d1"}))).await;
    assert_eq!((api.count().await, user_of(&api, TWO).await), (1, json!("ada")));
    put_as(&api, None, &body(&receiver, ONE, json!({"device": "d2"}))).await;
    assert_eq!((api.count().await, user_of(&api, ONE).await), (2, json!(null)));
}

#[tokio::test]
async fn says_whether_a_subscription_is_known() {
    let (api, receiver) = (api().await, Receiver::new());
    let path = format!("/api/v1/key?subscription={}", subscription_id(ONE));
    assert_eq!(api.get(&path).await.body["known"], json!(false));
    api.put(&receiver.subscription(ONE)).await;
    assert_eq!(api.get(&path).await.body["known"], json!(true));
    assert_eq!(api.get("/api/v1/key").await.body.get("known"), None);
}

#[tokio::test]
async fn names_what_is_wrong_with_an_upload() {
    let (api, receiver) = (api().await, Receiver::new());
    for more in [
        json!({"user": 7}),
        json!({"user": ""}),
        json!({"device": []}),
        json!({"tags": "news"}),
        json!({"tags": [1]}),
        json!({"label": "x".repeat(201)}),
        json!({"replaces": {"endpoint": ONE}}),
        json!({"replaces": {"endpoint": ONE, "auth": "+"}}),
    ] {
        assert_eq!(api.put(&body(&receiver, ONE, more.clone())).await.error(), (400, "invalid-field"), "{more}");
    }
}

#[tokio::test]
async fn the_demo_believes_every_name_and_no_other_server_does() {
    let api = Api::start_with(|config| config.demo_sessions = true).await;
    let sign_in = || api.request(Method::POST, "/api/v1/session").json(&json!({"user": "ada"}));
    let signed_in = api.send(sign_in()).await;
    assert_eq!(signed_in.status, 201);
    let cookie = signed_in.headers["set-cookie"].to_str().expect("text").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let cookie = cookie.split(';').next().expect("a cookie").to_owned();
    let origin = format!("http://{}", api.server.address());
    let session = |method| {
        api.request(method, "/api/v1/session").header("cookie", &cookie).header("origin", &origin).json(&json!({}))
    };
    assert_eq!(api.send(session(Method::GET)).await.body, json!({"user": "ada"}));
    assert_eq!(api.send(session(Method::DELETE)).await.status, 204);
    assert_eq!(api.send(session(Method::GET)).await.body, json!({"user": null}));

    let other = Api::start(None).await;
    let refused = other.request(Method::POST, "/api/v1/session").json(&json!({"user": "ada"}));
    assert_eq!(other.send(refused).await.error(), (404, "not-found"));
}
