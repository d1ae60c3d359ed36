//! One store over two databases: the same queries, written so that SQLite and PostgreSQL read them alike.

use sqlx::{PgPool, SqlitePool};

/// The connections to the one database or the other.
#[derive(Clone, Debug)]
pub(super) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Runs the same code on whichever database there is.
macro_rules! on {
    ($store:expr, $pool:ident => $body:expr) => {
        match &$store.pool {
            $crate::store::database::Pool::Sqlite($pool) => $body,
            $crate::store::database::Pool::Postgres($pool) => $body,
        }
    };
}

/// The same in a transaction, which the code commits.
///
/// SQLite takes the write lock at once: a transaction that reads first may find it taken, and cannot wait for it.
macro_rules! transaction {
    ($store:expr, $transaction:ident => $body:expr) => {
        match &$store.pool {
            $crate::store::database::Pool::Sqlite(pool) => {
                let mut $transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
                $body
            }
            $crate::store::database::Pool::Postgres(pool) => {
                let mut $transaction = pool.begin().await?;
                $body
            }
        }
    };
}

pub(super) use {on, transaction};

/// What the two databases write differently.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sql {
    pub(super) sqlite: &'static str,
    pub(super) postgres: &'static str,
}

impl Pool {
    pub(super) fn sql(&self, sql: Sql) -> &'static str {
        match self {
            Self::Sqlite(_) => sql.sqlite,
            Self::Postgres(_) => sql.postgres,
        }
    }
}
