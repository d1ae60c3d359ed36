//! The table `receipt`: what browsers report of messages.

use sqlx::FromRow;

use super::{Store, StoreError, database::on, now};
use crate::{endpoint::subscription_id, proof, push::Push};

/// A message is known until so long after it is sent; again, after the last time.
pub(super) const NOTE_MESSAGE: &str = "INSERT INTO message (id, sent) VALUES ($1, $2)
     ON CONFLICT (id) DO UPDATE SET sent = CASE WHEN message.sent > $2 THEN message.sent ELSE $2 END";

const FORGET_MESSAGES: &str = "DELETE FROM message WHERE id IN (SELECT id FROM message WHERE sent < $1 LIMIT $2)";

const FORGET_RECEIPTS: &str = "DELETE FROM receipt WHERE (message_id, kind, source) IN
    (SELECT message_id, kind, source FROM receipt WHERE received < $1 LIMIT $2)";

/// What a browser reports of a message.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Receipt {
    /// The message's id, as its sender chose it.
    pub message_id: String,
    /// What happened: `received`, `shown`, `clicked`, `closed` or `failed`.
    pub kind: String,
    /// What tells one browser's report from another's: its proof, or its `Idempotency-Key`.
    pub source: String,
    /// When it happened by the browser's clock, in milliseconds since the Unix epoch.
    pub at: i64,
    /// The user of the request, if it had one.
    pub user_id: Option<String>,
    /// Whether `source` is proven to be a subscription that the message was sent to.
    #[sqlx(default)]
    pub proven: bool,
}

/// What became of a receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Noted {
    /// It is counted.
    New,
    /// It was counted before.
    Again,
    /// No message with this id was sent from here: it is not counted, nor kept.
    Unknown,
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
    /// Notes that a message with this id is sent, so that receipts of it are counted.
    ///
    /// [`create_job`](Self::create_job) and [`State::send`](crate::State::send) do so for a push that
    /// [has one](crate::Push::message_id); who sends in another way does it here.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn note_message(&self, message_id: &str) -> Result<(), StoreError> {
        on!(self, pool => sqlx::query(NOTE_MESSAGE)
            .bind(stored_id(message_id, false))
            .bind(now())
            .execute(pool)
            .await
            .map(|_| ()))?;
        Ok(())
    }

    /// Notes that this is sent, if it has an id.
    pub(crate) async fn note_push(&self, push: &Push) -> Result<(), StoreError> {
        match stored_message(push) {
            Some(id) => self.note(id).await,
            None => Ok(()),
        }
    }

    async fn note(&self, id: String) -> Result<(), StoreError> {
        on!(self, pool => sqlx::query(NOTE_MESSAGE).bind(id).bind(now()).execute(pool).await.map(drop))?;
        Ok(())
    }

    /// Notes a receipt. The same one again changes nothing, and nor does one of a message that was not sent from here.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn note_receipt(&self, receipt: &Receipt) -> Result<Noted, StoreError> {
        let known: Option<i64> = on!(self, pool => sqlx::query_scalar("SELECT sent FROM message WHERE id = $1")
            .bind(stored_id(&receipt.message_id, receipt.proven))
            .fetch_optional(pool)
            .await)?;
        if known.is_none() {
            return Ok(Noted::Unknown);
        }
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
        Ok(if rows > 0 { Noted::New } else { Noted::Again })
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

    /// Removes receipts that came before this time, in milliseconds since the Unix epoch; how many. Later ones of messages
    /// that were sent before it are not counted.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn forget_receipts(&self, before: i64) -> Result<u64, StoreError> {
        self.forget(FORGET_MESSAGES, before).await?;
        self.forget(FORGET_RECEIPTS, before).await
    }
}

/// What is stored of the id of this message.
pub(super) fn stored_message(push: &Push) -> Option<String> {
    push.message_id().map(|id| stored_id(&id, proof::is_proven(push)))
}

/// What is stored of a message's id: its hash, as of an endpoint, and whether its receipts come with a proof. Those without one
/// are of no such message.
fn stored_id(message_id: &str, proven: bool) -> String {
    let hash = subscription_id(message_id);
    if proven { format!("proof.{hash}") } else { hash }
}
