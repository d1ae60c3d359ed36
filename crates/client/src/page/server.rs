//! The application server: its key, and what it must know of the subscription.

use alloc::{borrow::ToOwned, string::String};

use js_sys::{JSON, Object};
use tidings_core::{error::Code, value::Value};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::PushSubscription;

use crate::{
    PushError,
    js::Js,
    sys::page::{Response, fetch},
};

/// Asks the server for its public key: `GET {server}/key`.
pub(super) async fn key(server: &str) -> Result<String, PushError> {
    let response = call(server, "/key", "GET", JsValue::UNDEFINED).await?;
    let answer = response.json().await.map_err(|cause| PushError::new(Code::ServerRefused, cause))?;
    let key = Js(answer).get("publicKey").and_then(|key| key.0.as_string());
    key.ok_or_else(|| Code::ServerRefused.into())
}

/// Tells the server of the subscription: `PUT {server}/subscriptions`. Idempotent.
pub(super) async fn put(server: &str, subscription: &PushSubscription) -> Result<(), PushError> {
    call(server, "/subscriptions", "PUT", subscription.into()).await.map(drop)
}

/// Tells the server that the subscription ends: `DELETE {server}/subscriptions`. Idempotent.
pub(super) async fn delete(server: &str, endpoint: &str) -> Result<(), PushError> {
    let mut body = Js::object();
    body.set("endpoint", Js(JsValue::from_str(endpoint)));
    call(server, "/subscriptions", "DELETE", body.0).await.map(drop)
}

/// One request; `body` is sent as JSON unless it is undefined.
async fn call(server: &str, path: &str, method: &str, body: JsValue) -> Result<Response, PushError> {
    let unavailable = |cause| PushError::new(Code::ServerUnavailable, cause);
    let mut options = Js::object();
    options.set("method", Js(JsValue::from_str(method)));
    if !body.is_undefined() {
        let text = JSON::stringify(&body).map_err(unavailable)?;
        let mut headers = Js::object();
        headers.set("content-type", Js("application/json".into()));
        options.set("headers", headers);
        options.set("body", Js(text.into()));
    }
    let sending = fetch(&(server.to_owned() + path), options.0.unchecked_ref::<Object>()).map_err(unavailable)?;
    let response: Response = sending.await.map_err(unavailable)?.unchecked_into();
    if response.ok() {
        return Ok(response);
    }
    // What the server said is the cause: it names the remedy.
    let text = response.text().await.unwrap_or_default();
    Err(PushError::new(Code::ServerRefused, text))
}
