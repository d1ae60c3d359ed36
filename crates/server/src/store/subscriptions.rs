//! The table `subscription`.

use std::time::{SystemTime, UNIX_EPOCH};

use sqlx::{Row, sqlite::SqliteRow};

use super::{Store, StoreError};
use crate::{
    endpoint::subscription_id,
    subscription::Subscription,
    upload::{Claim, Upload},
};

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
    /// The browser's random id, which stays.
    pub device: Option<String>,
    /// Browser and platform, for people.
    pub label: Option<String>,
    /// The app's tags.
    pub tags: Vec<String>,
    /// The user that it belongs to.
    pub user: Option<String>,
}

/// What [`Store::put`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    Created,
    /// It was there, and is now as uploaded.
    Updated,
}

/// What [`Store::upload`] must know of a row: id, secret, device, user.
type Own = (String, Vec<u8>, Option<String>, Option<String>);

/// Why an upload was not stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PutError {
    /// What it says to replace is there, and its secret is another.
    #[error("`replaces.auth` is not the secret of that subscription: upload without `replaces`")]
    NotYours,
    /// It says to belong to a user, and the request comes from another, or from nobody that is known.
    #[error("the device cannot be given to this user: sign in as this user first")]
    User {
        /// Whether the request has a user at all.
        known: bool,
    },
    /// The database did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for PutError {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Stores a subscription of which nothing else is known.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer; then nothing has changed.
    pub async fn put(&self, subscription: &Subscription) -> Result<Put, StoreError> {
        match self.upload(&Upload::new(subscription.clone()), None).await {
            Ok(put) => Ok(put),
            Err(PutError::Store(error)) => Err(error),
            // It claims and replaces nothing.
            Err(other) => Err(StoreError::Failed(other.into())),
        }
    }

    /// Stores what a browser uploads, in place of what it replaces and of what the same device uploaded before.
    ///
    /// All or nothing happens, and doing it again changes nothing but the time. `user` is whom the request comes from: a
    /// device is given to a user who asks for it, and stays whose it is when its browser proves that it is the same one.
    ///
    /// # Errors
    ///
    /// [`PutError`]; then nothing has changed.
    pub async fn upload(&self, upload: &Upload, user: Option<&str>) -> Result<Put, PutError> {
        let subscription = &upload.subscription;
        let auth = subscription.keys().auth().as_slice();
        let id = subscription.id();
        let now = now();
        // Takes the write lock at once: a transaction that reads first may find it taken, and cannot wait for it.
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let replaced = upload.replaces.as_ref().map(|old| subscription_id(&old.endpoint));
        let rows: Vec<Own> =
            sqlx::query_as("SELECT id, auth, device, user FROM subscription WHERE id IN (?1, ?2) OR device = ?3")
                .bind(&id)
                .bind(&replaced)
                .bind(&upload.device)
                .fetch_all(&mut *transaction)
                .await?;
        let mut owner = None;
        for (row, secret, device, user) in &rows {
            let same_device = device.is_some() && *device == upload.device;
            let proof =
                if *row == id { Some(auth) } else { upload.replaces.as_ref().and_then(|old| old.auth.as_deref()) };
            let proven = same_device || proof == Some(secret);
            if *row != id && !proven && proof.is_some() {
                return Err(PutError::NotYours);
            }
            if proven && user.is_some() {
                owner = user.as_deref();
            }
            if *row != id {
                sqlx::query("DELETE FROM subscription WHERE id = ?").bind(row).execute(&mut *transaction).await?;
            }
        }
        let user = match &upload.user {
            Claim::Same => owner,
            Claim::Nobody => None,
            Claim::User(claimed) if [user, owner].contains(&Some(claimed)) => Some(claimed.as_str()),
            Claim::User(_) => return Err(PutError::User { known: user.is_some() }),
        };
        sqlx::query(
            "INSERT INTO subscription (id, endpoint, p256dh, auth, expiration_time, created, last_seen, device, label, tags, user)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8, ?9, ?10)
             ON CONFLICT (id) DO UPDATE SET
                 p256dh = excluded.p256dh, auth = excluded.auth,
                 expiration_time = excluded.expiration_time, last_seen = excluded.last_seen,
                 device = excluded.device, label = excluded.label, tags = excluded.tags, user = excluded.user",
        )
        .bind(&id)
        .bind(subscription.endpoint().url().as_str())
        .bind(subscription.keys().p256dh_bytes())
        .bind(auth)
        .bind(subscription.expiration_time())
        .bind(now)
        .bind(&upload.device)
        .bind(&upload.label)
        .bind(serde_json::json!(upload.tags).to_string())
        .bind(user)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(if rows.iter().any(|(row, ..)| *row == id) { Put::Updated } else { Put::Created })
    }

    /// The ids of a user's subscriptions: one for each device.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn of_user(&self, user: &str) -> Result<Vec<String>, StoreError> {
        let ids = sqlx::query_scalar("SELECT id FROM subscription WHERE user = ? ORDER BY id");
        Ok(ids.bind(user).fetch_all(&self.pool).await?)
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
            device: row.try_get("device")?,
            label: row.try_get("label")?,
            // Written by this server only.
            tags: serde_json::from_str(row.try_get::<Option<&str>, _>("tags")?.unwrap_or("[]")).unwrap_or_default(),
            user: row.try_get("user")?,
        })
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("id", &self.id).finish_non_exhaustive()
    }
}

pub(super) fn now() -> i64 {
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
        assert_eq!(store.put(&subscription).await.expect("stored"), Put::Created);
        let first = store.get(&subscription.id()).await.expect("readable").expect("there");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        assert_eq!(store.put(&subscription).await.expect("stored"), Put::Updated);
        let second = store.get(&subscription.id()).await.expect("readable").expect("there");
        assert!(second.last_seen > first.last_seen);
        assert_eq!(Record { last_seen: first.last_seen, ..second }, first);
    }

    #[tokio::test]
    async fn pages_over_all_in_order() {
        let (_folder, store) = store().await;
        for index in 0..5 {
            store.put(&example(index)).await.expect("stored");
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
        store.put(&example(1)).await.expect("stored");
        store.close().await;
        let store = Store::open(folder.path()).await.expect("opens");
        assert_eq!(store.page(None, 10).await.expect("readable"), [example(1).id()]);
        assert!(store.delete(&example(1).id()).await.expect("deleted"));
        assert!(!store.delete(&example(1).id()).await.expect("again"));
    }
}
