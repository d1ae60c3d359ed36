//! Sends that outlive a process: a message, to whom it goes, and how far it has come.
//!
//! A job is stored by [`Store::create_job`](crate::Store::create_job) and done by any number of [`Runner`]s, in any
//! number of processes. Each takes deliveries with a lease: if it is killed, the lease ends and another takes them.
//! A message may so arrive twice, but is never lost.
//!
//! # Example
//!
//! ```
//! use tidings_server::{Push, Store, jobs::{Audience, NewJob, Phase}};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! let store = Store::open(folder.path()).await?;
//! let push = Push::message(&serde_json::json!({"unread": 3}))?.ttl(3600);
//! let job = store.create_job(&NewJob::new(push, Audience::Tag("news".into()))).await?;
//! assert_eq!(job.phase(), Phase::Running);
//! store.pause_job(&job.id).await?;
//! # Ok(())
//! # }
//! ```

mod audience;
mod job;
mod outcome;
mod queue;
mod runner;
mod stats;

pub use audience::{Audience, AudienceError};
pub use job::{Counts, Failure, Job, NewJob, Phase};
pub use runner::{Options, Runner};
pub use stats::{Numbers, Stats};
