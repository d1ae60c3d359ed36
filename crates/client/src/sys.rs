//! The externs that web-sys lacks, or types too loosely. Private: the public API names web-sys and js-sys types only.
//!
//! All of it is found when it is called, never when the module is loaded, so importing is safe anywhere.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Any object, read by member without `Reflect` and its `Result`.
    #[derive(Clone)]
    pub(crate) type Member;
    #[wasm_bindgen(method, indexing_getter)]
    pub(crate) fn get(this: &Member, name: &str) -> JsValue;
    #[wasm_bindgen(method, indexing_setter)]
    pub(crate) fn set(this: &Member, name: &str, value: &JsValue);

    #[wasm_bindgen(method, indexing_deleter)]
    pub(crate) fn remove(this: &Member, name: &str);

    /// The global object: every engine with WASM and service workers has this name for it.
    #[wasm_bindgen(thread_local_v2, js_name = globalThis)]
    static GLOBAL: JsValue;

    #[wasm_bindgen(js_name = URL)]
    pub(crate) type Url;
    #[wasm_bindgen(constructor, catch, js_class = "URL")]
    pub(crate) fn new(url: &JsValue, base: &JsValue) -> Result<Url, JsValue>;
    #[wasm_bindgen(method, getter)]
    pub(crate) fn href(this: &Url) -> JsValue;

    /// A promise whose callbacks may return anything.
    #[wasm_bindgen(js_name = Promise)]
    pub(crate) type Chain;
    #[wasm_bindgen(method, js_name = then)]
    pub(crate) fn then(this: &Chain, resolved: &JsValue, rejected: &JsValue) -> Promise;
}

#[cfg(feature = "page")]
pub(crate) mod page {
    use js_sys::Object;

    use super::*;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(catch, js_name = setTimeout)]
        pub(crate) fn set_timeout(callback: &JsValue, milliseconds: u32) -> Result<JsValue, JsValue>;

        #[wasm_bindgen(catch)]
        pub(crate) fn fetch(url: &str, options: &Object) -> Result<Promise, JsValue>;
        pub(crate) type Response;
        #[wasm_bindgen(method, getter)]
        pub(crate) fn ok(this: &Response) -> bool;
        #[wasm_bindgen(method)]
        pub(crate) fn text(this: &Response) -> Promise;
        #[wasm_bindgen(method)]
        pub(crate) fn json(this: &Response) -> Promise;

        // `Notification` may be undefined (iOS outside the Home Screen): `catch` turns the ReferenceError into an Err.
        pub(crate) type Notification;
        #[wasm_bindgen(catch, static_method_of = Notification, getter)]
        pub(crate) fn permission() -> Result<JsValue, JsValue>;
        #[wasm_bindgen(catch, static_method_of = Notification, js_name = requestPermission)]
        pub(crate) fn request_permission() -> Result<Promise, JsValue>;

        pub(crate) type ServiceWorkerContainer;
        #[wasm_bindgen(method, catch)]
        pub(crate) fn register(
            this: &ServiceWorkerContainer,
            script: &str,
            options: &Object,
        ) -> Result<Promise, JsValue>;
        #[wasm_bindgen(method, js_name = getRegistration)]
        pub(crate) fn get_registration(this: &ServiceWorkerContainer, scope: &JsValue) -> Promise;

        pub(crate) type Registration;
        #[wasm_bindgen(method, getter, js_name = pushManager)]
        pub(crate) fn push_manager(this: &Registration) -> PushManager;

        pub(crate) type PushManager;
        #[wasm_bindgen(method)]
        pub(crate) fn subscribe(this: &PushManager, options: &Object) -> Promise;
        #[wasm_bindgen(method, js_name = getSubscription)]
        pub(crate) fn get_subscription(this: &PushManager) -> Promise;
    }
}

/// The global object of the page or of the worker.
pub(crate) fn global() -> JsValue {
    GLOBAL.with(Clone::clone)
}
