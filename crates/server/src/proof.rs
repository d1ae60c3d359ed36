//! Proofs that a receipt comes from a browser that the message was sent to: a part of the URL that the message names for its
//! receipts, another for each subscription.
//!
//! A proof is a nonce and its authentication code. The nonce is made of message and subscription, so that the same delivery,
//! tried again, has the same one; it tells nobody which subscription that is.

use ring::hmac::{self, HMAC_SHA256};
use serde_json::Value;
use tidings_core::{base64url, message::MAX_LENGTH};

use crate::{
    push::Push,
    vapid::{KeyRing, VapidKey},
};

/// Where receipts of this API go.
const PATH: &str = "/api/v1/receipts";
const QUERY: &str = "proof=";

const NONCE: usize = 12;
/// As base64url, with its name and the question mark.
const LENGTH: usize = 1 + QUERY.len() + 59;

/// Whether its receipts come with a proof.
pub(crate) fn is_proven(push: &Push) -> bool {
    url_of(push).is_some()
}

/// The message with a proof for this subscription, if it says that its receipts go here.
pub(crate) fn prove(push: &Push, key: &VapidKey, subscription: &str) -> Option<Push> {
    let (id, mut payload, pointer) = url_of(push)?;
    let key = derived(key);
    let nonce = hmac::sign(&key, format!("{subscription}\0{id}").as_bytes()).as_ref()[..NONCE].to_vec();
    let code = hmac::sign(&key, &signed(&nonce, &id));
    let proof = base64url::encode(&[nonce.as_slice(), code.as_ref()].concat());
    *payload.pointer_mut(pointer)? = format!("{PATH}?{QUERY}{proof}").into();
    Some(push.clone().with_payload(payload.to_string().into_bytes()))
}

/// The proof of a receipt's query, if it is one for this message; spelled as it was sent.
pub(crate) fn proven(keys: &KeyRing, id: &str, query: Option<&str>) -> Option<String> {
    let proof = query?.strip_prefix(QUERY)?;
    let bytes = base64url::decode(proof).filter(|bytes| bytes.len() > NONCE)?;
    let (nonce, code) = bytes.split_at(NONCE);
    let signed = signed(nonce, id);
    let keys = keys.versions().into_iter().filter_map(|version| keys.get(Some(&version)));
    keys.map(|tokens| derived(tokens.key()))
        .any(|key| hmac::verify(&key, &signed, code).is_ok())
        .then(|| base64url::encode(&bytes))
}

/// The id and the payload of a message whose receipts go here, and where in it that is said.
fn url_of(push: &Push) -> Option<(String, Value, &'static str)> {
    let bytes = push.payload().filter(|bytes| bytes.len() + LENGTH <= MAX_LENGTH)?;
    // Most have none, and a broadcast asks for each of its subscriptions.
    if !bytes.windows(PATH.len()).any(|part| part == PATH.as_bytes()) {
        return None;
    }
    let id = push.message_id()?;
    let payload: Value = serde_json::from_slice(bytes).ok()?;
    let pointers = ["/notification/data/tidings/receipts", "/data/tidings/receipts"];
    let pointer = pointers[usize::from(payload.get("notification").is_none())];
    (payload.pointer(pointer)?.as_str() == Some(PATH)).then_some((id, payload, pointer))
}

fn signed(nonce: &[u8], id: &str) -> Vec<u8> {
    [nonce, b"\0receipt\0", id.as_bytes()].concat()
}

/// All machines have the VAPID key, and nobody else.
fn derived(key: &VapidKey) -> hmac::Key {
    let key = hmac::Key::new(HMAC_SHA256, key.private_key().as_bytes());
    hmac::Key::new(HMAC_SHA256, hmac::sign(&key, b"tidings receipts").as_ref())
}
