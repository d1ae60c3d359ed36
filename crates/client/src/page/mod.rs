//! The page side: is push possible, may we notify, subscribe, tell the server, hear of clicks.
//!
//! Nothing here prompts, registers or sends before it is called.

mod events;
mod permission;
mod registration;
mod server;
mod subscription;
mod support;

pub use events::{Click, Listener, Shown, listen};
pub use permission::{Permission, permission, request_permission};
pub use support::support;

use alloc::{borrow::ToOwned, string::String};

use tidings_core::{error::Code, key::ApplicationServerKey};
use wasm_bindgen::JsCast;
use web_sys::{PushSubscription, ServiceWorkerRegistration};

use crate::{
    PushError,
    sys::page::{PushManager, Registration},
};

/// Where the worker, the server and the key are.
///
/// # Example
///
/// ```
/// use tidings::page::Options;
///
/// let options = Options { server: Some("https://api.example/push/v1".into()), ..Options::default() };
/// assert_eq!(options.worker, "/worker.js");
/// ```
#[derive(Clone, Debug)]
pub struct Options {
    /// The URL of the service worker's script; `/worker.js` by default.
    pub worker: String,
    /// The scope to register it for; by default the folder of the script.
    pub scope: Option<String>,
    /// The base URL of the application server's API, `/api/v1` by default. `None`: no server is told of anything, and
    /// `application_server_key` must be given.
    pub server: Option<String>,
    /// The `applicationServerKey`, base64url without padding; by default the server is asked for it.
    pub application_server_key: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            worker: "/worker.js".to_owned(),
            scope: None,
            server: Some("/api/v1".to_owned()),
            application_server_key: None,
        }
    }
}

/// Web push for this page.
///
/// # Example
///
/// ```no_run
/// # async fn run() -> Result<(), tidings::PushError> {
/// use tidings::page::{Options, Push};
///
/// let push = Push::new(Options::default());
/// if push.subscription().await?.is_none() {
///     push.subscribe().await?; // from a click: some browsers prompt only then
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Push {
    options: Options,
}

impl Push {
    /// Takes the options; does nothing else.
    pub fn new(options: Options) -> Self {
        Self { options }
    }

    /// Asks for permission, registers the worker, subscribes, and tells the server.
    ///
    /// Call it from a click: the prompt is the first thing that happens. It may be called again at any time: a
    /// subscription that exists is kept, and told to the server once more.
    ///
    /// # Errors
    ///
    /// Any [`Code`] but [`Code::Unknown`] for a cause that is known. If the server could not be told
    /// ([`Code::ServerUnavailable`], [`Code::ServerRefused`]) the subscription exists: call again to tell it.
    pub async fn subscribe(&self) -> Result<PushSubscription, PushError> {
        if let Some(obstacle) = support() {
            return Err(obstacle.into());
        }
        // A key that was given is checked before the prompt, so that no prompt is wasted on a wrong one.
        let given = self.options.application_server_key.as_deref().map(parse_key).transpose()?;
        request_permission().await?;
        let key = match (given, &self.options.server) {
            (Some(key), _) => key,
            (None, Some(server)) => parse_key(&server::key(server).await?)?,
            (None, None) => return Err(Code::InvalidKey.into()),
        };
        let registration = registration::active(&self.options).await?;
        let subscription = subscription::subscribe(&manager(&registration), &key).await?;
        if let Some(server) = &self.options.server {
            server::put(server, &subscription).await?;
        }
        Ok(subscription)
    }

    /// The subscription of this browser, if there is one; nothing is asked or registered.
    ///
    /// # Errors
    ///
    /// What the browser reports; `None` where push is not supported.
    pub async fn subscription(&self) -> Result<Option<PushSubscription>, PushError> {
        match registration::existing(&self.options).await? {
            Some(registration) => subscription::current(&manager(&registration)).await,
            None => Ok(None),
        }
    }

    /// Ends the subscription, in the browser and on the server; `false` if there was none.
    ///
    /// # Errors
    ///
    /// [`Code::ServerUnavailable`] or [`Code::ServerRefused`] if the server could not be told. The subscription is ended
    /// all the same, and the server finds it gone at its next message.
    pub async fn unsubscribe(&self) -> Result<bool, PushError> {
        let Some(subscription) = self.subscription().await? else {
            return Ok(false);
        };
        // The server first, so that it does not send to a subscription that is gone; but the user's wish does not
        // depend on the network.
        let told = match &self.options.server {
            Some(server) => server::delete(server, &subscription.endpoint()).await,
            None => Ok(()),
        };
        let ended = subscription::unsubscribe(&subscription).await?;
        told.map(|()| ended)
    }

    /// Calls back for each click on a notification that was delivered to this page; ends when the listener is dropped.
    ///
    /// # Errors
    ///
    /// The obstacle that [`support`] names.
    pub fn on_click(&self, callback: impl FnMut(Click) + 'static) -> Result<Listener, PushError> {
        events::on_click(callback)
    }

    /// Calls back for each push that has been shown while this page was open; ends when the listener is dropped.
    ///
    /// # Errors
    ///
    /// The obstacle that [`support`] names.
    pub fn on_shown(&self, callback: impl FnMut(Shown) + 'static) -> Result<Listener, PushError> {
        events::on_shown(callback)
    }
}

fn parse_key(text: &str) -> Result<ApplicationServerKey, PushError> {
    text.parse().map_err(|_| Code::InvalidKey.into())
}

fn manager(registration: &ServiceWorkerRegistration) -> PushManager {
    registration.unchecked_ref::<Registration>().push_manager()
}
