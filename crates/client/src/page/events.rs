//! What the worker tells the page.

use alloc::string::String;

use tidings_core::{error::Code, value::Value};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{EventTarget, MessageEvent};

use super::support::container;
use crate::{PushError, js::Js};

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
    listen(move |kind, message| {
        if kind.is_text("click") {
            callback(Click(message))
        }
    })
}

pub(super) fn on_shown(mut callback: impl FnMut(Shown) + 'static) -> Result<Listener, PushError> {
    listen(move |kind, message| {
        if kind.is_text("shown") {
            callback(Shown(message))
        }
    })
}

/// Calls back with the kind and the content of each message from the worker.
///
/// # Errors
///
/// [`Code::NoServiceWorker`] if there can be no worker.
pub fn listen(mut callback: impl FnMut(Js, Js) + 'static) -> Result<Listener, PushError> {
    let target: EventTarget = JsValue::from(container().ok_or(Code::NoServiceWorker)?).unchecked_into();
    let callback = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let message = Js(event.data());
        if let Some(kind) = message.get(crate::DATA_KEY) {
            callback(kind, message);
        }
    });
    target
        .add_event_listener_with_callback("message", callback.as_ref().unchecked_ref())
        .map_err(|cause| PushError::new(Code::Unknown, cause))?;
    Ok(Listener { target, callback })
}
