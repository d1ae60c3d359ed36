//! What an app wants of its worker: defaults, hooks, deadlines.

use tidings_core::value::Value;
use wasm_bindgen::{JsValue, closure::Closure};

use crate::js::Js;

/// The options of a worker, a plain object in JavaScript: see `WorkerOptions` of the npm package.
///
/// # Example
///
/// ```no_run
/// use tidings::worker::Config;
///
/// let config = Config::new().title("Acme").icon("/icon-192.png").badge("/badge-72.png");
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
    pub fn new() -> Self {
        Self(Js::object()).with("accepts", "all".into())
    }

    /// The title of a push that has none; by default the site's host.
    #[must_use]
    pub fn title(self, title: &str) -> Self {
        self.with("title", title.into())
    }

    /// The icon of a notification that has none.
    #[must_use]
    pub fn icon(self, url: &str) -> Self {
        self.with("icon", url.into())
    }

    /// The badge (the small picture in Android's status bar) of a notification that has none.
    #[must_use]
    pub fn badge(self, url: &str) -> Self {
        self.with("badge", url.into())
    }

    /// Other origins that a click may open, like `https://help.example`.
    #[must_use]
    pub fn origins<'a>(self, origins: impl IntoIterator<Item = &'a str>) -> Self {
        let list: js_sys::Array = origins.into_iter().map(JsValue::from_str).collect();
        self.with("origins", list.into())
    }

    /// Where receipts go: what was received, shown, clicked, closed or failed. Off by default.
    #[must_use]
    pub fn receipts(self, url: &str) -> Self {
        self.with("receipts", url.into())
    }

    /// How long a hook may take, in milliseconds, before the notification is shown without it. 5000 by default.
    #[must_use]
    pub fn deadline(self, milliseconds: u32) -> Self {
        self.with("deadline", milliseconds.into())
    }

    /// Logs each decision with its reason.
    #[must_use]
    pub fn debug(self) -> Self {
        self.with("debug", true.into())
    }

    /// Sets any option by its JavaScript name.
    #[must_use]
    pub fn with(mut self, name: &str, value: JsValue) -> Self {
        self.0.set(name, Js(value));
        self
    }

    /// Before a notification is shown: the closure may return what is to be changed, see [`finish`](super::finish), as a
    /// plain object or as a promise of one.
    #[must_use]
    pub fn on_push(self, hook: impl FnMut(JsValue, JsValue) -> JsValue + 'static) -> Self {
        self.hook("onPush", hook)
    }

    /// Before a click opens its target: the closure may return `false` (nothing is left to do), another URL, or a
    /// promise of one of these. It has half a second.
    #[must_use]
    pub fn on_click(self, hook: impl FnMut(JsValue, JsValue) -> JsValue + 'static) -> Self {
        self.hook("onClick", hook)
    }

    /// A notification was dismissed.
    #[must_use]
    pub fn on_close(self, mut hook: impl FnMut(JsValue, JsValue) + 'static) -> Self {
        self.hook("onClose", move |notification, event| {
            hook(notification, event);
            JsValue::UNDEFINED
        })
    }

    /// The options as the shim takes them.
    pub fn into_js(self) -> JsValue {
        self.0.0
    }

    fn hook(self, name: &str, hook: impl FnMut(JsValue, JsValue) -> JsValue + 'static) -> Self {
        let closure = Closure::<dyn FnMut(JsValue, JsValue) -> JsValue>::new(hook);
        self.with(name, closure.into_js_value())
    }
}
