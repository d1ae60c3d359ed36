//! The permission to notify.

use tidings_core::error::Code;
use wasm_bindgen::JsValue;

use crate::{PushError, sys::page::Notification};

/// What the user has decided (Notifications API, `NotificationPermission`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// Not asked yet, or the question was left open.
    Default,
    /// Notifications may be shown.
    Granted,
    /// Notifications are blocked.
    Denied,
}

/// The permission as it is now; [`Permission::Denied`] where there are no notifications.
pub fn permission() -> Permission {
    Notification::permission().map_or(Permission::Denied, |value| from_js(&value))
}

/// Asks for permission, if it has not been decided yet. Call it from a click.
///
/// # Errors
///
/// [`Code::PermissionDenied`] if notifications are blocked, [`Code::PermissionDismissed`] if there was no answer.
pub async fn request_permission() -> Result<(), PushError> {
    let mut state = permission();
    if state == Permission::Default {
        let answer = Notification::request_permission().map_err(|cause| PushError::new(Code::NoPush, cause))?;
        state = from_js(&answer.await.unwrap_or_default());
    }
    match state {
        Permission::Granted => Ok(()),
        Permission::Denied => Err(Code::PermissionDenied.into()),
        Permission::Default => Err(Code::PermissionDismissed.into()),
    }
}

fn from_js(value: &JsValue) -> Permission {
    if *value == JsValue::from_str("granted") {
        Permission::Granted
    } else if *value == JsValue::from_str("denied") {
        Permission::Denied
    } else {
        Permission::Default
    }
}
