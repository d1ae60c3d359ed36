//! A local push service: real browsers do real Web Push with it, on one machine, with no internet.
//!
//! A browser does not let a page choose its push service, but every browser can be started with another one.
//! This crate is that other one. It speaks the three protocols around a push:
//!
//! | to | protocol | where |
//! |---|---|---|
//! | the application server | RFC 8030, with the sender checks of RFC 8292 (VAPID) | both ports |
//! | Firefox | autopush: JSON over a WebSocket | plain port |
//! | Chromium | FCM: check-in and registration over HTTP, delivery over MCS | plain port, TLS port |
//!
//! Behind them is one mailbox, which knows nothing of the protocols: messages are kept until the browser says it has
//! them, expire by their TTL, replace each other by their topic, and are delivered in the order they came. It lives in
//! memory, or with [`Config::state`] in a file, too: then subscriptions and waiting messages outlive the service.
//!
//! ```no_run
//! # async fn example() -> Result<(), tidings_push_service::StartError> {
//! use tidings_push_service::{Config, PushService};
//!
//! let service = PushService::start(Config::default()).await?;
//! println!("Firefox connects to {}", service.description().web_socket);
//! service.stop().await;
//! # Ok(())
//! # }
//! ```
//!
//! `GET /about` on the plain port answers the [`Description`] as JSON: whoever knows that one URL can wire up a
//! browser and a sender.
//!
//! # Senders and Chromium
//!
//! Chromium's endpoints are compiled in: `https://jmt17.google.com/fcm/send/<token>`. A sender reaches this service
//! with such an endpoint through the proxy named in [`Description::proxy`], trusting
//! [`Description::certificate_pem`]; or it posts to the same path below [`Description::https`] or
//! [`Description::http`]. The proxy opens tunnels to this service only and refuses every other target.
//!
//! # The first page of Firefox
//!
//! Firefox 153 starts its part of push a second after its window. What a page asks of `pushManager` before that is
//! lost: neither `subscribe()` nor `getSubscription()` ever settles. `GET /open?url=<page>` answers with a redirection
//! to the page, as soon as Firefox has said hello; `tidings browser firefox` opens its page that way.
//!
//! # Control, for tests
//!
//! | request | effect |
//! |---|---|
//! | `GET /control/state` | the devices, their channels, how many messages wait for each, and their ids |
//! | `POST /control/drop-connections` | cuts every browser's connection, without a closing handshake |
//! | `POST /control/forget-devices` | forgets every device and cuts its connection: Firefox gets a new identity when it returns (and tells its service workers with `pushsubscriptionchange`), every endpoint answers 410 |
//!
//! A Firefox whose connection was cut returns after 5 seconds (`dom.push.retryBaseInterval`), a Chromium after about
//! 20; messages wait meanwhile.
//!
//! # Across restarts
//!
//! With [`Config::state`] (`tidings push-service --state FILE`) a change is in the file before it is answered: a message
//! that was answered 201 comes at least once while its TTL allows, whatever ends the service, `kill -9` included. A
//! machine without power may lose the last seconds. Keep the ports, too: Firefox's endpoints name the plain one.
//!
//! The file has one change a line, in JSON, and is written anew when it has grown. Two services cannot share one.
//!
//! # Load mode, for measuring senders
//!
//! With [`Config::load`] (`tidings push-service --load`) there are as many subscriptions as one likes, without browsers:
//!
//! | request | effect |
//! |---|---|
//! | `POST /load/<number>` | the message is checked (headers, VAPID signature, form of the body), counted and forgotten |
//! | `POST /load/<number>/<status>` | the same, but the answer has this status; 429 and 503 with `Retry-After: 1` |
//! | `GET /load` | `{"taken", "distinct", "refused", "answered", "bytes"}` |
//!
//! A signature is verified once for each `Authorization` that follows another; nothing is decrypted.
//!
//! There is no access control at all: the service binds to loopback addresses and refuses others.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod autopush;
mod certificate;
mod chromium;
mod config;
mod connection;
mod control;
mod description;
mod error;
mod file;
#[doc(hidden)]
pub mod fuzzing;
mod key;
mod load;
mod mailbox;
mod open;
mod proxy;
mod random;
mod router;
mod sender;
mod service;
mod shared;

pub use config::Config;
pub use description::Description;
pub use error::StartError;
pub use service::PushService;
