//! Whether push is possible here, found out without asking anybody.

use tidings_core::{error::Code, value::Value};
use wasm_bindgen::JsCast;

use crate::{
    js::Js,
    sys::{global, page::ServiceWorkerContainer},
};

/// The obstacle to push in this page; `None` if there is none.
///
/// It is one of [`Code::InsecureContext`], [`Code::NoServiceWorker`] and [`Code::NoPush`]. Safe to call anywhere, also in
/// Node, in a worker and natively.
///
/// # Example
///
/// ```no_run
/// if let Some(obstacle) = tidings::page::support() {
///     // show obstacle.message() instead of the button
/// }
/// ```
pub fn support() -> Option<Code> {
    #[cfg(not(target_arch = "wasm32"))]
    return Some(Code::NoServiceWorker);
    #[cfg(target_arch = "wasm32")]
    {
        let global = Js(global());
        if container().is_none() {
            let secure = global.get("isSecureContext").and_then(|secure| secure.as_bool());
            return Some(if secure == Some(false) { Code::InsecureContext } else { Code::NoServiceWorker });
        }
        (global.get("PushManager").is_none() || global.get("Notification").is_none()).then_some(Code::NoPush)
    }
}

/// `navigator.serviceWorker`, if there is one.
pub(super) fn container() -> Option<ServiceWorkerContainer> {
    let navigator = Js(global()).get("navigator")?;
    navigator.get("serviceWorker").map(|container| container.0.unchecked_into())
}
