//! The suite once more, on PostgreSQL. A module added there is added here.

#[path = "../suite/api.rs"]
mod api;
#[path = "../suite/attacks.rs"]
mod attacks;
#[path = "../suite/connections.rs"]
mod connections;
#[path = "../suite/database.rs"]
mod database;
#[path = "../suite/demo.rs"]
mod demo;
#[path = "../suite/fake.rs"]
mod fake;
#[path = "../suite/files.rs"]
mod files;
#[path = "../suite/jobs.rs"]
mod jobs;
#[path = "../suite/log.rs"]
mod log;
#[path = "../suite/messages.rs"]
mod messages;
#[path = "../suite/outcomes.rs"]
mod outcomes;
#[path = "../suite/proofs.rs"]
mod proofs;
#[path = "../suite/requests.rs"]
mod requests;
#[path = "../suite/runner.rs"]
mod runner;
#[path = "../suite/scripted.rs"]
mod scripted;
#[path = "../suite/setup.rs"]
mod setup;
#[path = "../suite/start.rs"]
mod start;
#[path = "../suite/store.rs"]
mod store;
#[path = "../suite/streams.rs"]
mod streams;
#[path = "../suite/subscriptions.rs"]
mod subscriptions;
#[path = "../suite/tidy.rs"]
mod tidy;
#[path = "../suite/users.rs"]
mod users;
