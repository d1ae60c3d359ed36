//! The rules that need no connection: what a push shows, and where a message may be sent.

use std::net::IpAddr;

use serde_json::{Value, json};
use tidings_core::{
    click::same_origin,
    declarative,
    json::Json,
    message::{self, Invalid},
    plan::{Payload, finish, plan},
};
use tidings_server::{Endpoint, address::is_public};

const SCOPE: &str = "https://app.example/scope/";

/// A push's payload, and after a NUL what the app's hook returns, through the path of the service worker.
///
/// Rule: something is shown, without contradiction, and no URL that is called in secret leaves the origin. What our
/// sender takes for a declarative message is one.
pub fn message(data: &[u8]) {
    let (payload, change) = match data.iter().position(|&byte| byte == 0) {
        Some(end) => (&data[..end], &data[end + 1..]),
        None => (data, &[][..]),
    };
    let text = String::from_utf8_lossy(payload);
    let payload = Json::parse(&text).map_or_else(|_| Payload::Text(Json::from(&*text)), Payload::Json);
    let change = serde_json::from_slice(change).unwrap_or(Value::Null);
    let scope = Json::from(SCOPE);
    if let Payload::Json(json) = &payload {
        sendable(json, &scope);
    }
    let defaults = Json(json!({ "title": "Acme", "icon": "/icon.png" }));
    let plan = plan(&payload, true, &defaults, &scope, 1000.0).expect("with `all`, every push is ours");
    let (refresh, receipts) = plan.inside(&scope);
    let refresh = refresh.and_then(|list| list.0.as_array().cloned()).unwrap_or_default();
    for url in refresh.iter().chain(receipts.iter().map(|url| &url.0)) {
        assert!(same_origin(&Json(url.clone()), &scope), "{url}");
    }

    let declared = json!({ "title": plan.title.0, "navigate": plan.navigate.0, "options": plan.options.0,
        "expired": plan.expired });
    let (title, Json(options)) = finish(&Json(declared), &Json(change), &scope, 2);
    assert!(title.0.is_string(), "{title:?}");
    assert!(!(options["silent"] == true && options.get("vibrate").is_some()), "{options}");
    let tagged = options["tag"].as_str().is_some_and(|tag| !tag.is_empty());
    assert!(options["renotify"] != true || tagged, "{options}");
    let actions = options.get("actions");
    assert!(actions.is_none_or(|actions| actions.as_array().is_some_and(|all| all.len() <= 2)), "{options}");
    let navigate = options["data"]["tidings"]["navigate"].as_str().expect("a target");
    assert!(url::Url::parse(navigate).is_ok(), "{navigate}");
}

/// What [`message::check`] lets through is shown as it says.
fn sendable(message: &Json, scope: &Json) {
    match message::check(&message.0) {
        Ok(()) => {
            let parsed = declarative::parse(message, scope);
            assert!(parsed.is_ok(), "{:?}: {:?}", message.0, parsed.err());
        }
        Err(Invalid::TooLong(length)) => assert!(length > message::MAX_LENGTH),
        Err(_) => {}
    }
}

/// A text as the endpoint of a subscription.
///
/// Rule: what is taken is https, carries no credentials, and no literal address that is not public.
pub fn endpoint(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    tidings_server::subscription_id(&text);
    let Ok(endpoint) = Endpoint::parse(&text, None) else { return };
    let url = endpoint.url();
    assert_eq!(url.scheme(), "https");
    assert!(url.username().is_empty() && url.password().is_none(), "{url}");
    match url.host().expect("a host") {
        url::Host::Ipv4(address) => assert!(is_public(IpAddr::V4(address)), "{url}"),
        url::Host::Ipv6(address) => assert!(is_public(IpAddr::V6(address)), "{url}"),
        url::Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            assert!(name != "localhost" && !name.ends_with(".localhost"), "{url}");
        }
    }
    let again = Endpoint::parse(url.as_str(), None).expect("what was taken is taken again");
    assert_eq!(again, endpoint);
}
