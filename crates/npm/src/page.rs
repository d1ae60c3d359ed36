//! What the facade of the page calls. Options come as a plain object, results go as the browser's own objects.

use js_sys::Function;
use tidings::{
    Js, PushError,
    core::value::Value,
    page::{self, Listener, Options, Permission, Push},
};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// The code of the obstacle to push; `undefined` if there is none.
#[wasm_bindgen]
pub fn support() -> JsValue {
    page::support().map_or(JsValue::UNDEFINED, |code| code.as_str().into())
}

/// The permission to notify, as the Notifications API spells it.
#[wasm_bindgen]
pub fn permission() -> JsValue {
    JsValue::from_str(match page::permission() {
        Permission::Default => "default",
        Permission::Granted => "granted",
        Permission::Denied => "denied",
    })
}

/// Runs one of the calls that take time. One export, since each future that becomes a promise costs half a kilobyte.
#[wasm_bindgen]
pub async fn run(call: u32, options: JsValue) -> Result<JsValue, PushError> {
    let push = push(options);
    Ok(match call {
        0 => push.subscribe().await?.into(),
        1 => push.subscription().await?.map_or(JsValue::NULL, JsValue::from),
        _ => push.unsubscribe().await?.into(),
    })
}

/// Calls `callback` with each message of this kind from the worker, for as long as the page lives.
#[wasm_bindgen]
pub fn listen(kind: &str, callback: Function) -> Result<(), PushError> {
    page::listen(kind, move |message| {
        // What the app's callback throws is the app's.
        callback.call1(&JsValue::UNDEFINED, &message.0).is_ok_and(|taken| taken.is_truthy())
    })
    .map(Listener::forget)
}

fn push(options: JsValue) -> Push {
    let options = Js(options);
    let text = |name: &str| options.get(name).and_then(|value| value.0.as_string());
    let defaults = Options::default();
    Push::new(Options {
        worker: text("worker").unwrap_or(defaults.worker),
        scope: text("scope"),
        // `null` means: no server.
        server: match options.get("server") {
            Some(server) => server.0.as_string(),
            None => defaults.server,
        },
        application_server_key: text("applicationServerKey"),
    })
}
