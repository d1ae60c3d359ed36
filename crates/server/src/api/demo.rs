//! What only the demo does: no app should let anybody send to everybody, or change the key. See `demo_sessions`.

use std::time::Instant;

use axum::{Json, extract::State as Extract, http::HeaderMap};
use serde_json::{Value, json};

use super::{body::Object, error::ApiError, messages, session};
use crate::{
    state::{DeliveryError, State},
    store::milliseconds,
    vapid::KeyRing,
};

/// How many ids are read at once.
const PAGE: u32 = 100;

/// Sends to `{"to"}`: the id of a subscription, `"mine"`, or `"everyone"`. Says how long it took, in milliseconds, and
/// for each device what came of it and how long its push service took.
pub(super) async fn send(
    Extract(state): Extract<State>,
    headers: HeaderMap,
    Object(mut members): Object,
) -> Result<Json<Value>, ApiError> {
    session::only_demo(&state)?;
    let to = members.remove("to");
    let to = to.as_ref().and_then(Value::as_str);
    let to = to.ok_or_else(|| ApiError::missing("`to` is missing: an id, `mine` or `everyone`"))?;
    let push = messages::read(&members, &[])?;
    let began = Instant::now();
    let mut results = Vec::new();
    for id in recipients(&state, &headers, to).await? {
        results.push(match state.send(&id, &push).await {
            Ok(sent) => json!({ "id": id, "pushService": sent.push_service, "took": milliseconds(sent.took) }),
            Err(DeliveryError::Store(error)) => return Err(error.into()),
            Err(error) => json!({ "id": id, "error": { "code": error.code(), "message": error.to_string() } }),
        });
    }
    let failed = results.iter().filter(|result| result.get("error").is_some()).count();
    let took = milliseconds(began.elapsed());
    Ok(Json(json!({ "sent": results.len() - failed, "failed": failed, "took": took, "results": results })))
}

async fn recipients(state: &State, headers: &HeaderMap, to: &str) -> Result<Vec<String>, ApiError> {
    match to {
        "mine" => match session::user(state, headers).await? {
            Some(user) => Ok(state.store().of_user(&user).await?),
            None => Err(ApiError::invalid("nobody is signed in, so there are no devices of theirs")),
        },
        "everyone" => {
            let mut ids = Vec::new();
            loop {
                let page = state.store().page(ids.last().map(String::as_str), PAGE).await?;
                if page.is_empty() {
                    return Ok(ids);
                }
                ids.extend(page);
            }
        }
        id => Ok(vec![id.to_owned()]),
    }
}

/// Makes a new VAPID key. Each browser hands over when it next looks, and is sent to with its old one until then.
pub(super) async fn rotate(Extract(state): Extract<State>, Object(_): Object) -> Result<Json<Value>, ApiError> {
    session::only_demo(&state)?;
    let key = KeyRing::rotate(&state.config().data).map_err(ApiError::rotation)?;
    state.sender().keys().refresh();
    Ok(Json(json!({ "publicKey": key.public_key() })))
}
