//! What this page can do, found out without asking anybody.

use tidings_core::{error::Code, lifecycle::Permission};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen::JsValue;

/// What hinders push here, if anything, and what this browser can do.
///
/// # Example
///
/// ```
/// use tidings::{Code, page::environment};
///
/// match environment().obstacle {
///     None => { /* show the button */ }
///     Some(Code::NeedsInstall) => { /* show how to add the app to the Home Screen */ }
///     Some(obstacle) => { /* show obstacle.message() */ }
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Environment {
    /// What hinders push; `None` if nothing does.
    pub obstacle: Option<Code>,
    /// Whether the browser asks for permission only after a click or a key.
    pub needs_gesture: bool,
    /// How many buttons a notification may have.
    pub max_actions: u32,
    /// Whether the app's icon can carry a badge.
    pub badge: bool,
    /// Whether there is Background Sync.
    pub sync: bool,
    /// Whether there is Periodic Background Sync.
    pub periodic_sync: bool,
    /// Whether the browser shows declarative messages by itself.
    pub declarative: bool,
    /// Whether notifications can carry the URL that they open.
    pub navigate: bool,
}

/// Finds out about this page; safe to call anywhere, also in a worker and natively, where nothing is possible.
///
/// See the example of [`Environment`].
pub fn environment() -> Environment {
    #[cfg(not(target_arch = "wasm32"))]
    return Environment {
        obstacle: Some(Code::NoServiceWorker),
        needs_gesture: true,
        max_actions: 0,
        badge: false,
        sync: false,
        periodic_sync: false,
        declarative: false,
        navigate: false,
    };
    #[cfg(target_arch = "wasm32")]
    {
        use super::hands::{self, get};

        let found = hands::environment(&hands::head());
        let flag = |name| get(&found, name) == JsValue::TRUE;
        Environment {
            obstacle: hands::code(&get(&found, "obstacle")),
            needs_gesture: flag("needsGesture"),
            max_actions: get(&found, "maxActions").as_f64().unwrap_or_default() as u32,
            badge: flag("badge"),
            sync: flag("sync"),
            periodic_sync: flag("periodicSync"),
            declarative: flag("declarative"),
            navigate: flag("navigate"),
        }
    }
}

/// The permission as it is now; [`Permission::Denied`] where there are no notifications.
///
/// # Example
///
/// ```
/// use tidings::page::{Permission, permission};
///
/// let ask = permission() == Permission::Default;
/// ```
pub fn permission() -> Permission {
    #[cfg(not(target_arch = "wasm32"))]
    return Permission::Denied;
    #[cfg(target_arch = "wasm32")]
    Permission::from_number(super::hands::permission())
}
