//! The outbox: requests and jobs that reach a server though the tab is closed, the network gone or the server down.
//!
//! The page stores them in IndexedDB, and the service worker sends them; an entry leaves only after its answer. It needs a
//! worker of Tidings: `worker.js` of the npm package, or one of [`export_worker!`](crate::export_worker).

mod item;
mod sys;

pub use item::{Entry, Job, Priority, Request, State, Update};

use alloc::{string::String, vec::Vec};
use core::fmt;

use js_sys::{Array, Function, Promise};
use tidings_core::value::Value;
use wasm_bindgen::{JsValue, closure::Closure};

use crate::js::Js;

/// The outbox of this site, from a page.
///
/// # Example
///
/// ```no_run
/// use tidings::outbox::{Outbox, Priority, Request};
///
/// # async fn run() -> Result<(), tidings::outbox::OutboxError> {
/// let outbox = Outbox::new();
/// let order = Request::new("POST", "/api/orders").header("content-type", "application/json").body(r#"{"n":1}"#);
/// let entry = outbox.fetch(order.queue("orders").strict().priority(Priority::High)).await?; // stored now, sent soon
/// let updates = outbox.on(|update| { /* update.kind() is "done" for update.entry() */ });
/// # drop((entry, updates));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Outbox(Option<sys::Outbox>); // none while a server renders

impl Default for Outbox {
    fn default() -> Self {
        Self::new()
    }
}

impl Outbox {
    /// With the default limits: 10 000 entries, 50 MB.
    ///
    /// See the example of [`Outbox`].
    pub fn new() -> Self {
        Self::create(|| JsValue::UNDEFINED)
    }

    /// With other limits.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::outbox::Outbox;
    ///
    /// let outbox = Outbox::with_limits(500, 2e6); // 500 entries, 2 MB
    /// ```
    pub fn with_limits(max_entries: u32, max_bytes: f64) -> Self {
        Self::create(|| {
            let mut options = Js::object();
            options.set("maxEntries", Js::of_number(max_entries.into()));
            options.set("maxBytes", Js::of_number(max_bytes));
            options.0
        })
    }

    fn create(options: impl FnOnce() -> JsValue) -> Self {
        Self(cfg!(target_arch = "wasm32").then(|| sys::create_outbox(&options())))
    }

    fn hands(&self) -> Result<&sys::Outbox, OutboxError> {
        self.0.as_ref().ok_or_else(OutboxError::unsupported)
    }

    /// Queues a request; it is on disk when this returns.
    ///
    /// See the example of [`Outbox`].
    ///
    /// # Errors
    ///
    /// [`OutboxCode::Full`], [`OutboxCode::Quota`] or [`OutboxCode::Invalid`]: nothing was stored.
    pub async fn fetch(&self, request: Request) -> Result<Entry, OutboxError> {
        let hands = self.hands()?;
        let (url, init) = request.into_parts();
        settle(hands.fetch(&url, &init)).await.map(Entry::from)
    }

    /// Queues a job for the worker's [`on_job`](crate::worker::Config::on_job_async).
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn run(outbox: tidings::outbox::Outbox) -> Result<(), tidings::outbox::OutboxError> {
    /// use tidings::outbox::Job;
    ///
    /// let entry = outbox.add(Job::new("sync-notes", "folder 7")).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`fetch`](Self::fetch).
    pub async fn add(&self, job: Job) -> Result<Entry, OutboxError> {
        settle(self.hands()?.add(&job.into_js())).await.map(Entry::from)
    }

    /// How much waits and was set aside, and when the next attempt is.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn run(outbox: tidings::outbox::Outbox) -> Result<(), tidings::outbox::OutboxError> {
    /// let waiting = outbox.state().await?.pending();
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// What the browser reports.
    pub async fn state(&self) -> Result<State, OutboxError> {
        settle(self.hands()?.state()).await.map(State::from)
    }

    /// The first entries that wait, in the order of sending.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn run(outbox: tidings::outbox::Outbox) -> Result<(), tidings::outbox::OutboxError> {
    /// for entry in outbox.pending().await? {
    ///     // show entry.queue(), entry.attempts()
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// What the browser reports.
    pub async fn pending(&self) -> Result<Vec<Entry>, OutboxError> {
        self.entries("pending").await
    }

    /// The first entries that were set aside.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn run(outbox: tidings::outbox::Outbox) -> Result<(), tidings::outbox::OutboxError> {
    /// for entry in outbox.failed().await? {
    ///     // show entry.reason(), and buttons for retry and discard
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// What the browser reports.
    pub async fn failed(&self) -> Result<Vec<Entry>, OutboxError> {
        self.entries("failed").await
    }

    async fn entries(&self, which: &str) -> Result<Vec<Entry>, OutboxError> {
        let list = settle(self.hands()?.entries(which)).await?;
        Ok(Array::from(&list).iter().map(Entry::from).collect())
    }

    /// Lets the entry of this id be tried at once, or all that were set aside; returns how many.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn run(outbox: tidings::outbox::Outbox) -> Result<(), tidings::outbox::OutboxError> {
    /// for entry in outbox.failed().await?.iter().filter(|entry| entry.status() == Some(403)) {
    ///     outbox.retry(Some(&entry.id())).await?; // now that the person has logged in
    /// }
    /// let all = outbox.retry(None).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// What the browser reports.
    pub async fn retry(&self, id: Option<&str>) -> Result<u32, OutboxError> {
        settle(self.hands()?.retry(id)).await.map(count)
    }

    /// Throws the entry of this id away, or all that were set aside; returns how many.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn run(outbox: tidings::outbox::Outbox) -> Result<(), tidings::outbox::OutboxError> {
    /// # let entry = outbox.pending().await?.remove(0);
    /// let undone = outbox.discard(Some(&entry.id())).await? == 1; // 0: it has been sent
    /// let given_up = outbox.discard(None).await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// What the browser reports.
    pub async fn discard(&self, id: Option<&str>) -> Result<u32, OutboxError> {
        settle(self.hands()?.discard(id)).await.map(count)
    }

    /// Tries all that waits now, but for what a server asked to wait for.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # async fn run(outbox: tidings::outbox::Outbox) -> Result<(), tidings::outbox::OutboxError> {
    /// let state = outbox.flush().await?; // the person pressed "try now"
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// What the browser reports.
    pub async fn flush(&self) -> Result<State, OutboxError> {
        settle(self.hands()?.flush()).await.map(State::from)
    }

    /// Calls back for every change, by whichever page or worker; ends when the listener is dropped.
    ///
    /// See the example of [`Outbox`].
    pub fn on(&self, mut callback: impl FnMut(Update) + 'static) -> OutboxListener {
        OutboxListener(self.0.as_ref().map(|hands| {
            let callback = Closure::<dyn FnMut(JsValue)>::new(move |update| callback(Update::from(update)));
            Listening { end: hands.on(callback.as_ref()), _callback: callback }
        }))
    }

    /// Every change, by whichever page or worker.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use futures_util::StreamExt;
    /// # async fn run(outbox: tidings::outbox::Outbox) {
    /// let mut updates = outbox.updates();
    /// while let Some(update) = updates.next().await {
    ///     // show update.state().pending()
    /// }
    /// # }
    /// ```
    #[cfg(feature = "stream")]
    pub fn updates(&self) -> crate::Events<Update> {
        crate::Events::of(|sender| self.0.as_ref().map(|_| self.on(move |update| sender.send(update))))
    }
}

/// Has the worker's [`on_sync`](crate::worker::Config::on_sync_async) called with this tag once there is a network
/// (`SyncManager`, which web-sys lacks).
///
/// # Example
///
/// ```no_run
/// # async fn run() -> Result<(), tidings::outbox::OutboxError> {
/// tidings::outbox::register_sync("drafts").await?;
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// [`OutboxCode::Unsupported`] in browsers without background sync, [`OutboxCode::Denied`].
pub async fn register_sync(tag: &str) -> Result<(), OutboxError> {
    sync(tag, None).await
}

/// Has the worker's [`on_periodic_sync`](crate::worker::Config::on_periodic_sync_async) called every so many milliseconds
/// or later (`PeriodicSyncManager`, which web-sys lacks).
///
/// # Example
///
/// ```no_run
/// # async fn run() -> Result<(), tidings::outbox::OutboxError> {
/// tidings::outbox::register_periodic_sync("news", 12.0 * 3_600_000.0).await?; // twice a day at most
/// # Ok(()) }
/// ```
///
/// # Errors
///
/// As [`register_sync`]; browsers allow it to installed apps only.
pub async fn register_periodic_sync(tag: &str, interval: f64) -> Result<(), OutboxError> {
    sync(tag, Some(interval)).await
}

async fn sync(tag: &str, interval: Option<f64>) -> Result<(), OutboxError> {
    if !cfg!(target_arch = "wasm32") {
        return Err(OutboxError::unsupported());
    }
    settle(sys::register_sync(tag, interval)).await.map(drop)
}

/// Calls back as long as it is kept.
///
/// # Example
///
/// ```no_run
/// # fn run(outbox: tidings::outbox::Outbox) {
/// let listener = outbox.on(|update| { /* while this component lives */ });
/// drop(listener);
/// outbox.on(|update| { /* as long as the page lives */ }).forget();
/// # }
/// ```
#[must_use = "the callback ends when the listener is dropped"]
#[derive(Debug)]
pub struct OutboxListener(#[expect(dead_code, reason = "keeps the callback alive")] Option<Listening>);

impl OutboxListener {
    /// Keeps the callback for as long as the page lives.
    ///
    /// See the example of [`OutboxListener`].
    pub fn forget(self) {
        core::mem::forget(self);
    }
}

#[derive(Debug)]
struct Listening {
    end: Function,
    _callback: Closure<dyn FnMut(JsValue)>,
}

impl Drop for Listening {
    fn drop(&mut self) {
        // Taking a listener out of a set cannot fail.
        let _ = self.end.call0(&JsValue::UNDEFINED);
    }
}

/// Why an entry could not be taken.
///
/// See the example of [`OutboxError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OutboxCode {
    /// A limit of the outbox is reached.
    Full,
    /// The browser gives this site no more room.
    Quota,
    /// It cannot be stored, or is no request.
    Invalid,
    /// This browser has no such thing.
    Unsupported,
    /// The browser, or the person, said no.
    Denied,
    /// See the cause.
    Unknown,
}

/// Why something could not be done, with the browser's own error as its cause.
///
/// # Example
///
/// ```
/// use tidings::outbox::{OutboxCode, OutboxError};
///
/// fn advice(error: &OutboxError) -> String {
///     match error.code() {
///         OutboxCode::Full | OutboxCode::Quota => "Too much waits; go online first.".into(),
///         OutboxCode::Unknown if !error.cause().is_undefined() => "The console says more.".into(),
///         _ => error.to_string(),
///     }
/// }
/// ```
#[derive(Clone, Debug)]
pub struct OutboxError {
    code: OutboxCode,
    /// The one of JavaScript; none while a server renders.
    error: Option<Js>,
}

impl OutboxError {
    fn unsupported() -> Self {
        Self { code: OutboxCode::Unsupported, error: None }
    }

    fn member(&self, name: &str) -> Option<Js> {
        self.error.as_ref()?.get(name)
    }

    /// The code; match on this.
    ///
    /// See the example of [`OutboxError`].
    pub fn code(&self) -> OutboxCode {
        self.code
    }

    /// The original error, `undefined` if there was none.
    ///
    /// See the example of [`OutboxError`].
    pub fn cause(&self) -> JsValue {
        self.member("cause").map_or(JsValue::UNDEFINED, |cause| cause.0)
    }
}

impl fmt::Display for OutboxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.error {
            Some(_) => f.write_str(&self.member("message").and_then(|message| message.text()).unwrap_or_default()),
            None => f.write_str("there is no outbox outside of a browser"),
        }
    }
}

impl core::error::Error for OutboxError {}

impl From<JsValue> for OutboxError {
    fn from(error: JsValue) -> Self {
        let error = Js(error);
        let code = match error.get("code").and_then(|code| code.text()).unwrap_or_default().as_str() {
            "full" => OutboxCode::Full,
            "quota" => OutboxCode::Quota,
            "invalid" => OutboxCode::Invalid,
            "unsupported" => OutboxCode::Unsupported,
            "denied" => OutboxCode::Denied,
            _ => OutboxCode::Unknown,
        };
        Self { code, error: Some(error) }
    }
}

async fn settle(promise: Promise) -> Result<JsValue, OutboxError> {
    promise.await.map_err(OutboxError::from)
}

fn count(value: JsValue) -> u32 {
    value.as_f64().unwrap_or_default() as u32
}

/// A member of an object as text.
fn text(object: &Js, name: &str) -> String {
    object.get(name).and_then(|value| value.text()).unwrap_or_default()
}
