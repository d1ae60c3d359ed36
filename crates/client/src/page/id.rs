//! By what name a server of Tidings knows a subscription: the SHA-256 of its endpoint, base64url without padding.

use alloc::string::String;

use js_sys::{Promise, Uint8Array};
use tidings_core::base64url;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

use super::hands::settle;
use crate::PushError;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["crypto", "subtle"])]
    fn digest(algorithm: &str, data: &Uint8Array) -> Promise;
}

pub(super) async fn of(endpoint: &str) -> Result<String, PushError> {
    let hash: JsValue = settle(digest("SHA-256", &Uint8Array::from(endpoint.as_bytes()))).await?;
    Ok(base64url::encode(&Uint8Array::new(&hash).to_vec()))
}
