//! What goes into the outbox, and what is seen of it.

use alloc::string::String;

use tidings_core::value::Value;
use wasm_bindgen::JsValue;

use super::text;
use crate::js::Js;

/// Which of the waiting entries go first.
///
/// # Example
///
/// ```no_run
/// use tidings::outbox::{Priority, Request};
///
/// let seen = Request::new("POST", "/api/seen").priority(Priority::Low); // let orders go first
/// ```
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
            ///
            /// See the example of [`Request`].
            #[must_use]
            pub fn queue(self, name: &str) -> Self {
                self.put("queue", || name.into())
            }

            /// The entries of this queue are sent one by one, in their order.
            ///
            /// See the example of [`Request`].
            #[must_use]
            pub fn strict(self) -> Self {
                self.put("strict", || true.into())
            }

            /// Which of the waiting entries go first.
            ///
            /// See the example of [`Request`].
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
            ///
            /// See the example of [`Request`].
            #[must_use]
            pub fn lifetime(self, milliseconds: f64) -> Self {
                self.put("lifetime", || milliseconds.into())
            }

            /// How often it is tried before it is set aside; otherwise as long as it lives.
            ///
            /// See the example of [`Request`].
            #[must_use]
            pub fn attempts(self, attempts: u32) -> Self {
                self.put("attempts", || attempts.into())
            }

            /// How long one attempt may take, in milliseconds; 30 000 otherwise.
            ///
            /// See the example of [`Request`].
            #[must_use]
            pub fn timeout(self, milliseconds: u32) -> Self {
                self.put("timeout", || milliseconds.into())
            }

            /// Not before that many milliseconds.
            ///
            /// See the example of [`Request`].
            #[must_use]
            pub fn delay(self, milliseconds: f64) -> Self {
                self.put("delay", || milliseconds.into())
            }

            /// Sets any option by its JavaScript name.
            ///
            /// See the example of [`Request`].
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
///
/// # Example
///
/// ```no_run
/// use tidings::outbox::{Outbox, Priority, Request};
///
/// # async fn run(outbox: Outbox) -> Result<(), tidings::outbox::OutboxError> {
/// let order = Request::new("POST", "/api/orders")
///     .header("content-type", "application/json")
///     .body(r#"{"n":1}"#)
///     .queue("orders") // a queue of its own,
///     .strict() // one by one, in order,
///     .priority(Priority::High) // before the other queues,
///     .delay(5_000.0) // not in the next five seconds, in which it may be discarded,
///     .lifetime(3_600_000.0) // nor in more than an hour,
///     .attempts(20) // at most twenty times,
///     .timeout(10_000) // of ten seconds each,
///     .with("credentials", "include".into()); // with the options of `fetch`
/// outbox.fetch(order).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Request {
    url: String,
    headers: Option<Js>,
    options: Option<Js>,
}

options!(Request);

impl Request {
    /// A request without a body.
    ///
    /// See the example of [`Request`].
    pub fn new(method: &str, url: &str) -> Self {
        Self { url: url.into(), headers: object(), options: object() }.put("method", || method.into())
    }

    /// Sets a header.
    ///
    /// See the example of [`Request`].
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        set(&mut self.headers, name, || value.into());
        self
    }

    /// The body: text, or a `FormData`, `Blob`, `ArrayBuffer`, stream.
    ///
    /// See the example of [`Request`].
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
///
/// # Example
///
/// ```no_run
/// use tidings::outbox::{Job, Outbox};
///
/// # async fn run(outbox: Outbox) -> Result<(), tidings::outbox::OutboxError> {
/// outbox.add(Job::new("sync-notes", "folder 7").queue("notes").attempts(5)).await?; // its options are those of a Request
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Job {
    options: Option<Js>,
}

options!(Job);

impl Job {
    /// A job of the app's own type, with what structured cloning takes.
    ///
    /// See the example of [`Job`].
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
            ///
            #[doc = concat!("See the example of [`", stringify!($name), "`].")]
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
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn run(outbox: tidings::outbox::Outbox) -> Result<(), tidings::outbox::OutboxError> {
    /// for entry in outbox.failed().await? {
    ///     let what = format!("{} of {}, tried {} times", entry.id(), entry.queue(), entry.attempts());
    ///     let why = (entry.reason(), entry.status(), entry.answer()); // "refused", 422, "no such article"
    ///     let all = entry.as_js(); // with the URL, the headers, …
    /// }
    /// # Ok(()) }
    /// ```
    Entry
}

impl Entry {
    /// Its id, which is also its `Idempotency-Key`.
    ///
    /// See the example of [`Entry`].
    pub fn id(&self) -> String {
        text(&self.0, "id")
    }

    /// The name of its queue.
    ///
    /// See the example of [`Entry`].
    pub fn queue(&self) -> String {
        text(&self.0, "queue")
    }

    /// How often it was tried in vain.
    ///
    /// See the example of [`Entry`].
    pub fn attempts(&self) -> u32 {
        self.number("attempts") as u32
    }

    /// Why it was set aside: `refused`, `attempts` or `expired`.
    ///
    /// See the example of [`Entry`].
    pub fn reason(&self) -> Option<String> {
        self.0.get("reason").and_then(|reason| reason.text())
    }

    /// The status of the last answer; 0 if nobody answered.
    ///
    /// See the example of [`Entry`].
    pub fn status(&self) -> Option<u16> {
        self.0.get("response")?.get("status")?.as_number().map(|status| status as u16)
    }

    /// The body of the last answer.
    ///
    /// See the example of [`Entry`].
    pub fn answer(&self) -> Option<String> {
        self.0.get("response")?.get("body")?.text()
    }
}

view! {
    /// What is known of the whole outbox.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn run(outbox: tidings::outbox::Outbox) -> Result<(), tidings::outbox::OutboxError> {
    /// let state = outbox.state().await?;
    /// let text = match (state.pending(), state.failed()) {
    ///     (0, 0) => "all sent",
    ///     (_, 0) if !state.on_disk() => "keep this page open until all is sent",
    ///     (_, 0) => "waiting for the network",
    ///     _ => "something was refused",
    /// };
    /// let next = state.next().map(|time| time - js_sys::Date::now()); // in how many milliseconds
    /// let all = state.as_js();
    /// # Ok(()) }
    /// ```
    State
}

impl State {
    /// How many entries wait.
    ///
    /// See the example of [`State`].
    pub fn pending(&self) -> u32 {
        self.number("pending") as u32
    }

    /// How many were set aside.
    ///
    /// See the example of [`State`].
    pub fn failed(&self) -> u32 {
        self.number("failed") as u32
    }

    /// When the next attempt is due, in milliseconds since 1970, if something waits for its time.
    ///
    /// See the example of [`State`].
    pub fn next(&self) -> Option<f64> {
        self.0.get("next").and_then(|next| next.as_number())
    }

    /// Whether what waits outlives the page; otherwise the database cannot be opened just now.
    ///
    /// See the example of [`State`].
    pub fn on_disk(&self) -> bool {
        text(&self.0, "storage") == "disk"
    }
}

view! {
    /// What has happened in the outbox.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # fn run(outbox: tidings::outbox::Outbox) {
    /// outbox
    ///     .on(|update| {
    ///         if update.kind() == "failed" {
    ///             let entry = update.entry(); // show entry.reason()
    ///         }
    ///         let waiting = update.state().pending();
    ///         let all = update.as_js();
    ///     })
    ///     .forget();
    /// # }
    /// ```
    Update
}

impl Update {
    /// `added`, `done`, `retry`, `failed`, `moved` or `idle`.
    ///
    /// See the example of [`Update`].
    pub fn kind(&self) -> String {
        text(&self.0, "type")
    }

    /// The entry it happened to.
    ///
    /// See the example of [`Update`].
    pub fn entry(&self) -> Option<Entry> {
        self.0.get("entry").map(Entry)
    }

    /// The whole outbox after that.
    ///
    /// See the example of [`Update`].
    pub fn state(&self) -> State {
        State(self.0.get("state").unwrap_or_else(Js::object))
    }
}
