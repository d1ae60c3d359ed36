//! The `push` event: whatever arrived, exactly one notification.

use js_sys::{Date, Object, Promise};
use tidings_core::{
    click::may_open,
    declarative::{self, Message},
    value::Value,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::PushEvent;

use super::{
    scope,
    windows::{message, tell_all},
};
use crate::{
    DATA_KEY,
    js::Js,
    sys::{Chain, Member, global},
};

/// Shows the notification of a push, and returns the promise for `event.waitUntil`.
///
/// A Declarative Web Push message is shown as it asks (Push API, w3c/push-api#385). Anything else is shown as well as it
/// can be: a `title` and `body` in JSON, text as the body, and an empty push under the name of the site. Where the
/// browser has parsed the message itself (`event.notification`, Safari) the browser also shows it.
///
/// The promise rejects if the browser did not show the notification; nothing was shown then.
pub fn push(event: &PushEvent) -> Promise {
    let native = event.unchecked_ref::<Member>().get("notification");
    if native.is_object() {
        return Promise::resolve(&JsValue::UNDEFINED);
    }
    let registration = scope().registration();
    let base = Js(registration.scope());
    let received = Date::now();
    let json = event.data().and_then(|data| data.json().ok()).map(Js);
    let (title, options) = match json.as_ref().and_then(|json| declarative::parse(json, &base).ok()) {
        Some(message) => declared(message, &base),
        None => undeclared(json, event.data().map(|data| JsValue::from(data.text())), base),
    };
    let showing = registration.show_notification(&title.0, &options.0);

    let shown = Closure::once_into_js(move || {
        let mut message = message("shown", &options, &["body", "tag"]);
        message.set("title", title);
        let own = options.get("data").and_then(|data| data.get(DATA_KEY));
        message.set("data", own.and_then(|own| own.get("data")).unwrap_or(Js(JsValue::UNDEFINED)));
        message.set("received", Js(received.into()));
        message.set("shown", Js(Date::now().into()));
        tell_all(message)
    });
    // A promise of its own: if telling fails, the notification has been shown all the same and must not be shown again.
    let told = showing.unchecked_ref::<Chain>().then(&shown, &JsValue::UNDEFINED);
    let ignored = told.unchecked_ref::<Chain>().then(&JsValue::UNDEFINED, &Closure::once_into_js(|_: JsValue| {}));
    // Fails for an event that a test has made.
    let _ = event.wait_until(&ignored);
    showing
}

/// The title and the options to show a declarative message with.
fn declared(message: Message<Js>, base: &Js) -> (Js, Js) {
    let Message { title, navigate, mut options, .. } = message;
    // Where the browser opens `navigate` itself there is no click event, so it must not see what we would not open.
    if may_open(&navigate.text(), &base.text()) {
        options.set("navigate", navigate.clone());
    }

    let mut own = Js::object();
    own.set("navigate", navigate);
    if let Some(actions) = options.get("actions").as_ref().and_then(Value::items) {
        let mut urls = Js::object();
        for action in actions {
            if let (Some(name), Some(url)) = (action.get("action"), action.get("navigate")) {
                urls.set(&name.text(), url);
            }
        }
        own.set("actions", urls);
    }
    stash(&mut options, own);
    (title, options)
}

/// Puts what the click needs under our key of `data`, beside the app's own members.
fn stash(options: &mut Js, mut own: Js) {
    let mut data = Js::object();
    if let Some(app) = options.get("data") {
        if app.is_object() {
            Object::assign(data.0.unchecked_ref::<Object>(), app.0.unchecked_ref::<Object>());
        }
        // The click gives the app exactly what was sent, also a list or a bare value.
        own.set("data", app);
    }
    data.set(DATA_KEY, own);
    options.set("data", data);
}

/// The same for a payload that is not declarative, as well as it can be.
fn undeclared(json: Option<Js>, text: Option<JsValue>, base: Js) -> (Js, Js) {
    let source = json.map(|json| json.get("notification").filter(Value::is_object).unwrap_or(json));
    let member = |name| source.as_ref().and_then(|source| source.get(name)).filter(Value::is_string);
    let title = member("title");
    let mut options = Js::object();
    // Text is for people only if it is not JSON of a form that we do not know.
    let body = member("body").or(if title.is_none() && source.is_none() { text.map(Js) } else { None });
    if let Some(body) = body {
        options.set("body", body);
    }
    let mut own = Js::object();
    own.set("navigate", base.clone());
    stash(&mut options, own);
    (title.or_else(host).unwrap_or(base), options)
}

/// The site's name, for a push that has no title.
fn host() -> Option<Js> {
    Js(global()).get("location")?.get("host")
}
