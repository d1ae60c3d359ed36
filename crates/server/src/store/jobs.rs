//! The table `job`: sends, asked for and watched.

use sqlx::FromRow;

use super::{
    Store, StoreError, TRIES,
    database::{on, transaction},
    now, random_id,
    receipts::{NOTE_MESSAGE, stored_message},
};
use crate::jobs::{Audience, Counts, Failure, Job, NewJob};

/// When a delivery of a paused job is due: never.
pub(super) const PARKED: i64 = i64::MAX;

/// The columns of [`JobRow`].
const JOB: &str = "SELECT id, audience, target, created, not_before, expires, finished, paused, cancelled, spread,
    total, sent, gone, failed, expired FROM job";

/// What deliveries a job would have, for each audience.
const AUDIENCE_COUNTS: [(&str, &str); 5] = [
    ("subscription", "SELECT COUNT(*) FROM subscription WHERE id = $1"),
    ("device", "SELECT COUNT(*) FROM subscription WHERE device = $1"),
    ("user", "SELECT COUNT(*) FROM subscription WHERE user_id = $1"),
    ("tag", "SELECT COUNT(*) FROM subscription_tag WHERE tag = $1"),
    ("everyone", "SELECT COUNT(*) FROM subscription WHERE $1 = ''"),
];

const PAUSE: &str = "UPDATE job SET paused = 1 WHERE id = $1 AND finished IS NULL AND paused = 0";
const RESUME: &str = "UPDATE job SET paused = 0 WHERE id = $1 AND finished IS NULL AND paused = 1";
const CANCEL: &str = "UPDATE job SET cancelled = 1, spread = 1, finished = $2 WHERE id = $1 AND finished IS NULL";

const FORGET_FAILURES: &str = "DELETE FROM failure WHERE (job_id, subscription_id) IN
    (SELECT failure.job_id, failure.subscription_id FROM failure JOIN job ON job.id = failure.job_id
     WHERE job.finished < $1 LIMIT $2)";

/// Not those whose last failure came just now.
const FORGET_JOBS: &str = "DELETE FROM job WHERE id IN (SELECT id FROM job WHERE finished < $1
    AND NOT EXISTS (SELECT 1 FROM failure WHERE failure.job_id = job.id) LIMIT $2)";

#[derive(FromRow)]
struct JobRow {
    id: String,
    audience: String,
    target: String,
    created: i64,
    not_before: i64,
    expires: i64,
    finished: Option<i64>,
    paused: i64,
    cancelled: i64,
    spread: i64,
    total: i64,
    sent: i64,
    gone: i64,
    failed: i64,
    expired: i64,
}

impl Store {
    /// Stores a send; runners begin with it when its time has come.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer; then nothing was stored.
    pub async fn create_job(&self, new: &NewJob) -> Result<Job, StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_create_job(new).await {
                // The same request twice at once: the second finds the first's job.
                Err(StoreError::Conflict(_)) if tries < TRIES => {}
                result => return result,
            }
        }
    }

    async fn try_create_job(&self, new: &NewJob) -> Result<Job, StoreError> {
        let (id, created) = (random_id(), now());
        let not_before = new.not_before.unwrap_or(created);
        let push = &new.push;
        let message = stored_message(push);
        let expires = not_before.saturating_add(i64::from(push.seconds()) * 1000);
        let id: String = transaction!(self, transaction => {
            let inserted: Option<String> = sqlx::query_scalar(
                "INSERT INTO job (id, request_key, payload, ttl, urgency, topic, padding, audience, target, created,
                     not_before, expires)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
                 ON CONFLICT (request_key) DO NOTHING RETURNING id",
            )
            .bind(&id)
            .bind(&new.request_key)
            .bind(push.payload())
            .bind(i64::from(push.seconds()))
            .bind(push.urgency_value().map(|urgency| urgency.as_str()))
            .bind(push.topic_value())
            .bind(i64::try_from(push.padded_length()).unwrap_or_default())
            .bind(new.audience.kind())
            .bind(new.audience.target())
            .bind(created)
            .bind(not_before)
            .bind(expires)
            .fetch_optional(&mut *transaction)
            .await?;
            let id = match inserted {
                Some(id) => id,
                None => sqlx::query_scalar("SELECT id FROM job WHERE request_key = $1")
                    .bind(&new.request_key)
                    .fetch_one(&mut *transaction)
                    .await?,
            };
            if let Some(message) = &message {
                sqlx::query(NOTE_MESSAGE).bind(message).bind(created.max(not_before)).execute(&mut *transaction).await?;
            }
            transaction.commit().await?;
            Ok::<_, StoreError>(id)
        })?;
        self.job(&id).await?.ok_or_else(|| StoreError::Failed("the job vanished".into()))
    }

    /// The job with this id, with its counts.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn job(&self, id: &str) -> Result<Option<Job>, StoreError> {
        let sql = concat_job(" WHERE id = $1");
        let row: Option<JobRow> =
            on!(self, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(id).fetch_optional(pool).await)?;
        Ok(row.map(Job::from))
    }

    /// The jobs asked for before this one, the newest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn jobs(&self, before: Option<&str>, limit: u32) -> Result<Vec<Job>, StoreError> {
        let sql = concat_job(" WHERE id < $1 ORDER BY id DESC LIMIT $2");
        let rows: Vec<JobRow> = on!(self, pool => sqlx::query_as(sqlx::AssertSqlSafe(sql))
            // Ids are hexadecimal digits.
            .bind(before.unwrap_or("g"))
            .bind(i64::from(limit))
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(Job::from).collect())
    }

    /// The deliveries of a job that failed for good, after this subscription, in the order of ids.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn job_failures(&self, id: &str, after: Option<&str>, limit: u32) -> Result<Vec<Failure>, StoreError> {
        Ok(on!(self, pool => sqlx::query_as(
            "SELECT subscription_id, code, reason, failed FROM failure
             WHERE job_id = $1 AND subscription_id > $2 ORDER BY subscription_id LIMIT $3",
        )
        .bind(id)
        .bind(after.unwrap_or_default())
        .bind(i64::from(limit))
        .fetch_all(pool)
        .await)?)
    }

    /// Pauses a job: what is under way comes to its end, nothing else begins. Whether it was running.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn pause_job(&self, id: &str) -> Result<bool, StoreError> {
        transaction!(self, transaction => {
            let rows = sqlx::query(PAUSE).bind(id).execute(&mut *transaction).await?.rows_affected();
            sqlx::query("UPDATE delivery SET due = $2 WHERE job_id = $1 AND lease IS NULL")
                .bind(id)
                .bind(PARKED)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(rows > 0)
        })
    }

    /// Goes on with a paused job; whether it was paused.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn resume_job(&self, id: &str) -> Result<bool, StoreError> {
        let now = now();
        transaction!(self, transaction => {
            let rows = sqlx::query(RESUME).bind(id).execute(&mut *transaction).await?.rows_affected();
            sqlx::query("UPDATE delivery SET due = $2 WHERE job_id = $1 AND due = $3")
                .bind(id)
                .bind(now)
                .bind(PARKED)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(rows > 0)
        })
    }

    /// Cancels a job: what is under way comes to its end, nothing else is sent. Whether it was not finished.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn cancel_job(&self, id: &str) -> Result<bool, StoreError> {
        let now = now();
        transaction!(self, transaction => {
            let rows = sqlx::query(CANCEL).bind(id).bind(now).execute(&mut *transaction).await?.rows_affected();
            sqlx::query("DELETE FROM delivery WHERE job_id = $1 AND lease IS NULL")
                .bind(id)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(rows > 0)
        })
    }

    /// Removes the jobs that were finished before this time, in milliseconds since the Unix epoch; how many.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn forget_jobs(&self, before: i64) -> Result<u64, StoreError> {
        self.forget(FORGET_FAILURES, before).await?;
        self.forget(FORGET_JOBS, before).await
    }

    /// How many subscriptions an audience has now.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn count_audience(&self, audience: &Audience) -> Result<i64, StoreError> {
        let sql = AUDIENCE_COUNTS.iter().find(|(kind, _)| *kind == audience.kind()).map_or("SELECT 0", |(_, sql)| sql);
        Ok(on!(self, pool => sqlx::query_scalar(sql).bind(audience.target()).fetch_one(pool).await)?)
    }

    /// How many deliveries are stored that have come to no end yet.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn pending(&self) -> Result<i64, StoreError> {
        Ok(on!(self, pool => sqlx::query_scalar("SELECT COUNT(*) FROM delivery").fetch_one(pool).await)?)
    }
}

fn concat_job(rest: &str) -> String {
    format!("{JOB}{rest}")
}

impl From<JobRow> for Job {
    fn from(row: JobRow) -> Self {
        Self {
            // Written by this server only.
            audience: Audience::from_parts(&row.audience, &row.target).unwrap_or(Audience::Subscription(String::new())),
            id: row.id,
            created: row.created,
            not_before: row.not_before,
            expires: row.expires,
            finished: row.finished,
            paused: row.paused != 0,
            cancelled: row.cancelled != 0,
            spread: row.spread != 0,
            counts: Counts {
                total: row.total,
                sent: row.sent,
                gone: row.gone,
                failed: row.failed,
                expired: row.expired,
            },
        }
    }
}
