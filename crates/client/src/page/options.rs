//! What an app says once: where the worker, the server and the key are.

use alloc::{borrow::ToOwned, string::String, vec::Vec};

use js_sys::Function;
use wasm_bindgen::JsValue;

use super::hands::{object, set};

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
    /// More headers for each request to the server. They are kept in the browser, for the worker.
    pub headers: Vec<(String, String)>,
    /// `credentials` of each request, as `fetch` takes it; cookies go to the same origin by default.
    pub credentials: Option<String>,
    /// Tags of this device, for the server.
    pub tags: Option<Vec<String>>,
    /// Called in place of the request that tells the server: with the body and the method, `PUT` or `DELETE`. It gives a
    /// promise; as long as that rejects, it is called again later.
    pub upload: Option<Function>,
    /// After how many milliseconds the server is told again what it knows; seven days by default.
    pub interval: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            worker: "/worker.js".to_owned(),
            scope: None,
            server: Some("/api/v1".to_owned()),
            application_server_key: None,
            headers: Vec::new(),
            credentials: None,
            tags: None,
            upload: None,
            interval: None,
        }
    }
}

impl Options {
    /// As the plain object that the rest of this module reads, and that JavaScript gives.
    pub(super) fn to_js(&self) -> JsValue {
        let options = object();
        set(&options, "worker", &JsValue::from_str(&self.worker));
        let texts = [
            ("scope", &self.scope),
            ("server", &self.server),
            ("applicationServerKey", &self.application_server_key),
            ("credentials", &self.credentials),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                set(&options, name, &JsValue::from_str(value));
            }
        }
        let headers = object();
        for (name, value) in &self.headers {
            set(&headers, name, &JsValue::from_str(value));
        }
        set(&options, "headers", &headers);
        if let Some(tags) = &self.tags {
            set(&options, "tags", &list(tags));
        }
        if let Some(upload) = &self.upload {
            set(&options, "upload", upload);
        }
        if let Some(interval) = self.interval {
            set(&options, "interval", &interval.into());
        }
        options
    }
}

/// A list of strings.
pub(super) fn list(tags: &[String]) -> JsValue {
    tags.iter().map(|tag| JsValue::from_str(tag)).collect::<js_sys::Array>().into()
}
