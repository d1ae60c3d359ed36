//! The server as its clients see it, against a push service that answers by script.

mod fake;
mod files;
mod messages;
mod requests;
mod setup;
mod start;
mod subscriptions;
mod users;
