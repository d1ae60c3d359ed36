//! The server as its clients see it, against a push service that answers by script.

mod api;
mod attacks;
mod connections;
mod database;
mod demo;
mod fake;
mod files;
mod jobs;
mod log;
mod messages;
mod outcomes;
mod proofs;
mod requests;
mod runner;
mod scripted;
mod setup;
mod start;
mod store;
mod streams;
mod subscriptions;
mod tidy;
mod users;
