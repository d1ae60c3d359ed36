//! What goes into the outbox, and what is seen of it.

use alloc::string::String;

use tidings_core::value::Value;
use wasm_bindgen::JsValue;

use super::text;
use crate::js::Js;

/// Which of the waiting entries go first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Priority {
    /// Before all others.
    High,
    /// As they come.
    #[default]
    Auto,
    /// After all others.
    Low,
}

macro_rules! options {
    ($name:ident) => {
        impl $name {
            /// The name of its queue; `default` otherwise.
            #[must_use]
            pub fn queue(self, name: &str) -> Self {
                self.put("queue", || name.into())
            }

            /// The entries of this queue are sent one by one, in their order.
            #[must_use]
            pub fn strict(self) -> Self {
                self.put("strict", || true.into())
            }

            /// Which of the waiting entries go first.
            #[must_use]
            pub fn priority(self, priority: Priority) -> Self {
                let name = match priority {
                    Priority::High => "high",
                    Priority::Auto => "auto",
                    Priority::Low => "low",
                };
                self.put("priority", || name.into())
            }

            /// How long it is worth sending, in milliseconds; seven days otherwise. Then it is set aside.
            #[must_use]
            pub fn lifetime(self, milliseconds: f64) -> Self {
                self.put("lifetime", || milliseconds.into())
            }

            /// How often it is tried before it is set aside; otherwise as long as it lives.
            #[must_use]
            pub fn attempts(self, attempts: u32) -> Self {
                self.put("attempts", || attempts.into())
            }

            /// How long one attempt may take, in milliseconds; 30 000 otherwise.
            #[must_use]
            pub fn timeout(self, milliseconds: u32) -> Self {
                self.put("timeout", || milliseconds.into())
            }

            /// Not before that many milliseconds.
            #[must_use]
            pub fn delay(self, milliseconds: f64) -> Self {
                self.put("delay", || milliseconds.into())
            }

            /// Sets any option by its JavaScript name.
            #[must_use]
            pub fn with(self, name: &str, value: JsValue) -> Self {
                self.put(name, || value)
            }

            fn put(mut self, name: &str, value: impl FnOnce() -> JsValue) -> Self {
                set(&mut self.options, name, value);
                self
            }
        }
    };
}

/// A new object; none while a server renders, where there are no values of JavaScript.
fn object() -> Option<Js> {
    cfg!(target_arch = "wasm32").then(Js::object)
}

fn set(object: &mut Option<Js>, name: &str, value: impl FnOnce() -> JsValue) {
    if let Some(object) = object {
        object.set(name, Js(value()));
    }
}

/// A request to queue.
#[derive(Clone, Debug)]
pub struct Request {
    url: String,
    headers: Option<Js>,
    options: Option<Js>,
}

options!(Request);

impl Request {
    /// A request without a body.
    pub fn new(method: &str, url: &str) -> Self {
        Self { url: url.into(), headers: object(), options: object() }.put("method", || method.into())
    }

    /// Sets a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        set(&mut self.headers, name, || value.into());
        self
    }

    /// The body: text, or a `FormData`, `Blob`, `ArrayBuffer`, stream.
    #[must_use]
    pub fn body(self, body: impl Into<JsValue>) -> Self {
        self.put("body", || body.into())
    }

    pub(super) fn into_parts(self) -> (String, JsValue) {
        let Self { url, headers, mut options } = self;
        set(&mut options, "headers", || headers.map_or(JsValue::UNDEFINED, |headers| headers.0));
        (url, options.map_or(JsValue::UNDEFINED, |options| options.0))
    }
}

/// A job to queue for the worker.
#[derive(Clone, Debug)]
pub struct Job {
    options: Option<Js>,
}

options!(Job);

impl Job {
    /// A job of the app's own type, with what structured cloning takes.
    pub fn new(kind: &str, data: impl Into<JsValue>) -> Self {
        Self { options: object() }.put("type", || kind.into()).put("data", || data.into())
    }

    pub(super) fn into_js(self) -> JsValue {
        self.options.map_or(JsValue::UNDEFINED, |options| options.0)
    }
}

macro_rules! view {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug)]
        pub struct $name(Js);

        impl From<JsValue> for $name {
            fn from(value: JsValue) -> Self {
                Self(Js(value))
            }
        }

        impl $name {
            /// The whole of it, a plain object.
            pub fn as_js(&self) -> &JsValue {
                &self.0.0
            }

            #[allow(dead_code, reason = "not every one has numbers")]
            fn number(&self, name: &str) -> f64 {
                self.0.get(name).and_then(|value| value.as_number()).unwrap_or_default()
            }
        }
    };
}

view! {
    /// An entry of the outbox.
    Entry
}

impl Entry {
    /// Its id, which is also its `Idempotency-Key`.
    pub fn id(&self) -> String {
        text(&self.0, "id")
    }

    /// The name of its queue.
    pub fn queue(&self) -> String {
        text(&self.0, "queue")
    }

    /// How often it was tried in vain.
    pub fn attempts(&self) -> u32 {
        self.number("attempts") as u32
    }

    /// Why it was set aside: `refused`, `attempts` or `expired`.
    pub fn reason(&self) -> Option<String> {
        self.0.get("reason").and_then(|reason| reason.text())
    }

    /// The status of the last answer; 0 if nobody answered.
    pub fn status(&self) -> Option<u16> {
        self.0.get("response")?.get("status")?.as_number().map(|status| status as u16)
    }

    /// The body of the last answer.
    pub fn answer(&self) -> Option<String> {
        self.0.get("response")?.get("body")?.text()
    }
}

view! {
    /// What is known of the whole outbox.
    State
}

impl State {
    /// How many entries wait.
    pub fn pending(&self) -> u32 {
        self.number("pending") as u32
    }

    /// How many were set aside.
    pub fn failed(&self) -> u32 {
        self.number("failed") as u32
    }

    /// When the next attempt is due, in milliseconds since 1970, if something waits for its time.
    pub fn next(&self) -> Option<f64> {
        self.0.get("next").and_then(|next| next.as_number())
    }

    /// Whether what waits outlives the page; otherwise the database cannot be opened just now.
    pub fn on_disk(&self) -> bool {
        text(&self.0, "storage") == "disk"
    }
}

view! {
    /// What has happened in the outbox.
    Update
}

impl Update {
    /// `added`, `done`, `retry`, `failed`, `moved` or `idle`.
    pub fn kind(&self) -> String {
        text(&self.0, "type")
    }

    /// The entry it happened to.
    pub fn entry(&self) -> Option<Entry> {
        self.0.get("entry").map(Entry)
    }

    /// The whole outbox after that.
    pub fn state(&self) -> State {
        State(self.0.get("state").unwrap_or_else(Js::object))
    }
}
