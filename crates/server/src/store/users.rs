//! All that is stored of a user: taken along, and erased.

use serde::Serialize;
use sqlx::FromRow;

use super::{
    Store, StoreError,
    database::{on, transaction},
    receipts::Receipt,
    subscriptions::{Record, Row},
};

/// All that is stored of a user (GDPR articles 15 and 20).
///
/// Its subscriptions hold secrets: endpoints, keys and device ids. Give it to the user alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Export {
    /// The user's devices.
    pub subscriptions: Vec<Record>,
    /// What they reported while signed in.
    pub receipts: Vec<Receipt>,
    /// The messages that were addressed to this user, as far as they are kept.
    pub jobs: Vec<ExportedJob>,
}

/// A message that was addressed to a user.
#[derive(Clone, Debug, PartialEq, Eq, FromRow, Serialize)]
#[non_exhaustive]
pub struct ExportedJob {
    /// The job's id.
    pub id: String,
    /// When it was asked for, in milliseconds since the Unix epoch.
    pub created: i64,
    /// What it said, before encryption.
    pub payload: Option<Vec<u8>>,
}

const JOBS: &str = "SELECT id, created, payload FROM job WHERE audience = 'user' AND target = $1 ORDER BY id";

impl Store {
    /// All that is stored of a user.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn export_user(&self, user: &str) -> Result<Export, StoreError> {
        let subscriptions = self.devices_of_user(user).await?;
        let receipts = on!(self, pool => sqlx::query_as(
            "SELECT message_id, kind, source, at, user_id FROM receipt WHERE user_id = $1 ORDER BY received, message_id, kind",
        )
        .bind(user)
        .fetch_all(pool)
        .await)?;
        let jobs = on!(self, pool => sqlx::query_as(JOBS).bind(user).fetch_all(pool).await)?;
        Ok(Export { subscriptions, receipts, jobs })
    }

    /// The subscriptions of a user, one for each device.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn devices_of_user(&self, user: &str) -> Result<Vec<Record>, StoreError> {
        let sql = "SELECT * FROM subscription WHERE user_id = $1 ORDER BY id";
        let rows: Vec<Row> = on!(self, pool => sqlx::query_as(sql).bind(user).fetch_all(pool).await)?;
        Ok(rows.into_iter().map(Record::from).collect())
    }

    /// Takes every device from a user; how many. They are still sent to, but not as the user's.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn detach_user(&self, user: &str) -> Result<u64, StoreError> {
        Ok(on!(self, pool => sqlx::query("UPDATE subscription SET user_id = NULL WHERE user_id = $1")
            .bind(user)
            .execute(pool)
            .await
            .map(|result| result.rows_affected()))?)
    }

    /// Erases all that is stored of a user (GDPR article 17): subscriptions, receipts, sessions, and the messages to this
    /// user. How many subscriptions there were.
    ///
    /// What waits for those subscriptions as part of a larger send is not sent, and counted as gone.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer; then nothing was erased.
    pub async fn erase_user(&self, user: &str) -> Result<u64, StoreError> {
        transaction!(self, transaction => {
            let mut erased = 0;
            for sql in [
                "DELETE FROM failure WHERE subscription_id IN (SELECT id FROM subscription WHERE user_id = $1)",
                "DELETE FROM delivery WHERE job_id IN (SELECT id FROM job WHERE audience = 'user' AND target = $1)",
                "DELETE FROM failure WHERE job_id IN (SELECT id FROM job WHERE audience = 'user' AND target = $1)",
                "DELETE FROM job WHERE audience = 'user' AND target = $1",
                "DELETE FROM receipt WHERE user_id = $1",
                "DELETE FROM session WHERE user_id = $1",
                "DELETE FROM subscription WHERE user_id = $1",
            ] {
                erased = sqlx::query(sql).bind(user).execute(&mut *transaction).await?.rows_affected();
            }
            transaction.commit().await?;
            Ok(erased)
        })
    }
}
