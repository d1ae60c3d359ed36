//! The subscription in the browser.

use js_sys::{Promise, Uint8Array};
use tidings_core::{error::Code, key::ApplicationServerKey, value::Value};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::PushSubscription;

use super::{Permission, permission};
use crate::{
    PushError,
    js::Js,
    sys::page::{PushManager, set_timeout},
};

/// How long the browser's push service may take, in milliseconds. Some browsers never answer (Brave with push off).
const PUSH_SERVICE: u32 = 30_000;

pub(super) async fn subscribe(
    manager: &PushManager,
    key: &ApplicationServerKey,
) -> Result<PushSubscription, PushError> {
    let mut options = Js::object();
    options.set("userVisibleOnly", Js(JsValue::TRUE));
    // A copy with a buffer of its own: Firefox reads the whole buffer behind a view, here all of the WASM's memory.
    options.set("applicationServerKey", Js(Uint8Array::from(key.as_bytes()).into()));
    let subscribing = manager.subscribe(options.0.unchecked_ref());
    let deadline = Promise::new(&mut |resolve, _| {
        let _ = set_timeout(&resolve, PUSH_SERVICE);
    });
    let first = Promise::race(&js_sys::Array::of2(&subscribing, &deadline)).await;
    match first {
        Ok(subscription) if subscription.is_object() => Ok(subscription.unchecked_into()),
        Ok(_) => Err(Code::PushServiceUnavailable.into()),
        Err(cause) => Err(PushError::new(code(&cause), cause)),
    }
}

pub(super) async fn current(manager: &PushManager) -> Result<Option<PushSubscription>, PushError> {
    let found = manager.get_subscription().await.map_err(|cause| PushError::new(code(&cause), cause))?;
    Ok(found.is_object().then(|| found.unchecked_into()))
}

pub(super) async fn unsubscribe(subscription: &PushSubscription) -> Result<bool, PushError> {
    let failed = |cause: JsValue| PushError::new(code(&cause), cause);
    let ended = subscription.unsubscribe().map_err(failed)?;
    let ended = ended.await.map_err(failed)?;
    Ok(JsValue::from(ended).is_truthy())
}

/// What an error of the Push API means, by its name (never by its text, which differs and changes).
fn code(cause: &JsValue) -> Code {
    let Some(name) = Js(cause.clone()).get("name") else {
        return Code::Unknown;
    };
    let is = |text| name.is_text(text);
    if is("NotAllowedError") {
        match permission() {
            Permission::Default => Code::PermissionDismissed,
            _ => Code::PermissionDenied,
        }
    } else if is("InvalidStateError") {
        Code::KeyMismatch
    } else if is("InvalidAccessError") || is("InvalidCharacterError") {
        Code::InvalidKey
    } else if is("AbortError") {
        Code::PushServiceUnavailable
    } else {
        Code::Unknown
    }
}
