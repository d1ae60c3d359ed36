//! The table `subscription`.

use std::time::{SystemTime, UNIX_EPOCH};

use sqlx::{Row, sqlite::SqliteRow};

use super::{Store, StoreError};
use crate::{endpoint::subscription_id, subscription::Subscription};

/// A stored subscription; its endpoint and keys are as they were uploaded.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// The subscription's id.
    pub id: String,
    /// Where its messages are posted: a secret.
    pub endpoint: String,
    /// The receiver's public key, 65 bytes.
    pub p256dh: Vec<u8>,
    /// The secret shared with the receiver, 16 bytes.
    pub auth: Vec<u8>,
    /// When it ends, in milliseconds since the Unix epoch, if the browser says so.
    pub expiration_time: Option<i64>,
    /// When it was first stored, in milliseconds since the Unix epoch.
    pub created: i64,
    /// When the browser last uploaded it.
    pub last_seen: i64,
    /// When a push service last took a message for it.
    pub last_success: Option<i64>,
}

/// What [`Store::put`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    Created,
    /// It was there, and is now as uploaded.
    Updated,
}

impl Store {
    /// Stores a subscription, in place of the one with the endpoint `replaces`, if that exists.
    ///
    /// Both or neither happen, and doing it again changes nothing but the time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer; then nothing has changed.
    pub async fn put(&self, subscription: &Subscription, replaces: Option<&str>) -> Result<Put, StoreError> {
        let id = subscription.id();
        let now = now();
        // Takes the write lock at once: a transaction that reads first may find it taken, and cannot wait for it.
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        if let Some(old) = replaces.map(subscription_id).filter(|old| *old != id) {
            sqlx::query("DELETE FROM subscription WHERE id = ?").bind(old).execute(&mut *transaction).await?;
        }
        let known: bool = sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM subscription WHERE id = ?)")
            .bind(&id)
            .fetch_one(&mut *transaction)
            .await?;
        sqlx::query(
            "INSERT INTO subscription (id, endpoint, p256dh, auth, expiration_time, created, last_seen)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)
             ON CONFLICT (id) DO UPDATE SET
                 p256dh = excluded.p256dh, auth = excluded.auth,
                 expiration_time = excluded.expiration_time, last_seen = excluded.last_seen",
        )
        .bind(&id)
        .bind(subscription.endpoint().url().as_str())
        .bind(subscription.keys().p256dh_bytes())
        .bind(subscription.keys().auth().as_slice())
        .bind(subscription.expiration_time())
        .bind(now)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(if known { Put::Updated } else { Put::Created })
    }

    /// The subscription with this id.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn get(&self, id: &str) -> Result<Option<Record>, StoreError> {
        let row = sqlx::query("SELECT * FROM subscription WHERE id = ?").bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(Record::from_row).transpose()
    }

    /// The next ids after one, in order; all of them, page by page, without holding them in memory.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn page(&self, after: Option<&str>, limit: u32) -> Result<Vec<String>, StoreError> {
        let ids = sqlx::query_scalar("SELECT id FROM subscription WHERE id > ? ORDER BY id LIMIT ?")
            .bind(after.unwrap_or_default())
            .bind(limit)
            .fetch_all(&self.pool)
            .await?;
        Ok(ids)
    }

    /// Removes a subscription; whether it was there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn delete(&self, id: &str) -> Result<bool, StoreError> {
        let result = sqlx::query("DELETE FROM subscription WHERE id = ?").bind(id).execute(&self.pool).await?;
        Ok(result.rows_affected() > 0)
    }

    /// Notes that a push service took a message.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn note_success(&self, id: &str) -> Result<(), StoreError> {
        sqlx::query("UPDATE subscription SET last_success = ? WHERE id = ?")
            .bind(now())
            .bind(id)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}

impl Record {
    fn from_row(row: &SqliteRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.try_get("id")?,
            endpoint: row.try_get("endpoint")?,
            p256dh: row.try_get("p256dh")?,
            auth: row.try_get("auth")?,
            expiration_time: row.try_get("expiration_time")?,
            created: row.try_get("created")?,
            last_seen: row.try_get("last_seen")?,
            last_success: row.try_get("last_success")?,
        })
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("id", &self.id).finish_non_exhaustive()
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscription::tests::example;

    async fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).await.expect("opens");
        (folder, store)
    }

    #[tokio::test]
    async fn putting_again_changes_only_the_time() {
        let (_folder, store) = store().await;
        let subscription = example(1);
        assert_eq!(store.put(&subscription, None).await.expect("stored"), Put::Created);
        let first = store.get(&subscription.id()).await.expect("readable").expect("there");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        assert_eq!(store.put(&subscription, None).await.expect("stored"), Put::Updated);
        let second = store.get(&subscription.id()).await.expect("readable").expect("there");
        assert!(second.last_seen > first.last_seen);
        assert_eq!(Record { last_seen: first.last_seen, ..second }, first);
    }

    #[tokio::test]
    async fn pages_over_all_in_order() {
        let (_folder, store) = store().await;
        for index in 0..5 {
            store.put(&example(index), None).await.expect("stored");
        }
        let mut ids = Vec::new();
        loop {
            let page = store.page(ids.last().map(String::as_str), 2).await.expect("readable");
            if page.is_empty() {
                break;
            }
            ids.extend(page);
        }
        assert_eq!(ids.len(), 5);
        assert!(ids.is_sorted());
    }

    #[tokio::test]
    async fn survives_a_restart() {
        let (folder, store) = store().await;
        store.put(&example(1), None).await.expect("stored");
        store.close().await;
        let store = Store::open(folder.path()).await.expect("opens");
        assert_eq!(store.page(None, 10).await.expect("readable"), [example(1).id()]);
        assert!(store.delete(&example(1).id()).await.expect("deleted"));
        assert!(!store.delete(&example(1).id()).await.expect("again"));
    }
}
