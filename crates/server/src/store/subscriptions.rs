//! The table `subscription`.

use sqlx::FromRow;

use super::{
    Store, StoreError, TRIES,
    database::{Sql, on, transaction},
    now,
};
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
    /// The [version](crate::VapidKey::version) of the VAPID key that it was made with; none: the oldest that there is.
    pub key_version: Option<String>,
    /// How many messages were not taken since the last that was.
    pub failures: i64,
}

/// A row as it is in the table.
#[derive(FromRow)]
pub(super) struct Row {
    id: String,
    endpoint: String,
    p256dh: Vec<u8>,
    auth: Vec<u8>,
    expiration_time: Option<i64>,
    created: i64,
    last_seen: i64,
    last_success: Option<i64>,
    device: Option<String>,
    label: Option<String>,
    tags: Option<String>,
    user_id: Option<String>,
    key_version: Option<String>,
    failures: i64,
}

/// What [`Store::put`] did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    Created,
    /// It was there, and is now as uploaded.
    Updated,
}

/// One upload of a device or an endpoint after the other. SQLite has one writer anyway.
const LOCK: Sql = Sql {
    sqlite: "SELECT $1",
    postgres: "SELECT pg_advisory_xact_lock(key) FROM (
            SELECT hashtextextended(value, 0) AS key FROM json_array_elements_text($1::json) AS value ORDER BY 1
        ) AS keys",
};

/// What [`Store::upload`] must know of a row: id, secret, device, user.
const OWN: Sql = Sql {
    sqlite: "SELECT id, auth, device, user_id FROM subscription WHERE id IN ($1, $2) OR device = $3",
    postgres: "SELECT id, auth, device, user_id FROM subscription WHERE id IN ($1, $2) OR device = $3 FOR UPDATE",
};
type Own = (String, Vec<u8>, Option<String>, Option<String>);

/// What is due for an old subscription is due for the new one, unless that has it already.
const HAND_OVER: &str = "UPDATE delivery SET subscription_id = $1, host = $2 WHERE subscription_id = $3 AND lease IS NULL
    AND NOT EXISTS (SELECT 1 FROM delivery AS other WHERE other.subscription_id = $1 AND other.job_id = delivery.job_id)";

const PUT: &str = "INSERT INTO subscription (id, endpoint, p256dh, auth, expiration_time, created, last_seen,
        device, label, tags, user_id, key_version)
    VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9, $10, COALESCE($11, $12))
    ON CONFLICT (id) DO UPDATE SET
        p256dh = excluded.p256dh, auth = excluded.auth,
        expiration_time = excluded.expiration_time, last_seen = excluded.last_seen,
        device = excluded.device, label = excluded.label, tags = excluded.tags, user_id = excluded.user_id,
        key_version = COALESCE($11, subscription.key_version)";

/// Why an upload was not stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PutError {
    /// What it says to replace is there, and its secret is another.
    #[error("`replaces.auth` is not the secret of that subscription: upload without `replaces`")]
    NotYours,
    /// There is a subscription with this endpoint, and its keys are others: who only knows an endpoint cannot take it over.
    #[error("`keys` are not those of this subscription: unsubscribe in the browser, and subscribe again")]
    Keys,
    /// It says to belong to a user, and the request comes from another, or from nobody that is known.
    #[error("the device cannot be given to this user: sign in as this user first")]
    User {
        /// Whether the request has a user at all.
        known: bool,
    },
    /// It says to be made with a VAPID key that this server does not have.
    #[error("`applicationServerKey` is none of this server's keys: subscribe again with the key it gives")]
    Key,
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
        match self.upload(&Upload::new(subscription.clone()), None, None).await {
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
    /// `key` is the version of the key that a new subscription was made with if its browser does not say.
    ///
    /// # Errors
    ///
    /// [`PutError`]; then nothing has changed.
    pub async fn upload(&self, upload: &Upload, user: Option<&str>, key: Option<&str>) -> Result<Put, PutError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_upload(upload, user, key).await {
                // Two uploads of one device at once: the second, tried again, finds what the first has stored.
                Err(PutError::Store(StoreError::Conflict(_))) if tries < TRIES => {}
                result => return result,
            }
        }
    }

    async fn try_upload(&self, upload: &Upload, user: Option<&str>, key: Option<&str>) -> Result<Put, PutError> {
        let subscription = &upload.subscription;
        let auth = subscription.keys().auth().as_slice();
        let id = subscription.id();
        let now = now();
        let replaced = upload.replaces.as_ref().map(|old| subscription_id(&old.endpoint));
        let names: Vec<&str> =
            [Some(&id), replaced.as_ref(), upload.device.as_ref()].into_iter().flatten().map(String::as_str).collect();
        transaction!(self, transaction => {
            sqlx::query(self.pool.sql(LOCK))
                .bind(serde_json::json!(names).to_string())
                .execute(&mut *transaction)
                .await?;
            let rows: Vec<Own> = sqlx::query_as(self.pool.sql(OWN))
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
                if !proven && proof.is_some() {
                    return Err(if *row == id { PutError::Keys } else { PutError::NotYours });
                }
                if proven && user.is_some() {
                    owner = user.as_deref();
                }
                if *row != id {
                    // What waits for the old subscription goes to the new one.
                    if proven {
                        sqlx::query(HAND_OVER)
                            .bind(&id)
                            .bind(subscription.endpoint().audience())
                            .bind(row)
                            .execute(&mut *transaction)
                            .await?;
                    }
                    sqlx::query("DELETE FROM subscription WHERE id = $1").bind(row).execute(&mut *transaction).await?;
                }
            }
            let user = match &upload.user {
                Claim::Same => owner,
                Claim::Nobody => None,
                Claim::User(claimed) if [user, owner].contains(&Some(claimed)) => Some(claimed.as_str()),
                Claim::User(_) => return Err(PutError::User { known: user.is_some() }),
            };
            sqlx::query(PUT)
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
                .bind(&upload.key_version)
                .bind(key)
                .execute(&mut *transaction)
                .await?;
            sqlx::query("DELETE FROM subscription_tag WHERE subscription_id = $1")
                .bind(&id)
                .execute(&mut *transaction)
                .await?;
            for tag in &upload.tags {
                sqlx::query("INSERT INTO subscription_tag (tag, subscription_id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
                    .bind(tag)
                    .bind(&id)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
            Ok(if rows.iter().any(|(row, ..)| *row == id) { Put::Updated } else { Put::Created })
        })
    }

    /// The ids of a user's subscriptions: one for each device.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn of_user(&self, user: &str) -> Result<Vec<String>, StoreError> {
        Ok(on!(self, pool => sqlx::query_scalar("SELECT id FROM subscription WHERE user_id = $1 ORDER BY id")
            .bind(user)
            .fetch_all(pool)
            .await)?)
    }

    /// The subscription with this id.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn get(&self, id: &str) -> Result<Option<Record>, StoreError> {
        let row: Option<Row> = on!(self, pool => sqlx::query_as("SELECT * FROM subscription WHERE id = $1")
            .bind(id)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(Record::from))
    }

    /// The subscription of the device with this id, which is the browser's secret.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn of_device(&self, device: &str) -> Result<Option<Record>, StoreError> {
        let row: Option<Row> = on!(self, pool => sqlx::query_as("SELECT * FROM subscription WHERE device = $1")
            .bind(device)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(Record::from))
    }

    /// The next ids after one, in order; all of them, page by page, without holding them in memory.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn page(&self, after: Option<&str>, limit: u32) -> Result<Vec<String>, StoreError> {
        Ok(on!(self, pool => sqlx::query_scalar("SELECT id FROM subscription WHERE id > $1 ORDER BY id LIMIT $2")
            .bind(after.unwrap_or_default())
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?)
    }

    /// How many subscriptions there are.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn count(&self) -> Result<i64, StoreError> {
        Ok(on!(self, pool => sqlx::query_scalar("SELECT COUNT(*) FROM subscription").fetch_one(pool).await)?)
    }

    /// How many subscriptions were made with which VAPID key: when the last has gone, the key may be retired.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn count_by_key(&self) -> Result<Vec<(Option<String>, i64)>, StoreError> {
        Ok(on!(self, pool => sqlx::query_as("SELECT key_version, COUNT(*) FROM subscription GROUP BY 1 ORDER BY 1")
            .fetch_all(pool)
            .await)?)
    }

    /// Removes a subscription; whether it was there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn delete(&self, id: &str) -> Result<bool, StoreError> {
        let rows = on!(self, pool => sqlx::query("DELETE FROM subscription WHERE id = $1")
            .bind(id)
            .execute(pool)
            .await
            .map(|result| result.rows_affected()))?;
        Ok(rows > 0)
    }

    /// Takes a subscription from its user; whether it had one. It is still sent to, but not as the user's.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn detach(&self, id: &str) -> Result<bool, StoreError> {
        let rows = on!(self, pool => sqlx::query(
            "UPDATE subscription SET user_id = NULL WHERE id = $1 AND user_id IS NOT NULL",
        )
        .bind(id)
        .execute(pool)
        .await
        .map(|result| result.rows_affected()))?;
        Ok(rows > 0)
    }

    /// Notes that a push service took a message.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn note_success(&self, id: &str) -> Result<(), StoreError> {
        on!(self, pool => sqlx::query("UPDATE subscription SET last_success = $1, failures = 0 WHERE id = $2")
            .bind(now())
            .bind(id)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// Notes that a push service did not take a message.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn note_failure(&self, id: &str) -> Result<(), StoreError> {
        on!(self, pool => sqlx::query("UPDATE subscription SET failures = failures + 1 WHERE id = $1")
            .bind(id)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }
}

impl From<Row> for Record {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            endpoint: row.endpoint,
            p256dh: row.p256dh,
            auth: row.auth,
            expiration_time: row.expiration_time,
            created: row.created,
            last_seen: row.last_seen,
            last_success: row.last_success,
            device: row.device,
            label: row.label,
            // Written by this server only.
            tags: serde_json::from_str(row.tags.as_deref().unwrap_or("[]")).unwrap_or_default(),
            user: row.user_id,
            key_version: row.key_version,
            failures: row.failures,
        }
    }
}

impl std::fmt::Debug for Record {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("id", &self.id).finish_non_exhaustive()
    }
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
