//! What the worker tells the page.

use alloc::string::String;

use js_sys::Promise;
use tidings_core::{error::Code, value::Value};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::{EventTarget, MessageEvent};

use super::support::container;
use crate::{
    DATA_KEY, PushError,
    js::Js,
    sys::{Chain, Member},
};

macro_rules! event {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Js);

        impl $name {
            $($(#[$member_doc])*
            pub fn $member(&self) -> String {
                text(&self.0, stringify!($member))
            })+

            /// The app's own `data`, as its sender wrote it; `undefined` if there was none.
            pub fn data(&self) -> JsValue {
                self.0.get("data").map_or(JsValue::UNDEFINED, |data| data.0)
            }

            /// The whole message, a plain object.
            pub fn as_js(&self) -> &JsValue {
                &self.0.0
            }
        }
    };
}

event! {
    /// A click on a notification, as the page gets it.
    Click {
        /// The URL the notification pointed to.
        url,
        /// The id of the button that was pressed; empty for the notification itself.
        action,
        /// The notification's title.
        title,
        /// The notification's body.
        body,
        /// The notification's tag.
        tag,
    }
}

event! {
    /// A push that has been shown, as every open page gets it.
    Shown {
        /// The notification's title.
        title,
        /// The notification's body.
        body,
        /// The notification's tag.
        tag,
    }
}

fn text(message: &Js, name: &str) -> String {
    message.get(name).and_then(|value| value.0.as_string()).unwrap_or_default()
}

/// Calls back as long as it is kept.
#[must_use = "the callback ends when the listener is dropped"]
#[derive(Debug)]
pub struct Listener {
    target: EventTarget,
    callback: Closure<dyn FnMut(MessageEvent)>,
}

impl Listener {
    /// Keeps the callback for as long as the page lives.
    pub fn forget(self) {
        core::mem::forget(self);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Removing a listener that was added cannot fail.
        let _ = self.target.remove_event_listener_with_callback("message", self.callback.as_ref().unchecked_ref());
    }
}

pub(super) fn on_click(mut callback: impl FnMut(Click) + 'static) -> Result<Listener, PushError> {
    listen("click", move |message| {
        callback(Click(message));
        false
    })
}

pub(super) fn on_shown(mut callback: impl FnMut(Shown) + 'static) -> Result<Listener, PushError> {
    listen("shown", move |message| {
        callback(Shown(message));
        false
    })
}

/// Calls back with each message of one kind from the worker: `click`, `close`, `shown`, `change`, or `message`, an offer
/// that the page takes over by returning `true`.
///
/// A click is acknowledged, and given to the callback once only, however often the worker sends it.
///
/// # Errors
///
/// [`Code::NoServiceWorker`] if there can be no worker.
pub fn listen(kind: &str, mut callback: impl FnMut(Js) -> bool + 'static) -> Result<Listener, PushError> {
    let container = container().ok_or(Code::NoServiceWorker)?;
    let clicks = kind == "click";
    if clicks {
        // A page that has just been opened gets the click that has opened it when it says that it listens.
        let ready = Closure::once_into_js(|registration: JsValue| {
            if let Some(worker) = Js(registration).get("active") {
                post(&worker, "ready", None);
            }
        });
        let _ =
            container.unchecked_ref::<Container>().ready().unchecked_ref::<Chain>().then(&ready, &JsValue::UNDEFINED);
    }
    let target: EventTarget = JsValue::from(container).unchecked_into();
    let kind = Js(JsValue::from_str(kind));
    let mut last = None;
    let callback = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let mut message = Js(event.data());
        if message.get(DATA_KEY).as_ref() != Some(&kind) {
            return;
        }
        message.remove(DATA_KEY);
        let id = message.get("click");
        if clicks && id.is_some() {
            post(&Js(event.unchecked_ref::<Member>().get("source")), "ack", id.clone());
            if id == last {
                return;
            }
            message.remove("click");
            last = id;
        }
        let taken = callback(message);
        if let Some(port) = Js(event.unchecked_ref::<Member>().get("ports")).items().and_then(|mut ports| ports.next())
        {
            port.0.unchecked_ref::<Port>().post_message(&taken.into());
        }
    });
    target
        .add_event_listener_with_callback("message", callback.as_ref().unchecked_ref())
        .map_err(|cause| PushError::new(Code::Unknown, cause))?;
    Ok(Listener { target, callback })
}

fn post(worker: &Js, kind: &str, click: Option<Js>) {
    let mut message = Js::object();
    message.set(DATA_KEY, Js(JsValue::from_str(kind)));
    if let Some(click) = click {
        message.set("click", click);
    }
    if worker.is_object() {
        worker.0.unchecked_ref::<Port>().post_message(&message.0);
    }
}

#[wasm_bindgen]
extern "C" {
    type Container;
    #[wasm_bindgen(method, getter)]
    fn ready(this: &Container) -> Promise;

    /// A message port, or a worker.
    type Port;
    #[wasm_bindgen(method, js_name = postMessage)]
    fn post_message(this: &Port, message: &JsValue);
}
