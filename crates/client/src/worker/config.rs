//! What an app wants of its worker: defaults, hooks, deadlines.

use alloc::string::String;

use js_sys::futures::future_to_promise;
use tidings_core::value::Value;
use wasm_bindgen::{JsValue, closure::Closure};

use super::{
    message::{Answer, Click, Dismissed, Message},
    outbox::WorkerJob,
};
use crate::js::Js;

/// The options of a worker, a plain object in JavaScript: see `WorkerOptions` of the npm package.
///
/// # Example
///
/// ```no_run
/// use tidings::worker::{Click, Config, Dismissed, Next};
///
/// fn configure() -> Config {
///     Config::new()
///         .title("Acme") // of what has none
///         .icon("/icon-192.png")
///         .badge("/badge-72.png")
///         .origins(["https://help.example"]) // where a click may go, too
///         .receipts("/api/v1/receipts")
///         .deadline(2_000) // for hooks
///         .on_click(|click: Click| if click.action() == "mute" { Next::Nothing } else { Next::Open })
///         .on_close(|dismissed: Dismissed| log(&dismissed.tag()))
///         .on_error(|error, context| log(&format!("{context}: {error:?}")))
///         .with("accepts", "declarative".into()) // any option by its name
///         .debug() // to the console
/// }
///
/// let options = configure().into_js(); // what `export_worker!` does
/// # fn log(_: &str) {}
/// ```
#[derive(Clone, Debug)]
pub struct Config(Js);

impl Default for Config {
    fn default() -> Self {
        Self::new()
    }
}

impl From<JsValue> for Config {
    fn from(options: JsValue) -> Self {
        Self(Js(options))
    }
}

impl Config {
    /// Every push is ours, nothing else is set.
    ///
    /// In a script that is added to another worker by `importScripts`, leave the other listeners theirs:
    /// `Config::new().with("accepts", "declarative".into())`.
    ///
    /// See the example of [`Config`].
    pub fn new() -> Self {
        Self(Js::object()).with("accepts", "all".into())
    }

    /// The title of a push that has none; by default the site's host.
    ///
    /// See the example of [`Config`].
    #[must_use]
    pub fn title(self, title: &str) -> Self {
        self.with("title", title.into())
    }

    /// The icon of a notification that has none.
    ///
    /// See the example of [`Config`].
    #[must_use]
    pub fn icon(self, url: &str) -> Self {
        self.with("icon", url.into())
    }

    /// The badge (the small picture in Android's status bar) of a notification that has none.
    ///
    /// See the example of [`Config`].
    #[must_use]
    pub fn badge(self, url: &str) -> Self {
        self.with("badge", url.into())
    }

    /// Other origins that a click may open, like `https://help.example`.
    ///
    /// See the example of [`Config`].
    #[must_use]
    pub fn origins<'a>(self, origins: impl IntoIterator<Item = &'a str>) -> Self {
        let list: js_sys::Array = origins.into_iter().map(JsValue::from_str).collect();
        self.with("origins", list.into())
    }

    /// Where receipts go: what was received, shown, clicked, closed or failed. Off by default.
    ///
    /// See the example of [`Config`].
    #[must_use]
    pub fn receipts(self, url: &str) -> Self {
        self.with("receipts", url.into())
    }

    /// How long a hook may take, in milliseconds, before the notification is shown without it. 5000 by default.
    ///
    /// See the example of [`Config`].
    #[must_use]
    pub fn deadline(self, milliseconds: u32) -> Self {
        self.with("deadline", milliseconds.into())
    }

    /// Logs each decision with its reason.
    ///
    /// See the example of [`Config`].
    #[must_use]
    pub fn debug(self) -> Self {
        self.with("debug", true.into())
    }

    /// Sets any option by its JavaScript name.
    ///
    /// See the example of [`Config`].
    #[must_use]
    pub fn with(mut self, name: &str, value: JsValue) -> Self {
        self.0.set(name, Js(value));
        self
    }

    /// Before a notification is shown: the hook may [change](super::Change) it.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::worker::{Change, Config, Message};
    ///
    /// let config = Config::new().on_push(|message: Message| message.expired().then(|| Change::new().title("Too late")));
    /// ```
    #[must_use]
    pub fn on_push<A: Answer<Message>>(self, mut hook: impl FnMut(Message) -> A + 'static) -> Self {
        self.hook("onPush", move |message, event| hook(Message::new(message, event)).into_answer())
    }

    /// The same with a hook that takes time; see [`deadline`](Self::deadline).
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::worker::{Change, Config, Message};
    ///
    /// async fn unread() -> Option<u32> {
    ///     None // from the app's own storage
    /// }
    ///
    /// let config = Config::new().on_push_async(|message: Message| async move {
    ///     let unread = unread().await?;
    ///     Some(Change::new().title(&format!("{} ({unread} unread)", message.title())))
    /// });
    /// ```
    #[must_use]
    pub fn on_push_async<F>(self, mut hook: impl FnMut(Message) -> F + 'static) -> Self
    where
        F: Future<Output: Answer<Message>> + 'static,
    {
        self.hook("onPush", move |message, event| Ok(promise(hook(Message::new(message, event)))))
    }

    /// Before a click opens its target: the hook says what is left to do. It has half a second, since browsers give a
    /// click no more.
    ///
    /// See the example of [`Config`].
    #[must_use]
    pub fn on_click<A: Answer<Click>>(self, mut hook: impl FnMut(Click) -> A + 'static) -> Self {
        self.hook("onClick", move |click, event| hook(Click::new(click, event)).into_answer())
    }

    /// The same with a hook that takes time.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::worker::{Click, Config, Next};
    ///
    /// async fn archive(id: String) -> Result<(), wasm_bindgen::JsValue> {
    ///     Ok(()) // asks the server
    /// }
    ///
    /// let config = Config::new().on_click_async(|click: Click| async move {
    ///     match click.action().as_str() {
    ///         "archive" => archive(click.tag()).await.map(|()| Next::Nothing),
    ///         _ => Ok(Next::Open),
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn on_click_async<F>(self, mut hook: impl FnMut(Click) -> F + 'static) -> Self
    where
        F: Future<Output: Answer<Click>> + 'static,
    {
        self.hook("onClick", move |click, event| Ok(promise(hook(Click::new(click, event)))))
    }

    /// A notification was dismissed.
    ///
    /// See the example of [`Config`].
    #[must_use]
    pub fn on_close(self, mut hook: impl FnMut(Dismissed) + 'static) -> Self {
        self.hook("onClose", move |notification, event| {
            hook(Dismissed::new(notification, event));
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Does a job of the outbox, and says so by returning. An error lets it be tried again; one with a member `status` counts
    /// by that, as a response does. It may be called again for a job that it has done.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::worker::{Config, WorkerJob};
    /// use wasm_bindgen::JsValue;
    ///
    /// let config = Config::new().on_job_async(|job: WorkerJob| async move {
    ///     match job.kind().as_str() {
    ///         "sync-notes" => Ok(()), // once it is done
    ///         _ => Err(JsValue::from("not yet")),
    ///     }
    /// });
    /// ```
    #[must_use]
    pub fn on_job_async<F>(self, mut hook: impl FnMut(WorkerJob) -> F + 'static) -> Self
    where
        F: Future<Output: Answer<WorkerJob>> + 'static,
    {
        self.hook("onJob", move |job, _| Ok(promise(hook(WorkerJob::new(job)))))
    }

    /// A `sync` event with a tag of the app; an error makes the browser try again.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::worker::Config;
    /// use wasm_bindgen::JsValue;
    ///
    /// let config = Config::new().on_sync_async(|tag: String| async move {
    ///     if tag == "drafts" { Ok(()) } else { Err(JsValue::from("not yet")) }
    /// });
    /// ```
    #[must_use]
    pub fn on_sync_async<F>(self, mut hook: impl FnMut(String) -> F + 'static) -> Self
    where
        F: Future<Output: Answer<String>> + 'static,
    {
        self.hook("onSync", move |tag, _| Ok(promise(hook(tag.as_string().unwrap_or_default()))))
    }

    /// A `periodicsync` event with a tag of the app.
    ///
    /// # Example
    ///
    /// ```no_run
    /// use tidings::worker::Config;
    ///
    /// let config = Config::new().on_periodic_sync_async(|tag: String| async move {
    ///     if tag == "news" { /* fetch them into a cache */ }
    /// });
    /// ```
    #[must_use]
    pub fn on_periodic_sync_async<F>(self, mut hook: impl FnMut(String) -> F + 'static) -> Self
    where
        F: Future<Output: Answer<String>> + 'static,
    {
        self.hook("onPeriodicSync", move |tag, _| Ok(promise(hook(tag.as_string().unwrap_or_default()))))
    }

    /// Something has failed and was made good: the error, and where.
    ///
    /// See the example of [`Config`].
    #[must_use]
    pub fn on_error(self, mut hook: impl FnMut(JsValue, String) + 'static) -> Self {
        self.hook("onError", move |error, context| {
            hook(error, context.as_string().unwrap_or_default());
            Ok(JsValue::UNDEFINED)
        })
    }

    /// The options as the shim takes them.
    ///
    /// See the example of [`Config`].
    pub fn into_js(self) -> JsValue {
        self.0.0
    }

    fn hook(self, name: &str, hook: impl FnMut(JsValue, JsValue) -> Result<JsValue, JsValue> + 'static) -> Self {
        let closure = Closure::<dyn FnMut(JsValue, JsValue) -> Result<JsValue, JsValue>>::new(hook);
        self.with(name, closure.into_js_value())
    }
}

/// The answer of a hook that takes time.
fn promise<E, A: Answer<E>>(answer: impl Future<Output = A> + 'static) -> JsValue {
    future_to_promise(async move { answer.await.into_answer() }).into()
}
