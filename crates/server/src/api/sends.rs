//! Sends: asked for, watched, paused, resumed and cancelled.

use std::{collections::HashMap, convert::Infallible, time::Duration};

use axum::{
    Json,
    extract::{Path, Query, State as Extract},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use serde_json::{Map, Value, json};

use super::{access::Sender, body::Object, error::ApiError, messages};
use crate::{
    jobs::{Audience, Job, NewJob, Phase},
    state::State,
};

/// How often a send is looked at for those who watch it.
const LOOK: Duration = Duration::from_millis(500);

/// How many sends or failures one answer has.
const PAGE: u32 = 100;

/// The latest `at`, milliseconds from now: a year.
const FARTHEST: i64 = 366 * 24 * 60 * 60 * 1000;

pub(super) async fn post(
    Extract(state): Extract<State>,
    _: Sender,
    headers: HeaderMap,
    Object(members): Object,
) -> Result<Response, ApiError> {
    let push = messages::read(&members, &["to", "at", "dryRun"])?;
    let audience = audience(members.get("to"))?;
    let mut new = NewJob::new(push, audience);
    new.not_before = members.get("at").map(at).transpose()?;
    new.request_key = headers.get("idempotency-key").map(request_key).transpose()?;
    match members.get("dryRun") {
        None | Some(Value::Bool(false)) => {}
        Some(Value::Bool(true)) => {
            let subscriptions = state.store().count_audience(&new.audience).await?;
            return Ok(Json(json!({ "dryRun": true, "subscriptions": subscriptions })).into_response());
        }
        Some(_) => return Err(ApiError::invalid("`dryRun` must be true or false")),
    }
    if let Audience::Subscription(id) = &new.audience
        && state.store().get(id).await?.is_none()
    {
        return Err(ApiError::unknown_subscription());
    }
    let job = state.create_job(&new).await?;
    tracing::info!(send = job.id, to = job.audience.kind(), "a send was asked for");
    let location = HeaderValue::try_from(format!("/api/v1/sends/{}", job.id));
    let mut response = (StatusCode::ACCEPTED, Json(describe(&job))).into_response();
    // Ids are hexadecimal digits: always a header.
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// The newest first; `?before=ID` for those before one.
pub(super) async fn list(
    Extract(state): Extract<State>,
    _: Sender,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, ApiError> {
    let jobs = state.store().jobs(query.get("before").map(String::as_str), PAGE).await?;
    Ok(Json(json!({ "sends": jobs.iter().map(describe).collect::<Vec<_>>() })))
}

pub(super) async fn get(
    Extract(state): Extract<State>,
    _: Sender,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    Ok(Json(describe(&find(&state, &id).await?)))
}

/// What was refused for good, in the order of ids; `?after=ID` for those after one.
pub(super) async fn failures(
    Extract(state): Extract<State>,
    _: Sender,
    Path(id): Path<String>,
    Query(query): Query<HashMap<String, String>>,
) -> Result<Json<Value>, ApiError> {
    find(&state, &id).await?;
    let failures = state.store().job_failures(&id, query.get("after").map(String::as_str), PAGE).await?;
    let failures = failures.iter().map(|failure| {
        json!({
            "subscription": failure.subscription_id,
            "code": failure.code,
            "reason": failure.reason,
            "failed": failure.failed,
        })
    });
    Ok(Json(json!({ "failures": failures.collect::<Vec<_>>() })))
}

pub(super) async fn pause(
    Extract(state): Extract<State>,
    _: Sender,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    find(&state, &id).await?;
    state.store().pause_job(&id).await?;
    Ok(Json(describe(&find(&state, &id).await?)))
}

pub(super) async fn resume(
    Extract(state): Extract<State>,
    _: Sender,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    find(&state, &id).await?;
    state.store().resume_job(&id).await?;
    Ok(Json(describe(&find(&state, &id).await?)))
}

pub(super) async fn cancel(
    Extract(state): Extract<State>,
    _: Sender,
    Path(id): Path<String>,
) -> Result<Json<Value>, ApiError> {
    find(&state, &id).await?;
    state.store().cancel_job(&id).await?;
    Ok(Json(describe(&find(&state, &id).await?)))
}

/// Server-sent events: `progress` at first and whenever something has changed, `end` as the last.
pub(super) async fn events(
    Extract(state): Extract<State>,
    _: Sender,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let first = find(&state, &id).await?;
    let stopping = state.stopping();
    let events =
        stream::unfold((state, stopping, Some(first), None::<Value>), |(state, mut stopping, job, told)| async move {
            let mut job = job?;
            loop {
                let ended = matches!(job.phase(), Phase::Finished | Phase::Cancelled);
                let now = describe(&job);
                if ended || told.as_ref() != Some(&now) {
                    let name = if ended { "end" } else { "progress" };
                    let event = Event::default().event(name).data(now.to_string());
                    let next = if ended { None } else { Some(job) };
                    return Some((Ok::<_, Infallible>(event), (state, stopping, next, Some(now))));
                }
                tokio::select! {
                    () = tokio::time::sleep(LOOK) => {}
                    // Who watches asks again, and finds a server that runs.
                    _ = stopping.wait_for(|stopping| *stopping) => return None,
                }
                // A database that is away for a moment is back at the next look. A send that was removed has ended.
                if let Ok(found) = state.store().job(&job.id).await {
                    job = found?;
                }
            }
        });
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

async fn find(state: &State, id: &str) -> Result<Job, ApiError> {
    let unknown = || ApiError::new(StatusCode::NOT_FOUND, "unknown-send", "there is no send with this id");
    state.store().job(id).await?.ok_or_else(unknown)
}

fn describe(job: &Job) -> Value {
    let to = match &job.audience {
        Audience::Everyone => json!("everyone"),
        // A device's id is the browser's secret.
        Audience::Device(_) => json!({ "device": "…" }),
        other => json!({ (other.kind()): other.target() }),
    };
    let counts = &job.counts;
    json!({
        "id": job.id,
        "to": to,
        "state": job.phase().as_str(),
        "created": job.created,
        "at": job.not_before,
        "expires": job.expires,
        "finished": job.finished,
        "counts": {
            "total": counts.total,
            "sent": counts.sent,
            "gone": counts.gone,
            "failed": counts.failed,
            "expired": counts.expired,
            "pending": counts.pending(),
        },
        // Whether `total` is final.
        "complete": job.spread,
    })
}

/// `"everyone"`, or one of `{"subscription"}`, `{"device"}`, `{"user"}`, `{"tag"}`.
fn audience(to: Option<&Value>) -> Result<Audience, ApiError> {
    let wrong = || {
        ApiError::invalid(
            "`to` must be `\"everyone\"`, or one of `{\"subscription\": …}`, `{\"device\": …}`, `{\"user\": …}`, `{\"tag\": …}`",
        )
    };
    match to {
        None => Err(ApiError::missing("`to` is missing: send `{\"to\": {\"user\": \"…\"}, \"message\": {…}}`")),
        Some(Value::String(all)) if all == "everyone" => Ok(Audience::Everyone),
        Some(Value::Object(members)) => single(members)
            .filter(|(kind, target)| *kind != "everyone" && !target.is_empty())
            .and_then(|(kind, target)| Audience::from_parts(kind, target).ok())
            .ok_or_else(wrong),
        Some(_) => Err(wrong()),
    }
}

/// The one member of an object that has one, if it is a string.
fn single(members: &Map<String, Value>) -> Option<(&str, &str)> {
    let mut all = members.iter();
    let (kind, target) = all.next()?;
    all.next().is_none().then_some((kind.as_str(), target.as_str()?))
}

/// When to begin: milliseconds since the Unix epoch.
fn at(value: &Value) -> Result<i64, ApiError> {
    let latest = crate::store::now() + FARTHEST;
    let good = value.as_i64().filter(|at| (0..=latest).contains(at));
    good.ok_or_else(|| {
        ApiError::invalid("`at` must be a whole number of milliseconds since 1970, at most a year ahead")
    })
}

fn request_key(value: &HeaderValue) -> Result<String, ApiError> {
    let key = value.to_str().ok().filter(|key| (1..=200).contains(&key.len()));
    Ok(key.ok_or_else(|| ApiError::invalid("`idempotency-key` must be 1 to 200 characters of ASCII"))?.to_owned())
}
