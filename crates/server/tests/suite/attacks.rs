//! What attackers try: each attempt is refused and logged, and changes nothing.

use std::{
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tidings_server::{
    Config,
    jobs::Job,
    limits::Limits,
    resolver::Lookup,
    store::{ReceiptCount, Record},
    subscription_id,
    users::Authenticate,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

use crate::{
    fake::Fake,
    log::Log,
    setup::{Answer, Api, Receiver, hello},
};

const SUBSCRIPTIONS: &str = "/api/v1/subscriptions";
const ONE: &str = "https://push.example/one-secret-path";
const TWO: &str = "https://push.example/two-secret-path";
const MESSAGE_ID: &str = "lunch";

/// A server under attack, with a subscription of Ada's, and what it logs.
struct Target {
    api: Api,
    log: Log,
    ada: Receiver,
    before: Snapshot,
}

/// All that attacks must not change.
#[derive(Debug, PartialEq)]
struct Snapshot {
    subscriptions: Vec<Record>,
    jobs: Vec<Job>,
    receipts: Vec<ReceiptCount>,
    tokens: usize,
}

impl Target {
    async fn start(change: impl FnOnce(&mut Config)) -> Self {
        let log = Log::start();
        let api = Api::start_with(|config| {
            config.authenticate = Some(Authenticate::new(|headers| {
                let cookie = headers.get("cookie")?.to_str().ok()?;
                cookie.strip_prefix("user=").map(str::to_owned)
            }));
            change(config);
        })
        .await;
        let ada = Receiver::new();
        let mut body = ada.subscription(ONE);
        body["user"] = json!("ada");
        body["device"] = json!("adas-secret-device");
        let put = api.request(Method::PUT, SUBSCRIPTIONS).json(&body);
        let put = put.header("cookie", "user=ada").header("sec-fetch-site", "same-origin");
        assert_eq!(api.send(put).await.status, 201);
        api.server.state().store().note_message(MESSAGE_ID).await.expect("noted");
        let before = Snapshot::of(&api).await;
        log.take();
        Self { api, log, ada, before }
    }

    /// Sends it, and expects that it is refused and logged with this code, and that nothing has changed.
    async fn refuses(&self, what: &str, request: RequestBuilder, (status, code): (u16, &str)) -> Answer {
        let answer = self.api.send(request).await;
        assert_eq!(answer.error(), (status, code), "{what}: {answer:?}");
        assert!(answer.message().contains(' '), "{what}: a sentence: {}", answer.message());
        self.logged(what, code).await;
        answer
    }

    async fn logged(&self, what: &str, code: &str) {
        let log = self.log.take();
        let line = log.lines().find(|line| line.contains("WARN") && line.contains(&format!("code=\"{code}\"")));
        assert!(line.is_some(), "{what} is logged: {log}");
        for secret in ["secret", "AAAAAAAAAAAAAAAAAAAAAA", "CQkJCQkJCQkJCQkJCQkJCQ"] {
            assert!(!ours(&log).contains(secret), "{what}: a secret is logged: {log}");
        }
        assert_eq!(Snapshot::of(&self.api).await, self.before, "{what} changed something");
    }

    fn put(&self, body: &Value) -> RequestBuilder {
        self.api.request(Method::PUT, SUBSCRIPTIONS).json(body)
    }
}

/// What this project logs, at the levels that are on by default.
fn ours(log: &str) -> String {
    let levels = ["ERROR", "WARN", "INFO"];
    let lines = log.lines().filter(|line| line.contains("tidings") && levels.iter().any(|level| line.contains(level)));
    lines.collect::<Vec<_>>().join("\n")
}

impl Snapshot {
    async fn of(api: &Api) -> Self {
        let store = api.server.state().store();
        let mut subscriptions = Vec::new();
        for id in store.page(None, 1000).await.expect("readable") {
            subscriptions.extend(store.get(&id).await.expect("readable"));
        }
        Self {
            subscriptions,
            jobs: store.jobs(None, 100).await.expect("readable"),
            receipts: store.receipt_counts(MESSAGE_ID).await.expect("readable"),
            tokens: store.tokens().await.expect("readable").len(),
        }
    }
}

#[tokio::test]
async fn endpoints_that_lead_inside_are_refused_in_every_spelling() {
    // Every host is allowed, so that the addresses alone decide.
    let target = Target::start(|config| config.push_services.allow("*".parse().expect("all hosts"))).await;
    let spellings = [
        ("plain", "https://127.0.0.1/"),
        ("decimal", "https://2130706433/"),
        ("hexadecimal", "https://0x7f000001/"),
        ("octal", "https://017700000001/"),
        ("octal parts", "https://0177.0.0.01/"),
        ("mixed parts", "https://0x7f.0.0x0.1/"),
        ("short", "https://127.1/"),
        ("zero", "https://0/"),
        ("trailing dot", "https://127.0.0.1./"),
        ("percent-encoded", "https://%31%32%37.0.0.1/"),
        ("full-width digits", "https://１２７.０.０.１/"),
        ("circled digits", "https://①②⑦.⓪.⓪.①/"),
        ("ideographic stops", "https://127。0。0。1/"),
        ("unspecified IPv6", "https://[::]/"),
        ("loopback IPv6", "https://[::1]/"),
        ("long loopback IPv6", "https://[0000:0000:0000:0000:0000:0000:0000:0001]/"),
        ("mapped", "https://[::ffff:127.0.0.1]/"),
        ("mapped, hexadecimal", "https://[::ffff:7f00:1]/"),
        ("compatible", "https://[::127.0.0.1]/"),
        ("NAT64", "https://[64:ff9b::7f00:1]/"),
        ("NAT64 to a private network", "https://[64:ff9b::10.0.0.1]/"),
        ("local NAT64", "https://[64:ff9b:1::7f00:1]/"),
        ("6to4", "https://[2002:7f00:1::]/"),
        ("Teredo", "https://[2001:0:7f00:1::]/"),
        ("unique local", "https://[fd00::1]/"),
        ("link-local IPv6", "https://[fe80::1]/"),
        ("multicast IPv6", "https://[ff02::1]/"),
        ("link-local, with a cloud's metadata", "https://169.254.169.254/latest/meta-data/"),
        ("its name", "https://metadata.google.internal/"),
        ("private 10", "https://10.0.0.1/"),
        ("private 172", "https://172.16.0.1/"),
        ("private 192", "https://192.168.1.1/"),
        ("shared by providers", "https://100.64.0.1/"),
        ("documentation", "https://203.0.113.1/"),
        ("multicast", "https://224.0.0.1/"),
        ("broadcast", "https://255.255.255.255/"),
        ("localhost", "https://localhost/"),
        ("localhost with a dot", "https://LOCALHOST./"),
        ("localhost with a soft hyphen", "https://local\u{ad}host/"),
        ("a name below localhost", "https://app.localhost/"),
        ("a tab inside", "https://127.0.\t0.1/"),
        ("another port", "https://127.0.0.1:8443/"),
    ];
    for (what, endpoint) in spellings {
        let mut body = target.ada.subscription(endpoint);
        target.refuses(what, target.put(&body), (400, "endpoint-not-public")).await;
        // As what a good one is handed over to, too.
        body["replaces"] = json!({"endpoint": ONE, "auth": body["keys"]["auth"]});
        target.refuses(what, target.put(&body), (400, "endpoint-not-public")).await;
    }
    for (what, endpoint, code) in [
        ("a user name", "https://fcm.googleapis.com@127.0.0.1/", "endpoint-has-credentials"),
        ("a password", "https://fcm.googleapis.com:x@127.0.0.1/", "endpoint-has-credentials"),
        ("http", "http://127.0.0.1/", "endpoint-not-https"),
        ("a file", "file:///etc/passwd", "endpoint-not-https"),
        ("gopher", "gopher://127.0.0.1:6379/_FLUSHALL", "endpoint-not-https"),
        ("no host", "https:///", "endpoint-invalid"),
    ] {
        target.refuses(what, target.put(&target.ada.subscription(endpoint)), (400, code)).await;
    }
}

#[tokio::test]
async fn hosts_that_are_no_known_push_service_are_refused() {
    let target = Target::start(|_| {}).await;
    for endpoint in [
        "https://intranet.example/",
        "https://fcm.googleapis.com.evil.example/",
        "https://evil-fcm.googleapis.com/",
        "https://fcm.googleapis.com:22/",
        "https://fcm.googleapis.com./",
        "https://fcm.googleаpis.com/", // a Cyrillic а
        "https://8.8.8.8/",
        "https://push.example:8443/",
    ] {
        let body = target.ada.subscription(endpoint);
        target.refuses(endpoint, target.put(&body), (400, "endpoint-service-unknown")).await;
    }
}

#[tokio::test]
async fn what_was_stored_before_it_was_forbidden_is_not_sent_to() {
    let target = Target::start(|_| {}).await;
    let store = target.api.server.state().store();
    let put = |endpoint: &str| {
        let json = target.ada.subscription(endpoint);
        tidings_server::Subscription::from_json(&json, None).expect("good by itself")
    };
    let elsewhere = put("https://intranet.example/secret");
    store.put(&elsewhere).await.expect("stored");
    let answer = target.api.post(&elsewhere.id(), &json!({"message": hello()})).await;
    assert_eq!(answer.error(), (400, "endpoint-service-unknown"));
    assert!(target.log.take().contains("code=\"endpoint-service-unknown\""));
    assert_eq!(target.api.count().await, 2, "it may be allowed again");
}

#[tokio::test]
async fn redirects_lead_nowhere() {
    let (fake, inside) = (Fake::start().await, Fake::start().await);
    let target = Target::start(|config| config.local_push_service = Some(fake.service.clone())).await;
    let endpoint = fake.endpoint("/push/redirects");
    assert_eq!(target.put(&target.ada.subscription(&endpoint)).send().await.expect("an answer").status(), 201);
    for status in [301, 302, 303, 307, 308] {
        fake.answer_with(status, &[("location", &inside.endpoint("/admin"))], "");
        let before = Snapshot::of(&target.api).await;
        let answer = target.api.post(&subscription_id(&endpoint), &json!({"message": hello()})).await;
        assert_eq!(answer.error(), (502, "push-service-refused"), "{status}");
        let log = target.log.take();
        assert!(log.contains("code=\"push-service-refused\""), "{status} is logged: {log}");
        let after = Snapshot::of(&target.api).await;
        let success =
            |snapshot: &Snapshot| snapshot.subscriptions.iter().map(|row| row.last_success).collect::<Vec<_>>();
        assert_eq!((success(&after), &after.jobs), (success(&before), &before.jobs), "{status}");
        assert_eq!(fake.received().len(), 1);
    }
    assert_eq!(inside.received().len(), 0, "nobody followed");
}

#[tokio::test]
async fn a_name_that_changes_its_address_gains_nothing() {
    let inside = Fake::start().await;
    let port = inside.service.https.port();
    let lookups = Arc::new(AtomicUsize::new(0));
    let counted = lookups.clone();
    let target = Target::start(|config| {
        config.push_services.allow(format!("*.evil.example:{port}").parse().expect("hosts"));
        config.lookup = Lookup::new(move |name| {
            counted.fetch_add(1, Ordering::SeqCst);
            let addresses = match name.as_str() {
                "loopback.evil.example" => vec!["127.0.0.1:0", "[::1]:0"],
                "mapped.evil.example" => vec!["[::ffff:127.0.0.1]:0"],
                "nat64.evil.example" => vec!["[64:ff9b::7f00:1]:0"],
                _ => vec!["10.0.0.1:0", "169.254.169.254:0", "[fd00::1]:0"],
            };
            async move { Ok(addresses.into_iter().filter_map(|text| text.parse().ok()).collect()) }
        });
    })
    .await;
    for name in ["loopback", "mapped", "nat64", "private"] {
        // When it is registered, the name is not looked up: it could lead anywhere by the time it is sent to.
        let endpoint = format!("https://{name}.evil.example:{port}/secret");
        assert_eq!(target.api.put(&target.ada.subscription(&endpoint)).await.status, 201);
        assert_eq!(lookups.swap(0, Ordering::SeqCst), 0);
        target.log.take();
        let answer = target.api.post(&subscription_id(&endpoint), &json!({"message": hello()})).await;
        assert_eq!(answer.error(), (502, "push-service-unavailable"), "{name}");
        assert!(answer.message().contains("no public address"), "{}", answer.message());
        assert_eq!(lookups.swap(0, Ordering::SeqCst), 1, "looked up once: what was checked is what is connected to");
        let log = ours(&target.log.take());
        assert!(log.contains("push-service-unavailable") && !log.contains("secret"), "{log}");
    }
    assert_eq!(inside.received().len(), 0);
}

#[tokio::test]
async fn forged_hand_overs_are_refused() {
    let target = Target::start(|_| {}).await;
    let mallory = Receiver::new();
    let hand_over = |auth: &str, more: Value| {
        let mut body = mallory.subscription(TWO);
        body["replaces"] = json!({"endpoint": ONE, "auth": auth});
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        target.put(&body)
    };
    let refused = (409, "replaces-refused");
    let wrong = "AAAAAAAAAAAAAAAAAAAAAA";
    target.refuses("a wrong secret", hand_over(wrong, json!({})), refused).await;
    target.refuses("a wrong secret and her name", hand_over(wrong, json!({"user": "ada"})), refused).await;
    target.refuses("an empty secret", hand_over("", json!({})), refused).await;
    target.refuses("half a secret", hand_over("CQkJCQkJCQk", json!({})), refused).await;
    let own = hand_over(wrong, json!({"user": "mallory"})).header("cookie", "user=mallory");
    target.refuses("as another user", own.header("sec-fetch-site", "same-origin"), refused).await;
    let mut keys = mallory.subscription(ONE);
    keys["keys"]["auth"] = json!(wrong);
    target.refuses("other keys for her endpoint", target.put(&keys), (409, "keys-refused")).await;
    let mut mine = keys.clone();
    mine["user"] = json!("mallory");
    let mine = target.put(&mine).header("cookie", "user=mallory").header("sec-fetch-site", "same-origin");
    target.refuses("her endpoint as his", mine, (409, "keys-refused")).await;
}

#[tokio::test]
async fn nobody_reaches_another_users_devices() {
    let target = Target::start(|_| {}).await;
    let mallory = |method, path: &str| {
        let request = target.api.request(method, path);
        request.header("cookie", "user=mallory").header("sec-fetch-site", "same-origin")
    };
    let ada = subscription_id(ONE);
    let detach = mallory(Method::DELETE, &format!("/api/v1/me/devices/{ada}"));
    target.refuses("detaching hers", detach, (404, "unknown-subscription")).await;
    let mut claim = Receiver::new().subscription(TWO);
    claim["user"] = json!("ada");
    let request = mallory(Method::PUT, SUBSCRIPTIONS).json(&claim);
    target.refuses("a device of his as hers", request, (403, "user-refused")).await;
    target.refuses("a device of nobody's as hers", target.put(&claim), (401, "user-refused")).await;
    for (method, path) in [(Method::GET, "devices"), (Method::GET, "export"), (Method::DELETE, "")] {
        let path = format!("/api/v1/me/{path}");
        let request = target.api.request(method, path.trim_end_matches('/'));
        target.refuses("without a session", request, (401, "user-unknown")).await;
    }
    let list = target.api.send(mallory(Method::GET, "/api/v1/me/devices")).await;
    assert_eq!(list.body, json!({"devices": []}));
    let export = target.api.send(mallory(Method::GET, "/api/v1/me/export")).await;
    assert_eq!((&export.body["user"], &export.body["subscriptions"]), (&json!("mallory"), &json!([])));
    assert_eq!(target.api.send(mallory(Method::DELETE, "/api/v1/me")).await.body, json!({"erased": 0}));
    assert_eq!(Snapshot::of(&target.api).await, target.before);
}

#[tokio::test]
async fn a_receipt_of_what_was_never_sent_is_not_counted() {
    let fake = Fake::start().await;
    let target = Target::start(|config| config.local_push_service = Some(fake.service.clone())).await;
    let shown = async |id: &str, key: &str| {
        let request = target.api.request(Method::POST, "/api/v1/receipts").header("idempotency-key", key);
        target.api.send(request.json(&json!({"id": id, "type": "shown"}))).await
    };
    let count = async |id: &str| target.api.get(&format!("/api/v1/messages/{id}/receipts")).await.body["shown"].clone();
    for (id, key) in [("breakfast", "k1"), ("breakfast", "k2"), ("Lunch", "k1"), (" lunch", "k1"), ("%", "k1")] {
        let answer = shown(id, key).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body),
            (200, &json!({"counted": false, "code": "receipt-unknown"}))
        );
        target.logged(id, "receipt-unknown").await;
    }
    assert_eq!(count("breakfast").await, 0);

    // However it is sent: then it is known.
    let endpoint = fake.endpoint("push/secret");
    assert_eq!(target.api.put(&Receiver::new().subscription(&endpoint)).await.status, 201);
    let message = |id: &str| json!({"web_push": 8030, "notification": {"title": "x", "navigate": "/", "data": {"tidings": {"id": id}}}});
    let send = json!({"to": "everyone", "message": message("breakfast"), "at": now() + 1_000_000});
    let sent = target.api.send(target.api.request(Method::POST, "/api/v1/sends").json(&send)).await;
    assert_eq!(sent.status, 202, "{sent:?}");
    let sent = target.api.post(&subscription_id(&endpoint), &json!({"message": message("dinner")})).await;
    assert_eq!(sent.status, 200, "{sent:?}");
    for id in ["breakfast", "dinner"] {
        let answer = shown(id, "k1").await;
        assert_eq!((answer.status.as_u16(), &answer.body), (201, &json!({"counted": true})));
        assert_eq!(count(id).await, 1);
    }
}

fn now() -> i64 {
    std::time::SystemTime::UNIX_EPOCH.elapsed().expect("after 1970").as_millis() as i64
}

#[tokio::test]
async fn a_replayed_receipt_is_not_counted() {
    let target = Target::start(|_| {}).await;
    let now = now();
    let receipt = |key: Option<&str>, at: i64, kind: &str| {
        let request = target.api.request(Method::POST, "/api/v1/receipts");
        let request = request.json(&json!({"id": MESSAGE_ID, "type": kind, "at": at}));
        if let Some(key) = key { request.header("idempotency-key", key) } else { request }
    };
    let day = 24 * 60 * 60 * 1000;
    target.refuses("an old one", receipt(Some("k1"), now - 40 * day, "shown"), (400, "receipt-stale")).await;
    target.refuses("one to come", receipt(Some("k1"), now + 2 * day, "shown"), (400, "receipt-stale")).await;
    target.refuses("without a key", receipt(None, now, "shown"), (400, "missing-field")).await;
    target.refuses("of no kind", receipt(Some("k1"), now, "opened"), (400, "invalid-field")).await;

    let first = target.api.send(receipt(Some("k1"), now, "shown")).await;
    assert_eq!((first.status.as_u16(), &first.body), (201, &json!({"counted": true})));
    let before = Snapshot::of(&target.api).await;
    assert_eq!(before.receipts.iter().map(|count| count.count).sum::<i64>(), 1);
    for again in 1..=5 {
        let answer = target.api.send(receipt(Some("k1"), now + again, "shown")).await;
        // The outbox that did not hear the first answer must learn that it is done.
        assert_eq!(
            (answer.status.as_u16(), &answer.body),
            (200, &json!({"counted": false, "code": "receipt-replayed"}))
        );
        assert!(target.log.take().contains("code=\"receipt-replayed\""));
        assert_eq!(Snapshot::of(&target.api).await, before);
    }
}

#[tokio::test]
async fn other_sites_cannot_act_for_a_user() {
    let target = Target::start(|_| {}).await;
    let host = target.api.server.address();
    let mut detach = target.ada.subscription(ONE);
    detach["user"] = json!(null);
    let id = subscription_id(ONE);
    let routes = [
        (Method::PUT, SUBSCRIPTIONS.to_owned(), detach.clone()),
        (Method::DELETE, SUBSCRIPTIONS.to_owned(), json!({"endpoint": ONE})),
        (Method::DELETE, "/api/v1/me".into(), json!({})),
        (Method::DELETE, format!("/api/v1/me/devices/{id}"), json!({})),
        (Method::POST, "/api/v1/receipts".into(), json!({"id": MESSAGE_ID, "type": "shown"})),
        (Method::POST, format!("/api/v1/subscriptions/{id}/messages"), json!({"message": hello()})),
        (Method::POST, "/api/v1/sends".into(), json!({"to": "everyone", "message": hello()})),
    ];
    for (method, path, body) in &routes {
        // What a browser adds by itself, and a forged page cannot change.
        let forged = |headers: &[(&str, &str)]| {
            let request = target.api.request(method.clone(), path).header("cookie", "user=ada");
            let request = request.header("idempotency-key", "k").json(body);
            headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
        };
        let evil = format!("http://{host}.evil.example");
        let other_port = format!("http://{}:1", host.ip());
        for headers in [
            &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")][..],
            &[("sec-fetch-site", "same-site"), ("origin", "https://sister.push.example")],
            &[("origin", "https://evil.example")],
            &[("origin", "null")],
            &[("origin", &evil)],
            &[("origin", &other_port)],
        ] {
            target.refuses(&format!("{method} {path} {headers:?}"), forged(headers), (403, "cross-site")).await;
        }
        target.refuses(&format!("{method} {path} without an origin"), forged(&[]), (403, "origin-missing")).await;
    }
    // A form needs no preflight; its three types are not JSON, whoever asks.
    for content_type in ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"] {
        for (method, path, body) in routes.iter().filter(|(_, path, _)| !path.contains("/me")) {
            let request = target.api.request(method.clone(), path).header("content-type", content_type);
            let request = request.header("sec-fetch-site", "same-origin").body(body.to_string());
            target.refuses(content_type, request, (415, "unsupported-media-type")).await;
        }
    }
    let preflight = target.api.request(Method::OPTIONS, SUBSCRIPTIONS).header("origin", "https://evil.example");
    let answer = target.api.send(preflight.header("access-control-request-method", "PUT")).await;
    assert!(!answer.headers.keys().any(|name| name.as_str().starts_with("access-control")), "{:?}", answer.headers);
}

#[tokio::test]
async fn only_this_machine_sends_without_a_token_and_only_if_told() {
    let target = Target::start(|_| {}).await;
    let send = |headers: &[(&str, &str)]| {
        let request =
            target.api.request(Method::POST, "/api/v1/sends").json(&json!({"to": "everyone", "message": hello()}));
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    };
    let missing = (401, "token-missing");
    // A page whose name was made to lead to this machine (DNS rebinding): all its headers agree.
    let rebound =
        [("host", "evil.example:8080"), ("origin", "http://evil.example:8080"), ("sec-fetch-site", "same-origin")];
    target.refuses("a rebound name", send(&rebound), missing).await;
    for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
        target.refuses("through a proxy on this machine", send(&[(header, "203.0.113.9")]), missing).await;
    }
    let target = Target::start(|config| config.loopback_without_token = false).await;
    let id = subscription_id(ONE);
    for (method, path) in [
        (Method::POST, "/api/v1/sends".to_owned()),
        (Method::GET, "/api/v1/sends".into()),
        (Method::GET, "/api/v1/sends/x".into()),
        (Method::DELETE, "/api/v1/sends/x".into()),
        (Method::POST, "/api/v1/sends/x/pause".into()),
        (Method::GET, "/api/v1/sends/x/events".into()),
        (Method::GET, format!("/api/v1/subscriptions/{id}")),
        (Method::POST, format!("/api/v1/subscriptions/{id}/messages")),
        (Method::POST, "/api/v1/users/ada/messages".into()),
        (Method::DELETE, "/api/v1/users/ada".into()),
        (Method::GET, "/api/v1/users/ada/export".into()),
        (Method::GET, "/api/v1/messages/lunch/receipts".into()),
        (Method::GET, "/metrics".into()),
    ] {
        let request = target.api.request(method.clone(), &path).json(&json!({"message": hello()}));
        let answer = target.refuses(&format!("{method} {path}"), request, missing).await;
        assert_eq!(answer.headers["www-authenticate"], "Bearer");
    }
}

#[tokio::test]
async fn long_and_deep_bodies_are_refused() {
    let target = Target::start(|_| {}).await;
    let put = || target.api.request(Method::PUT, SUBSCRIPTIONS).header("content-type", "application/json");
    let long = json!({"endpoint": ONE, "x": "x".repeat(1 << 20)}).to_string();
    target.refuses("a megabyte", put().body(long), (413, "body-too-large")).await;
    // Without a length: nobody knows before how long it will be.
    let chunks = futures_util::stream::iter((0..64).map(|_| Ok::<_, std::io::Error>("x".repeat(1024))));
    target.refuses("chunks", put().body(reqwest::Body::wrap_stream(chunks)), (413, "body-too-large")).await;
    target.refuses("nested", put().body("[".repeat(10_000)), (400, "malformed-json")).await;
    let nested = format!("{}1{}", "{\"a\":".repeat(2000), "}".repeat(2000));
    target.refuses("nested objects", put().body(nested), (400, "malformed-json")).await;
}

#[tokio::test]
async fn slow_headers_and_bodies_are_cut_off() {
    let short = Duration::from_millis(300);
    let target = Target::start(|config| {
        config.limits = Limits { header: short, body: short, ..Limits::default() };
    })
    .await;
    let address = target.api.server.address();
    let head = format!(
        "PUT {SUBSCRIPTIONS} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n"
    );
    let start = Instant::now();
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(head.as_bytes()).await.expect("written");
    // A byte now and then keeps the connection alive, but not for long.
    let mut answer = Vec::new();
    for _ in 0..100 {
        // Fails once the server has hung up.
        let _ = stream.write_all(b" ").await;
        let read = timeout(Duration::from_millis(50), stream.read_buf(&mut answer)).await;
        if let Ok(Ok(0) | Err(_)) = read {
            break;
        }
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    assert!(text.starts_with("HTTP/1.1 408") && text.contains("body-too-slow"), "{text}");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    target.logged("a slow body", "body-too-slow").await;

    let start = Instant::now();
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(b"PUT /api/v1/subscriptions HTTP/1.1\r\nhost: x\r\n").await.expect("written");
    let mut answer = Vec::new();
    let read = timeout(Duration::from_secs(3), stream.read_to_end(&mut answer)).await.expect("hangs up");
    assert!(read.is_err() || !answer.starts_with(b"HTTP/1.1 2"), "{:?}", String::from_utf8_lossy(&answer));
    assert!(start.elapsed() >= short, "{:?}", start.elapsed());
    assert!(target.log.take().contains("a connection broke off"));
    assert_eq!(Snapshot::of(&target.api).await, target.before);
}

#[tokio::test]
async fn guessing_tokens_ends_soon() {
    let target = Target::start(|config| {
        config.limits = Limits { guesses: NonZeroU32::new(3).expect("not zero"), ..Limits::default() };
    })
    .await;
    let (token, secret) = target.api.server.state().store().create_token("newsletter").await.expect("made");
    let target = Target { before: Snapshot::of(&target.api).await, ..target };
    let with = |value: &str| target.api.request(Method::GET, "/api/v1/sends").header("authorization", value);
    let good = format!("Bearer {secret}");
    assert_eq!(target.api.send(with(&good)).await.status, 200);

    let refused = (401, "token-refused");
    let cut = format!("Bearer {}", &secret[..secret.len() - 1]);
    target.refuses("a token's beginning", with(&cut), refused).await;
    target.refuses("no bearer", with(&format!("Basic {secret}")), refused).await;
    target.refuses("the token's id", with(&format!("Bearer {}", token.id)), refused).await;
    target.refuses("an empty one, the last that is heard", with("Bearer "), refused).await;
    let answer = target.refuses("one too many", with("Bearer guess-5-secret"), (429, "too-many-guesses")).await;
    let wait: u64 = answer.headers["retry-after"].to_str().expect("text").parse().expect("seconds");
    assert!((1..=60).contains(&wait), "{wait}");
    target.refuses("even the right one", with(&good), (429, "too-many-guesses")).await;
    // Browsers at the same address go on.
    assert_eq!(target.api.get("/api/v1/key").await.status, 200);
}

#[tokio::test]
async fn a_revoked_token_is_worth_nothing() {
    let target = Target::start(|_| {}).await;
    let store = target.api.server.state().store();
    let (token, secret) = store.create_token("newsletter").await.expect("made");
    let list = || target.api.request(Method::GET, "/api/v1/sends").bearer_auth(&secret);
    assert_eq!(target.api.send(list()).await.status, 200);
    assert!(store.revoke_token(&token.id).await.expect("revoked"));
    target.refuses("revoked", list(), (401, "token-refused")).await;
    assert!(!target.log.text().contains(&secret));
}

#[tokio::test]
async fn too_many_requests_are_refused() {
    let target = Target::start(|config| {
        let (rate, burst) = (NonZeroU32::MIN, NonZeroU32::new(5).expect("not zero"));
        config.limits = Limits { rate, burst, ..Limits::default() };
        config.trusted_proxies = vec!["127.0.0.0/8".parse().expect("a network")];
    })
    .await;
    let from = |address: &str| target.api.request(Method::GET, "/api/v1/key").header("x-forwarded-for", address);
    for _ in 0..5 {
        assert_eq!(target.api.send(from("198.51.100.7")).await.status, 200);
    }
    let answer = target.refuses("the sixth", from("198.51.100.7"), (429, "too-many-requests")).await;
    assert_eq!(answer.headers["retry-after"], "1");
    target.refuses("by a made-up hop", from("203.0.113.1, 198.51.100.7"), (429, "too-many-requests")).await;
    assert_eq!(target.api.send(from("198.51.100.8")).await.status, 200, "another client");
}
