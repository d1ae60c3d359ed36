//! The page side: is push possible, may we notify, subscribe, keep the subscription alive, hear of clicks.
//!
//! | part | what it does |
//! |---|---|
//! | [`environment`] | what hinders push here, and what this browser can do |
//! | [`Push::state`], [`Push::on_state`] | permission, subscription and worker in one value, followed |
//! | [`Push::subscribe`] | the prompt, the worker, the subscription, the server |
//! | [`Push::watch`], [`Push::refresh`] | a subscription that does not die silently |
//! | [`Push::identify`], [`Push::forget`] | to whom this device belongs |
//!
//! Nothing here prompts, registers or sends before it is called.

mod environment;
mod events;
mod hands;
mod id;
mod options;
mod state;

pub use environment::{Environment, environment, permission};
#[cfg(feature = "serde")]
pub use events::DataError;
pub use events::{Click, Listener, Shown, listen};
pub use options::Options;
pub use state::{Follower, State};
pub use tidings_core::lifecycle::{Permission, Step, Subscription, Worker};

use alloc::string::String;

use tidings_core::error::Code;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::PushSubscription;

#[cfg(feature = "stream")]
use crate::Events;
use crate::PushError;
use hands::{Hands, object, set, settle};
use state::Followers;

/// Web push for this page. A clone is the same one.
///
/// # Example
///
/// ```no_run
/// # async fn run() -> Result<(), tidings::PushError> {
/// use tidings::page::{Options, Push};
///
/// let push = Push::new(Options::default());
/// push.watch(); // on every load: what was subscribed stays subscribed, whatever happened
/// if push.subscription().await?.is_none() {
///     push.subscribe().await?; // from a click: some browsers prompt only then
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Push {
    /// None while a server renders.
    hands: Option<Hands>,
    followers: Followers,
}

impl core::fmt::Debug for Push {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Push")
    }
}

impl Push {
    /// Takes the options; does nothing else.
    ///
    /// See the example of [`Push`].
    pub fn new(options: Options) -> Self {
        let followers = Followers::default();
        if !cfg!(target_arch = "wasm32") {
            return Self { hands: None, followers };
        }
        let told = followers.clone();
        let changed = Closure::<dyn FnMut(JsValue)>::new(move |state| told.tell(&State::from_js(&state)));
        let hands = hands::hands(&hands::head(), &options.to_js(), &changed.into_js_value());
        Self { hands: Some(hands), followers }
    }

    fn hands(&self) -> Result<&Hands, PushError> {
        self.hands.as_ref().ok_or_else(|| Code::NoServiceWorker.into())
    }

    async fn change(&self, name: &str, value: impl FnOnce() -> JsValue) -> Result<(), PushError> {
        let hands = self.hands()?;
        let change = object();
        set(&change, name, &value());
        settle(hands.change(&change)).await.map(drop)
    }

    /// The state, as far as it is known.
    ///
    /// # Example
    ///
    /// ```
    /// use tidings::{Code, page::{Options, Push, Subscription}};
    ///
    /// // While a server renders, nothing is known and nothing is possible.
    /// let state = Push::new(Options::default()).state();
    /// assert_eq!((state.subscription, state.reason), (Subscription::Unknown, Some(Code::NoServiceWorker)));
    /// ```
    pub fn state(&self) -> State {
        match &self.hands {
            Some(hands) => State::from_js(&hands.state()),
            None => State::nowhere(),
        }
    }

    /// The id by which a server of Tidings knows this subscription, `None` if there is none: for requests that are about
    /// this device, such as `POST /api/v1/subscriptions/{id}/messages`.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// if let Some(id) = push.id().await? {
    ///     let url = format!("/api/v1/subscriptions/{id}/messages");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// What the browser reports.
    pub async fn id(&self) -> Result<Option<String>, PushError> {
        match self.subscription().await? {
            Some(subscription) => id::of(&subscription.endpoint()).await.map(Some),
            None => Ok(None),
        }
    }

    /// Calls back whenever the state has changed; ends when the follower is dropped.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::page::{Options, Push};
    /// # let push = Push::new(Options::default());
    /// // Leptos: let (state, set_state) = signal(push.state());
    /// # let set_state = |_| {};
    /// push.on_state(move |state| set_state(state.clone())).forget();
    /// ```
    pub fn on_state(&self, callback: impl FnMut(&State) + 'static) -> Follower {
        self.followers.follow(callback)
    }

    /// Refreshes now, and from now on whenever something changes: the permission, the network, the worker, the page's
    /// visibility. Call it once on every load.
    ///
    /// See the example of [`Push`].
    pub fn watch(&self) {
        if let Some(hands) = &self.hands {
            hands.watch();
        }
    }

    /// Asks for permission, registers the worker, subscribes, and tells the server.
    ///
    /// If the permission is refused, and the person allows notifications in the browser's settings while this page is open,
    /// a page that [watches](Push::watch) subscribes then, without another call.
    ///
    /// Call it from a click: the prompt is the first thing that happens. It may be called again at any time: a
    /// subscription that exists is kept, or replaced if it was made with another key.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// use tidings::Code;
    ///
    /// match push.subscribe().await {
    ///     Ok(subscription) => { /* subscription.endpoint() is known to the server */ }
    ///     Err(error) if error.code() == Code::PermissionDismissed => { /* ask again another day */ }
    ///     Err(error) => { /* show error.code().message() */ }
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// Any [`Code`] but [`Code::Unknown`] for a cause that is known. If the server could not be told
    /// ([`Code::ServerUnavailable`], [`Code::ServerRefused`]) the subscription exists, and the server is told later.
    pub async fn subscribe(&self) -> Result<PushSubscription, PushError> {
        Ok(settle(self.hands()?.subscribe()).await?.unchecked_into())
    }

    /// The subscription of this browser, if there is one; nothing is asked or registered.
    ///
    /// See the example of [`Push`].
    ///
    /// # Errors
    ///
    /// What the browser reports; `None` where push is not supported.
    pub async fn subscription(&self) -> Result<Option<PushSubscription>, PushError> {
        let Some(hands) = &self.hands else { return Ok(None) };
        let found = settle(hands.subscription()).await?;
        Ok(found.is_object().then(|| found.unchecked_into()))
    }

    /// Has in order what was subscribed before: the right key, the server's knowledge, a subscription that got lost.
    ///
    /// It asks nobody and never fails: what did not work is in the state, and the next load goes on with it.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// let state = push.refresh().await;
    /// if let Some(reason) = state.reason {
    ///     // show reason.message()
    /// }
    /// # Ok(()) }
    /// ```
    pub async fn refresh(&self) -> State {
        if let Some(hands) = &self.hands {
            // Its failure is in the state.
            let _ = settle(hands.refresh()).await;
        }
        self.state()
    }

    /// Ends the subscription, on the server and in the browser; `false` if there was none.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// let there_was_one = push.unsubscribe().await?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Code::ServerUnavailable`] or [`Code::ServerRefused`] if the server could not be told. The subscription is ended
    /// all the same, and the server is told at the next load.
    pub async fn unsubscribe(&self) -> Result<bool, PushError> {
        let Some(hands) = &self.hands else { return Ok(false) };
        Ok(settle(hands.unsubscribe()).await?.is_truthy())
    }

    /// Says to whom this device belongs from now on; the server checks that the caller may say so.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// push.identify("ada").await?; // after the login, with its session
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Code::UserRefused`] if the server does not believe it; then nothing has changed. If it could not be reached
    /// ([`Code::ServerUnavailable`]), it is told later.
    pub async fn identify(&self, user: &str) -> Result<(), PushError> {
        self.change("user", || user.into()).await
    }

    /// Says that this device belongs to nobody: for a logout on a shared browser. Other devices of the user stay theirs.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// push.forget().await?; // before the logout
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Code::ServerUnavailable`] if the server could not be told; it is told later.
    pub async fn forget(&self) -> Result<(), PushError> {
        self.change("user", || JsValue::NULL).await
    }

    /// Sets the tags of this device.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// push.set_tags(&["news".into(), "sport".into()]).await?; // these two, and no others
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Code::ServerUnavailable`] if the server could not be told; it is told later.
    pub async fn set_tags(&self, tags: &[String]) -> Result<(), PushError> {
        self.change("tags", || options::list(tags)).await
    }

    /// The notifications that are shown, those with this tag if one is given.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// for notification in push.notifications(Some("inbox")).await?.iter() {
    ///     let title = js_sys::Reflect::get(&notification, &"title".into());
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// What the browser reports.
    pub async fn notifications(&self, tag: Option<&str>) -> Result<js_sys::Array, PushError> {
        Ok(settle(self.hands()?.notifications(tag)).await?.unchecked_into())
    }

    /// Closes the notifications that are shown, those with this tag if one is given; how many there were.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// let closed = push.close_notifications(Some("inbox")).await?; // the inbox has been read
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// What the browser reports.
    pub async fn close_notifications(&self, tag: Option<&str>) -> Result<u32, PushError> {
        let closed = settle(self.hands()?.close(tag)).await?;
        Ok(closed.as_f64().unwrap_or_default() as u32)
    }

    /// Sets the badge of the app's icon: 0 clears it, `None` sets it without a number. Does nothing where there is none.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// push.set_badge(Some(3)).await?; // 3
    /// push.set_badge(None).await?; // a dot
    /// push.set_badge(Some(0)).await?; // nothing
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// What the browser reports.
    pub async fn set_badge(&self, count: Option<u32>) -> Result<(), PushError> {
        settle(self.hands()?.badge(count)).await.map(drop)
    }

    /// When the app's own question, the one before the browser's, may be shown: in milliseconds since 1970.
    ///
    /// `dismissed`: it has just been dismissed; then three days go by, after the second time seven, then thirty.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// if push.priming(false).await? <= js_sys::Date::now() {
    ///     // Show the app's own question. If it is closed without an answer:
    ///     let again = push.priming(true).await?;
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// What the browser reports.
    pub async fn priming(&self, dismissed: bool) -> Result<f64, PushError> {
        Ok(settle(self.hands()?.priming(dismissed)).await?.as_f64().unwrap_or_default())
    }

    /// Calls back for each click on a notification that was delivered to this page; ends when the listener is dropped.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// push.on_click(|click| { /* route to click.url() */ })?.forget();
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Code::NoServiceWorker`] if there can be no worker.
    pub fn on_click(&self, callback: impl FnMut(Click) + 'static) -> Result<Listener, PushError> {
        events::on_click(callback)
    }

    /// Calls back for each push that has been shown while this page was open; ends when the listener is dropped.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use tidings::{PushError, page::{Options, Push}};
    /// # async fn run(push: Push) -> Result<(), PushError> {
    /// push.on_shown(|shown| { /* fetch what shown.tag() is about */ })?.forget();
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Code::NoServiceWorker`] if there can be no worker.
    pub fn on_shown(&self, callback: impl FnMut(Shown) + 'static) -> Result<Listener, PushError> {
        events::on_shown(callback)
    }

    /// The state now, and each one that follows.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use futures_util::StreamExt;
    /// # async fn run(push: tidings::page::Push) {
    /// let mut states = push.states();
    /// while let Some(state) = states.next().await {
    ///     // show state.permission, state.subscription, state.reason
    /// }
    /// # }
    /// ```
    #[cfg(feature = "stream")]
    pub fn states(&self) -> Events<State> {
        Events::of(|sender| {
            sender.send(self.state());
            // Natively nothing ever changes.
            self.hands.as_ref().map(|_| self.on_state(move |state| sender.send(state.clone())))
        })
    }

    /// The clicks that are delivered to this page; none where there can be no worker.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use futures_util::StreamExt;
    /// # async fn run(push: tidings::page::Push) {
    /// let mut clicks = push.clicks();
    /// while let Some(click) = clicks.next().await {
    ///     // route to click.url()
    /// }
    /// # }
    /// ```
    #[cfg(feature = "stream")]
    pub fn clicks(&self) -> Events<Click> {
        Events::of(|sender| self.on_click(move |click| sender.send(click)).ok())
    }

    /// The pushes that are shown while this page is open; none where there can be no worker.
    ///
    /// # Example
    ///
    /// ```no_run
    /// # use futures_util::StreamExt;
    /// # async fn run(push: tidings::page::Push) {
    /// let mut shown = push.shown();
    /// while let Some(one) = shown.next().await {
    ///     // fetch what one.tag() is about
    /// }
    /// # }
    /// ```
    #[cfg(feature = "stream")]
    pub fn shown(&self) -> Events<Shown> {
        Events::of(|sender| self.on_shown(move |shown| sender.send(shown)).ok())
    }
}
