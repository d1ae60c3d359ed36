//! What the worker tells the page.

use alloc::string::String;

use js_sys::Function;
use tidings_core::{error::Code, value::Value};
use wasm_bindgen::{JsValue, closure::Closure};

use super::hands;
use crate::{PushError, js::Js};

/// Why `data` is not what the app takes it for.
#[cfg(feature = "serde")]
pub use serde_wasm_bindgen::Error as DataError;

macro_rules! event {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name(Js);

        impl $name {
            $($(#[$member_doc])*
            #[doc = concat!("\n\nSee the example of [`", stringify!($name), "`].")]
            pub fn $member(&self) -> String {
                text(&self.0, stringify!($member))
            })+

            /// The app's own `data`, as its sender wrote it; `undefined` if there was none.
            ///
            #[doc = concat!("See the example of [`", stringify!($name), "`].")]
            pub fn data_js(&self) -> JsValue {
                self.0.get("data").map_or(JsValue::UNDEFINED, |data| data.0)
            }

            /// The app's own `data`, typed.
            ///
            /// # Example
            ///
            /// ```no_run
            /// #[derive(serde::Deserialize)]
            /// struct Order {
            ///     number: u32,
            ///     note: Option<String>,
            /// }
            ///
            #[doc = concat!("fn number(event: &tidings::page::", stringify!($name), ") -> Option<u32> {")]
            ///     event.data::<Order>().ok().map(|order| order.number)
            /// }
            /// ```
            ///
            /// # Errors
            ///
            /// If `data` is missing or is not a `T`: use [`Option`] and defaults for what may be missing.
            #[cfg(feature = "serde")]
            pub fn data<T: serde::de::DeserializeOwned>(&self) -> Result<T, DataError> {
                serde_wasm_bindgen::from_value(self.data_js())
            }

            /// The whole message, a plain object.
            ///
            #[doc = concat!("See the example of [`", stringify!($name), "`].")]
            pub fn as_js(&self) -> &JsValue {
                &self.0.0
            }
        }
    };
}

event! {
    /// A click on a notification, as the page gets it.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::page::Click;
    ///
    /// fn on_click(click: Click) {
    ///     match click.action().as_str() {
    ///         "" => route(&click.url()), // the notification itself
    ///         "archive" => archive(click.data_js()),
    ///         action => log(&format!("{action} on {} ({}, {})", click.title(), click.body(), click.tag()), click.as_js()),
    ///     }
    /// }
    /// # fn route(_: &str) {}
    /// # fn archive(_: wasm_bindgen::JsValue) {}
    /// # fn log(_: &str, _: &wasm_bindgen::JsValue) {}
    /// ```
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
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::page::Shown;
    ///
    /// fn on_shown(shown: Shown) {
    ///     let text = format!("{}: {} ({})", shown.title(), shown.body(), shown.tag());
    ///     log(&text, &shown.data_js(), shown.as_js());
    /// }
    /// # fn log(_: &str, _: &wasm_bindgen::JsValue, _: &wasm_bindgen::JsValue) {}
    /// ```
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
///
/// # Example
///
/// ```no_run
/// # fn run(push: tidings::page::Push) -> Result<(), tidings::PushError> {
/// let listener = push.on_click(|click| { /* while this component lives */ })?;
/// drop(listener);
/// push.on_click(|click| { /* as long as the page lives */ })?.forget();
/// # Ok(()) }
/// ```
#[must_use = "the callback ends when the listener is dropped"]
#[derive(Debug)]
pub struct Listener {
    end: Function,
    #[expect(dead_code, reason = "keeps the callback alive")]
    callback: Closure<dyn FnMut(JsValue) -> bool>,
}

impl Listener {
    /// Keeps the callback for as long as the page lives.
    ///
    /// See the example of [`Listener`].
    pub fn forget(self) {
        core::mem::forget(self);
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        // Removing a listener that was added cannot fail.
        let _ = self.end.call0(&JsValue::UNDEFINED);
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
/// # Example
///
/// ```no_run
/// use tidings::page::listen;
///
/// # fn run() -> Result<(), tidings::PushError> {
/// // Takes over whatever the worker offers, so that nothing is shown while this page is open.
/// listen("message", |message| message.0.is_object())?.forget();
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`Code::NoServiceWorker`](crate::Code::NoServiceWorker) if there can be no worker.
pub fn listen(kind: &str, mut callback: impl FnMut(Js) -> bool + 'static) -> Result<Listener, PushError> {
    if !cfg!(target_arch = "wasm32") {
        return Err(Code::NoServiceWorker.into());
    }
    let callback = Closure::<dyn FnMut(JsValue) -> bool>::new(move |message| callback(Js(message)));
    let end = hands::listen(kind, callback.as_ref()).map_err(hands::typed)?;
    Ok(Listener { end, callback })
}
