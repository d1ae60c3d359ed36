//! The application server of Tidings: it keeps subscriptions, encrypts and signs messages, and sends them.
//!
//! | module | what it owns |
//! |---|---|
//! | [`config`] | what a server must know before it starts |
//! | [`server`] | the listening server, or a router for your own |
//! | [`state`] | subscriptions and sender together: what the API and the command line share |
//! | [`store`] | subscriptions, jobs and tokens in one SQLite file or in PostgreSQL |
//! | [`jobs`] | sends that outlive a process |
//! | [`endpoint`], [`services`], [`address`], [`resolver`] | which endpoints are sent to, and which never are |
//! | [`subscription`] | `PushSubscription.toJSON()`, checked |
//! | [`limits`], [`metrics`] | what one client may do, and what is counted |
//! | [`upload`], [`users`] | what a browser says of its subscription, and whom the server believes |
//! | [`push`], [`encrypt`], [`vapid`] | a message and its options, RFC 8291, RFC 8292 |
//! | [`sender`] | one POST to a push service, and what its answer means |
//!
//! # Example
//!
//! ```
//! use tidings_server::{Config, Server};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), tidings_server::StartError> {
//! # let folder = tempfile::tempdir().unwrap();
//! # let data = folder.path().join("data");
//! let mut config = Config::new(data);
//! config.address = ([127, 0, 0, 1], 0).into();
//! config.contact = "mailto:push@example.com".into();
//! let server = Server::start(config).await?;
//! println!("Tidings is at http://{}", server.address());
//! server.stop().await;
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

pub mod address;
mod api;
pub mod config;
mod connections;
pub mod encrypt;
pub mod endpoint;
pub mod error;
mod files;
pub mod jobs;
pub mod limits;
mod listener;
pub mod metrics;
mod private;
mod proof;
pub mod push;
pub mod resolver;
pub mod sender;
pub mod server;
pub mod services;
pub mod state;
pub mod store;
pub mod subscription;
mod tidy;
pub mod upload;
pub mod users;
pub mod vapid;

pub use config::{Config, LocalPushService};
pub use endpoint::{Endpoint, subscription_id};
pub use error::StartError;
pub use push::{Push, Urgency};
pub use sender::{SendError, Sender, Sent};
pub use server::{Running, Server, router};
pub use state::{DeliveryError, State};
pub use store::{Store, StoreError};
pub use subscription::Subscription;
pub use vapid::VapidKey;
