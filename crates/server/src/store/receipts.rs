//! The table `receipt`: what browsers report of messages.

use sqlx::FromRow;

use super::{Store, StoreError, database::on, now};

/// What a browser reports of a message.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Receipt {
    /// The message's id, as its sender chose it.
    pub message_id: String,
    /// What happened: `received`, `shown`, `clicked`, `closed` or `failed`.
    pub kind: String,
    /// What tells one browser's report from another's: its `Idempotency-Key`, or the id of its subscription.
    pub source: String,
    /// When it happened by the browser's clock, in milliseconds since the Unix epoch.
    pub at: i64,
    /// The user of the request, if it had one.
    pub user_id: Option<String>,
}

/// How many browsers reported the same.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
#[non_exhaustive]
pub struct ReceiptCount {
    /// What happened.
    pub kind: String,
    /// How often.
    pub count: i64,
}

impl Store {
    /// Notes a receipt; whether it is new. The same one again changes nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn note_receipt(&self, receipt: &Receipt) -> Result<bool, StoreError> {
        let rows = on!(self, pool => sqlx::query(
            "INSERT INTO receipt (message_id, kind, source, at, received, user_id) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (message_id, kind, source) DO NOTHING",
        )
        .bind(&receipt.message_id)
        .bind(&receipt.kind)
        .bind(&receipt.source)
        .bind(receipt.at)
        .bind(now())
        .bind(&receipt.user_id)
        .execute(pool)
        .await
        .map(|result| result.rows_affected()))?;
        Ok(rows > 0)
    }

    /// How many receipts of each kind there are for a message.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn receipt_counts(&self, message_id: &str) -> Result<Vec<ReceiptCount>, StoreError> {
        Ok(on!(self, pool => sqlx::query_as(
            "SELECT kind, COUNT(*) AS count FROM receipt WHERE message_id = $1 GROUP BY kind ORDER BY kind",
        )
        .bind(message_id)
        .fetch_all(pool)
        .await)?)
    }

    /// Removes receipts that came before this time, in milliseconds since the Unix epoch; how many.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn forget_receipts(&self, before: i64) -> Result<u64, StoreError> {
        Ok(on!(self, pool => sqlx::query("DELETE FROM receipt WHERE received < $1")
            .bind(before)
            .execute(pool)
            .await
            .map(|result| result.rows_affected()))?)
    }
}
