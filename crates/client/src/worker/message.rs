//! What the hooks of a worker get, and what they answer.

use alloc::string::String;

use js_sys::Object;
use tidings_core::value::Value;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::ExtendableEvent;

use crate::js::Js;

/// Why `data` is not what the app takes it for.
#[cfg(feature = "serde")]
pub use serde_wasm_bindgen::Error as DataError;

macro_rules! view {
    ($(#[$doc:meta])* $name:ident { $($(#[$member_doc:meta])* $member:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name {
            value: Js,
            event: JsValue,
        }

        impl $name {
            pub(super) fn new(value: JsValue, event: JsValue) -> Self {
                Self { value: Js(value), event }
            }

            $($(#[$member_doc])*
            #[doc = concat!("\n\nSee the example of [`", stringify!($name), "`].")]
            pub fn $member(&self) -> String {
                self.text(stringify!($member)).unwrap_or_default()
            })+

            /// The app's own `data` as its sender wrote it; `undefined` if there was none.
            ///
            #[doc = concat!("See the example of [`", stringify!($name), "`].")]
            pub fn data_js(&self) -> JsValue {
                self.value.get("data").map_or(JsValue::UNDEFINED, |data| data.0)
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
            #[doc = concat!("fn number(event: &tidings::worker::", stringify!($name), ") -> Option<u32> {")]
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

            /// The event, to keep the worker alive longer with `wait_until`.
            ///
            #[doc = concat!("See the example of [`", stringify!($name), "`].")]
            pub fn event(&self) -> &ExtendableEvent {
                self.event.unchecked_ref()
            }

            /// The whole of it, a plain object.
            ///
            #[doc = concat!("See the example of [`", stringify!($name), "`].")]
            pub fn as_js(&self) -> &JsValue {
                &self.value.0
            }

            #[allow(dead_code, reason = "not every one has optional texts")]
            fn text(&self, name: &str) -> Option<String> {
                self.value.get(name).and_then(|value| value.0.as_string())
            }
        }
    };
}

view! {
    /// What a push is, and what is to be shown for it.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::worker::{Change, Message};
    ///
    /// fn on_push(message: Message) -> Option<Change> {
    ///     log(&format!("{} {:?} to {}: {}", message.kind(), message.id(), message.navigate(), message.body()), message.as_js());
    ///     // An app whose server sends JSON of its own form builds the notification here.
    ///     if message.kind() == "json" {
    ///         let (payload, data, options) = (message.payload(), message.data_js(), message.options());
    ///         return Some(Change::new().title("News"));
    ///     }
    ///     let _ = message.event().wait_until(&fetch_more()); // while that goes on, the worker lives
    ///     message.expired().then(|| Change::new().title(&format!("{} (missed)", message.title())))
    /// }
    /// # fn fetch_more() -> js_sys::Promise { unimplemented!() }
    /// # fn log(_: &str, _: &wasm_bindgen::JsValue) {}
    /// ```
    Message {
        /// `declarative`, `json`, `text`, `binary`, `empty`, or `native` where the browser shows it itself (Safari).
        kind,
        /// The notification's title.
        title,
        /// The absolute URL that a click opens.
        navigate,
    }
}

impl Message {
    /// The notification's options, as `showNotification` takes them.
    ///
    /// See the example of [`Message`].
    pub fn options(&self) -> Object {
        self.value.get("options").map_or_else(Object::new, |options| options.0.unchecked_into())
    }

    /// The notification's body.
    ///
    /// See the example of [`Message`].
    pub fn body(&self) -> String {
        let body = self.value.get("options").and_then(|options| options.get("body"));
        body.and_then(|body| body.0.as_string()).unwrap_or_default()
    }

    /// `data.tidings.id`.
    ///
    /// See the example of [`Message`].
    pub fn id(&self) -> Option<String> {
        self.text("id")
    }

    /// Whether `data.tidings.expires` has passed.
    ///
    /// See the example of [`Message`].
    pub fn expired(&self) -> bool {
        self.value.get("expired").and_then(|expired| expired.as_bool()).unwrap_or_default()
    }

    /// The payload: parsed JSON, or text, or `null`.
    ///
    /// See the example of [`Message`].
    pub fn payload(&self) -> JsValue {
        self.value.get("payload").map_or(JsValue::NULL, |payload| payload.0)
    }
}

view! {
    /// A click on one of our notifications.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::worker::{Click, Next};
    ///
    /// fn on_click(click: Click) -> Next {
    ///     log(&format!("{} ({}, {}) to {}", click.title(), click.body(), click.tag(), click.url()), click.as_js());
    ///     let _ = click.event().wait_until(&js_sys::Promise::resolve(&click.data_js()));
    ///     match (click.action().as_str(), click.reply()) {
    ///         ("reply", Some(text)) => Next::OpenOther(format!("/reply?text={}", js_sys::encode_uri_component(&text))),
    ///         ("mute", _) => Next::Nothing,
    ///         _ => Next::Open,
    ///     }
    /// }
    /// # fn log(_: &str, _: &wasm_bindgen::JsValue) {}
    /// ```
    Click {
        /// The URL that will be opened or focused.
        url,
        /// The id of the button; empty for the notification itself.
        action,
        /// The notification's title.
        title,
        /// The notification's body.
        body,
        /// The notification's tag.
        tag,
    }
}

impl Click {
    /// What the person typed, where the platform has inline replies.
    ///
    /// See the example of [`Click`].
    pub fn reply(&self) -> Option<String> {
        self.text("reply")
    }
}

view! {
    /// A notification that was dismissed.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::worker::Dismissed;
    ///
    /// fn on_close(one: Dismissed) {
    ///     log(&format!("{}, {}, {}", one.title(), one.body(), one.tag()), one.as_js());
    ///     let _ = one.event().wait_until(&js_sys::Promise::resolve(&one.data_js()));
    /// }
    /// # fn log(_: &str, _: &wasm_bindgen::JsValue) {}
    /// ```
    Dismissed {
        /// The notification's title.
        title,
        /// The notification's body.
        body,
        /// The notification's tag.
        tag,
    }
}

/// What a hook changes of a notification before it is shown.
///
/// # Example
///
/// ```no_run
/// use tidings::worker::Change;
///
/// let change = Change::new().title("2 new messages").body("from Ada and Bob").navigate("/inbox");
/// let change = change.option("requireInteraction", true);
/// ```
#[derive(Clone, Debug)]
#[must_use = "a change that the hook does not return changes nothing"]
pub struct Change(Js);

impl Default for Change {
    fn default() -> Self {
        Self::new()
    }
}

impl Change {
    /// Changes nothing yet.
    ///
    /// See the example of [`Change`].
    pub fn new() -> Self {
        Self(Js::object())
    }

    /// Another title.
    ///
    /// See the example of [`Change`].
    pub fn title(mut self, title: &str) -> Self {
        self.0.set("title", Js::of_text(title));
        self
    }

    /// Another body.
    ///
    /// See the example of [`Change`].
    pub fn body(self, body: &str) -> Self {
        self.option("body", body)
    }

    /// Another URL for the click, absolute or relative to the scope.
    ///
    /// See the example of [`Change`].
    pub fn navigate(mut self, url: &str) -> Self {
        self.0.set("navigate", Js::of_text(url));
        self
    }

    /// One of the notification's options by its JavaScript name; the others stay as the message has them.
    ///
    /// See the example of [`Change`].
    pub fn option(mut self, name: &str, value: impl Into<JsValue>) -> Self {
        let mut options = self.0.get("options").unwrap_or_else(Js::object);
        options.set(name, Js(value.into()));
        self.0.set("options", options);
        self
    }
}

/// What is left to do after the hook for a click.
///
/// See the example of [`Click`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Open or focus the click's target.
    Open,
    /// Open or focus this URL instead.
    OpenOther(String),
    /// Nothing: the hook has done it all.
    Nothing,
}

/// What a hook may answer to `E`: a [`Change`] to a [`Message`], a [`Next`] to a [`Click`], nothing to either, and each in
/// an [`Option`] or a [`Result`], whose error goes to [`on_error`](super::Config::on_error).
///
/// # Example
///
/// ```no_run
/// use tidings::worker::{Change, Config, Message};
/// use wasm_bindgen::JsValue;
///
/// // Nothing, a change, perhaps a change, or a change that may fail.
/// let config = Config::new().on_push(|_: Message| ());
/// let config = config.on_push(|_: Message| Change::new().title("News"));
/// let config = config.on_push(|message: Message| message.expired().then(Change::new));
/// let config = config.on_push(|_: Message| -> Result<Change, JsValue> { Err("no idea".into()) });
/// ```
pub trait Answer<E> {
    /// The answer as the shim takes it.
    ///
    /// # Errors
    ///
    /// What the hook has failed with: the notification is shown, or the target opened, as if there were no hook.
    fn into_answer(self) -> Result<JsValue, JsValue>;
}

impl<E> Answer<E> for () {
    fn into_answer(self) -> Result<JsValue, JsValue> {
        Ok(JsValue::UNDEFINED)
    }
}

impl Answer<Message> for Change {
    fn into_answer(self) -> Result<JsValue, JsValue> {
        Ok(self.0.0)
    }
}

impl Answer<Click> for Next {
    fn into_answer(self) -> Result<JsValue, JsValue> {
        Ok(match self {
            Self::Open => JsValue::UNDEFINED,
            Self::OpenOther(url) => url.into(),
            Self::Nothing => false.into(),
        })
    }
}

impl<E, A: Answer<E>> Answer<E> for Option<A> {
    fn into_answer(self) -> Result<JsValue, JsValue> {
        self.map_or(Ok(JsValue::UNDEFINED), A::into_answer)
    }
}

impl<E, A: Answer<E>, X: Into<JsValue>> Answer<E> for Result<A, X> {
    fn into_answer(self) -> Result<JsValue, JsValue> {
        self.map_err(Into::into).and_then(A::into_answer)
    }
}
