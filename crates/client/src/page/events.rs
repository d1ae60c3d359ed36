//! What the worker tells the page.

use alloc::string::String;

use tidings_core::{error::Code, value::Value};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{EventTarget, MessageEvent};

use super::support::container;
use crate::{PushError, js::Js};

/// A click on a notification, as the page gets it.
#[derive(Clone, Debug)]
pub struct Click(Js);

impl Click {
    /// The URL the notification pointed to.
    pub fn url(&self) -> String {
        self.text("url")
    }

    /// The id of the button that was pressed; empty for the notification itself.
    pub fn action(&self) -> String {
        self.text("action")
    }

    /// The app's own `data`, as its sender wrote it; `undefined` if there was none.
    pub fn data(&self) -> JsValue {
        self.0.get("data").map_or(JsValue::UNDEFINED, |data| data.0)
    }

    /// The whole message, a plain object: `action`, `url`, `title`, `body`, `tag`, `data`.
    pub fn as_js(&self) -> &JsValue {
        &self.0.0
    }

    fn text(&self, name: &str) -> String {
        self.0.get(name).and_then(|value| value.0.as_string()).unwrap_or_default()
    }
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
    let target: EventTarget = JsValue::from(container().ok_or(Code::NoServiceWorker)?).unchecked_into();
    let callback = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let message = Js(event.data());
        if message.get(crate::DATA_KEY).is_some_and(|kind| kind.is_text("click")) {
            callback(Click(message));
        }
    });
    target
        .add_event_listener_with_callback("message", callback.as_ref().unchecked_ref())
        .map_err(|cause| PushError::new(Code::Unknown, cause))?;
    Ok(Listener { target, callback })
}
