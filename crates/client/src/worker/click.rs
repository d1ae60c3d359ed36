//! The `notificationclick` event: focus the window that shows the target, or open one.

use js_sys::{Array, Promise};
use tidings_core::{
    click::{Decision, choose, may_open},
    value::Value,
};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::NotificationEvent;

use super::{
    scope,
    windows::{message, with_windows},
};
use crate::{
    DATA_KEY,
    js::Js,
    sys::{
        Chain, Member,
        worker::{Notification, WindowClient},
    },
};

/// Answers a click on a notification that [`push`](super::push) has shown, and returns the promise for `event.waitUntil`.
///
/// The notification is closed. A window that shows its target is focused and gets the click as a message; if there is
/// none, one is opened. Nothing is fetched or stored before the window call: Firefox allows it one second.
/// A notification that is not ours is left alone.
pub fn click(event: &NotificationEvent) -> Promise {
    let notification = Js(event.unchecked_ref::<Member>().get("notification"));
    let data = notification.get("data");
    let Some(own) = data.as_ref().and_then(|data| data.get(DATA_KEY)) else {
        return Promise::resolve(&JsValue::UNDEFINED);
    };
    notification.0.unchecked_ref::<Notification>().close();

    // Undefined where the browser knows no actions.
    let name = Js(event.unchecked_ref::<Member>().get("action")).text();
    let base = Js(scope().registration().scope()).text();
    let target = own.get("actions").and_then(|urls| urls.get(&name)).or_else(|| own.get("navigate"));
    let target = target.map(|url| url.text()).filter(|url| may_open(url, &base)).unwrap_or(base);

    let mut message = message("click", &notification, &["title", "body", "tag"]);
    message.set("data", Js(own.0.unchecked_ref::<Member>().get("data")));
    message.set("action", Js(name.into()));
    message.set("url", Js(JsValue::from_str(&target)));
    with_windows(move |windows| go(&windows, &target, message).into())
}

/// The one window call of this click.
fn go(windows: &Array, target: &str, message: Js) -> Promise {
    let urls = windows.iter().map(|window| window.unchecked_into::<WindowClient>().url());
    let Decision::Focus(index) = choose(target, urls) else {
        return scope().clients().open_window(&JsValue::from_str(target));
    };
    let window: WindowClient = windows.get(index as u32).unchecked_into();
    let focused = window.focus();
    let deliver = Closure::once_into_js(move || window.post_message(&message.0));
    focused.unchecked_ref::<Chain>().then(&deliver, &JsValue::UNDEFINED)
}
