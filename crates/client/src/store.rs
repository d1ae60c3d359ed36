//! What page and worker remember: one IndexedDB database, opened for each call and closed after it.
//!
//! Database `tidings`, version 1, object store `kv` with out-of-line keys. Every function returns a promise, so that
//! callers need no async machinery, and no promise stays open for ever: a database that is blocked, corrupt or wedged
//! rejects within [`DEADLINE`]. What a caller does without memory is its own business.
//!
//! # Records
//!
//! | key | written by | content |
//! |---|---|---|
//! | the scope of the registration, an absolute URL | page, worker | what is known of the subscription, below |
//!
//! The record of a scope is a plain object. A member that is missing means: not known, none.
//!
//! | member | type | content |
//! |---|---|---|
//! | `server` | string | the absolute base URL of the application server's API; missing: no server is told |
//! | `custom` | `true` | the app uploads with a function of its own: the worker cannot, it only notes what is to be done |
//! | `headers` | object | more headers for each request to the server, by name |
//! | `credentials` | string | `credentials` of each request, as `fetch` takes it |
//! | `key` | string | the `applicationServerKey` in use, base64url without padding |
//! | `wanted` | boolean | whether this browser is to be subscribed; missing: nobody has said |
//! | `device` | string | a random id that stays |
//! | `label` | string | browser and platform, for people: `Firefox on Linux` |
//! | `tags` | list of strings | the app's |
//! | `user` | string or null | the user that this device belongs to; null: detached; missing: nobody has said |
//! | `saved` | object | what the server confirmed last: the body of the upload, and `id` (the server's) and `at` (milliseconds) |
//! | `replaces` | `{endpoint, auth}` | a subscription that has ended and that the server may still know |
//! | `removing` | string | the endpoint that the server is still to be told has ended |
//! | `attempts` | number | uploads that failed in a row |
//! | `next` | number | when to upload again, in milliseconds since 1970 |
//!
//! The body of an upload, `PUT {server}/subscriptions`, is the subscription's `toJSON()` and the record's `device`,
//! `label`, `tags`, `user` and `replaces`, as far as they are there. After an answer of 2xx the uploader sets `saved` to
//! that body without `replaces`, and deletes `replaces`, `attempts` and `next`. So an upload cannot be lost: as long as
//! `saved` is not what it should be, the next load of a page uploads.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};

use crate::sys::{Chain, Member, global};

const NAME: &str = "tidings";
const VERSION: u32 = 1;
/// A later version adds to these; [`open`] makes those that are missing.
const STORES: &[&str] = &[KV];
const KV: &str = "kv";

/// How long one call may take, in milliseconds. iOS is known to leave requests unanswered.
pub(crate) const DEADLINE: u32 = 3_000;

#[wasm_bindgen]
extern "C" {
    type Factory;
    #[wasm_bindgen(method, catch)]
    fn open(this: &Factory, name: &str, version: u32) -> Result<Request, JsValue>;

    #[derive(Clone)]
    #[wasm_bindgen(extends = Member)]
    type Request;
    #[wasm_bindgen(method, getter)]
    fn result(this: &Request) -> JsValue;

    type Database;
    // Throws if the store is there.
    #[wasm_bindgen(method, catch, js_name = createObjectStore)]
    fn create_object_store(this: &Database, name: &str) -> Result<JsValue, JsValue>;
    // Throws if the store is missing.
    #[wasm_bindgen(method, catch)]
    fn transaction(this: &Database, store: &str, mode: &str) -> Result<Transaction, JsValue>;
    #[wasm_bindgen(method)]
    fn close(this: &Database);

    #[wasm_bindgen(extends = Member)]
    type Transaction;
    #[wasm_bindgen(method, js_name = objectStore)]
    fn object_store(this: &Transaction, name: &str) -> ObjectStore;

    type ObjectStore;
    #[wasm_bindgen(method)]
    fn get(this: &ObjectStore, key: &JsValue) -> Request;
    // Throws what cannot be cloned.
    #[wasm_bindgen(method, catch)]
    fn put(this: &ObjectStore, value: &JsValue, key: &JsValue) -> Result<Request, JsValue>;
    #[wasm_bindgen(method)]
    fn delete(this: &ObjectStore, key: &JsValue) -> Request;

    #[wasm_bindgen(catch, js_name = setTimeout)]
    fn set_timeout(callback: &JsValue, milliseconds: u32) -> Result<JsValue, JsValue>;
}

/// The value under `key`, `undefined` if there is none.
pub(crate) fn get(key: &JsValue) -> Promise {
    let key = key.clone();
    run("readonly", move |store| Ok(store.get(&key)))
}

/// Stores a copy of `value` under `key`; resolves when it is stored.
pub(crate) fn put(key: &JsValue, value: &JsValue) -> Promise {
    let (key, value) = (key.clone(), value.clone());
    run("readwrite", move |store| store.put(&value, &key))
}

/// Deletes what is under `key`, if anything.
#[allow(dead_code, reason = "for the records that come and go")]
pub(crate) fn delete(key: &JsValue) -> Promise {
    let key = key.clone();
    run("readwrite", move |store| Ok(store.delete(&key)))
}

/// One request in one transaction; resolves with its result when the transaction is complete.
fn run(mode: &'static str, request: impl FnOnce(&ObjectStore) -> Result<Request, JsValue> + 'static) -> Promise {
    let opened = Closure::once_into_js(move |database: JsValue| {
        let database: Database = database.unchecked_into();
        let done = database.transaction(KV, mode).and_then(|transaction| {
            let request = request(&transaction.object_store(KV))?;
            let complete = settled(&transaction, "oncomplete", "onabort");
            Ok(then(&complete, Closure::once_into_js(move |_: JsValue| request.result())))
        });
        // Waits for what is under way.
        database.close();
        done.unwrap_or_else(|cause| Promise::reject(&cause))
    });
    within(&then(&open(), opened), DEADLINE)
}

/// The database, new or as it is.
fn open() -> Promise {
    let factory: Factory = global().unchecked_into::<Member>().get("indexedDB").unchecked_into();
    if factory.is_undefined() {
        return Promise::reject(&JsValue::UNDEFINED);
    }
    let request = match factory.open(NAME, VERSION) {
        Ok(request) => request,
        Err(cause) => return Promise::reject(&cause),
    };
    let upgraded = request.clone();
    let upgrade = Closure::once_into_js(move || {
        let database: Database = upgraded.result().unchecked_into();
        for store in STORES {
            // Fails for those that an older version made.
            let _ = database.create_object_store(store);
        }
    });
    request.set("onupgradeneeded", &upgrade);
    let opened = settled(&request, "onsuccess", "onerror");
    then(&opened, Closure::once_into_js(move |_: JsValue| request.result()))
}

/// A promise for one of two events.
fn settled(target: &Member, resolved: &str, rejected: &str) -> Promise {
    Promise::new(&mut |resolve, reject| {
        target.set(resolved, &resolve);
        target.set(rejected, &reject);
    })
}

fn then(promise: &Promise, callback: JsValue) -> Promise {
    promise.unchecked_ref::<Chain>().then(&callback, &JsValue::UNDEFINED)
}

/// The promise, or a rejection with `undefined` if it takes longer than this.
pub(crate) fn within(promise: &Promise, milliseconds: u32) -> Promise {
    let deadline = Promise::new(&mut |_, reject| {
        // Fails where there are no timers, and then there is no deadline.
        let _ = set_timeout(&reject, milliseconds);
    });
    Promise::race(&Array::of2(promise, &deadline))
}
