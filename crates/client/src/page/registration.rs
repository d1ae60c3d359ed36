//! The registration of the worker: registered, and waited for until it is active.

use js_sys::Promise;
use tidings_core::{error::Code, value::Value};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{EventTarget, ServiceWorkerRegistration};

use super::{Options, support::container};
use crate::{PushError, js::Js, sys::page::set_timeout};

/// How long a worker may take to become active, in milliseconds.
const ACTIVATION: u32 = 10_000;

/// Registers the worker and waits until it is active: `subscribe` needs an active worker, and on the first visit there
/// is none yet.
pub(super) async fn active(options: &Options) -> Result<ServiceWorkerRegistration, PushError> {
    let failed = |cause| PushError::new(Code::WorkerFailed, cause);
    let container = container().ok_or(Code::NoServiceWorker)?;
    let mut init = Js::object();
    if let Some(scope) = &options.scope {
        init.set("scope", Js(JsValue::from_str(scope)));
    }
    let registering = container.register(&options.worker, init.0.unchecked_ref()).map_err(failed)?;
    let registration = Js(registering.await.map_err(failed)?);
    // The script may be changed but not yet active: what is active now serves, whatever its version.
    if registration.get("active").is_none_or(|worker| worker.0.is_null())
        && let Some(worker) = worker(&registration, "installing").or_else(|| worker(&registration, "waiting"))
    {
        until_active(&worker).await?;
    }
    Ok(registration.0.unchecked_into())
}

/// The registration that already serves this scope, if there is one.
pub(super) async fn existing(options: &Options) -> Result<Option<ServiceWorkerRegistration>, PushError> {
    let Some(container) = container() else {
        return Ok(None);
    };
    let scope = options.scope.as_deref().map_or(JsValue::UNDEFINED, JsValue::from_str);
    let found = container.get_registration(&scope).await;
    let found = found.map_err(|cause| PushError::new(Code::WorkerFailed, cause))?;
    Ok(found.is_object().then(|| found.unchecked_into()))
}

fn worker(registration: &Js, state: &str) -> Option<Js> {
    registration.get(state).filter(Value::is_object)
}

async fn until_active(worker: &Js) -> Result<(), PushError> {
    let target: &EventTarget = worker.0.unchecked_ref();
    let mut listener = None;
    let settled = Promise::new(&mut |resolve, _| {
        // The deadline resolves too; the state tells the cases apart.
        let _ = set_timeout(&resolve, ACTIVATION);
        let watched = worker.clone();
        let changed = Closure::<dyn FnMut()>::new(move || {
            if state(&watched).is_some() {
                let _ = resolve.call0(&JsValue::UNDEFINED);
            }
        });
        let _ = target.add_event_listener_with_callback("statechange", changed.as_ref().unchecked_ref());
        listener = Some(changed);
    });
    if state(worker).is_none() {
        let _ = settled.await;
    }
    if let Some(listener) = listener {
        let _ = target.remove_event_listener_with_callback("statechange", listener.as_ref().unchecked_ref());
    }
    match state(worker) {
        Some(true) => Ok(()),
        Some(false) => Err(Code::WorkerFailed.into()),
        None => Err(Code::WorkerTimeout.into()),
    }
}

/// Whether the worker made it (`activating` or `activated`) or not (`redundant`); `None` while it is on its way.
fn state(worker: &Js) -> Option<bool> {
    let state = worker.get("state")?;
    if state.is_text("redundant") {
        Some(false)
    } else {
        (state.is_text("activating") || state.is_text("activated")).then_some(true)
    }
}
