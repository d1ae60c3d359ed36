//! Static files, and the headers that every answer carries.

use std::path::Path;

use axum::{
    extract::Request,
    http::{HeaderValue, header},
    middleware::Next,
    response::Response,
    routing::{MethodRouter, any, get_service},
};
use tower_http::services::ServeDir;

use crate::api;

/// Scripts, styles, images and requests from this server only; WASM may be compiled.
const CONTENT_SECURITY_POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The files of a folder; `index.html` for a folder in it.
pub(crate) fn serve(folder: &Path) -> MethodRouter {
    get_service(ServeDir::new(folder).fallback(any(api::not_found)))
}

/// Adds the headers to an answer.
///
/// A service worker has the policy of its own script's answer, so the script needs them as the page does.
pub(crate) async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-cache"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let typed = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).and_then(with_charset);
    if let Some(value) = typed {
        headers.insert(header::CONTENT_TYPE, value);
    }
    response
}

/// The type with its charset: text without one may be read as something else, and every file here is UTF-8.
fn with_charset(content_type: &str) -> Option<HeaderValue> {
    match content_type {
        // The name of RFC 9239, for `.mjs` as for `.js`.
        "application/javascript" => Some(HeaderValue::from_static("text/javascript; charset=utf-8")),
        text if text.starts_with("text/") && !text.contains("charset") => {
            HeaderValue::try_from(format!("{text}; charset=utf-8")).ok()
        }
        _ => None,
    }
}
