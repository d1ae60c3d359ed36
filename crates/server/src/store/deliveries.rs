//! The table `delivery`: what is to be sent now, taken with leases by any number of processes.

use std::{
    borrow::Borrow,
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::json;
use sqlx::FromRow;

use super::{
    Store, StoreError, TRIES,
    database::{Pool, Sql, on, transaction},
    jobs::PARKED,
    milliseconds, now, random_id,
    subscriptions::{Record, Row},
};
use crate::push::Push;

/// How long a delivery belongs to who took it, if nobody says otherwise. Longer than a request may take.
pub const LEASE: Duration = Duration::from_secs(90);

/// The most subscriptions of one page, whatever room there is.
const MOST_SPREAD: usize = 1000;

/// The most push services that one look sees.
const MOST_HOSTS: i64 = 1000;

/// One message to one subscription, taken.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Delivery {
    /// The job that it belongs to.
    pub job_id: Arc<str>,
    /// The subscription's id.
    pub subscription_id: String,
    /// The origin of its push service.
    pub host: String,
    /// How often it failed already.
    pub attempts: u32,
    /// The message; its TTL is what is left of it.
    pub push: Arc<Push>,
    /// Whether the TTL is over.
    pub expired: bool,
    /// For how long it may be tried again.
    pub remaining: Duration,
    /// The subscription, unless it was removed since.
    pub record: Option<Record>,
    lease: Arc<str>,
}

/// How much a process can do at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// How many deliveries it has room for.
    pub total: usize,
    /// How many for each push service at most, with those that it has already.
    pub each: usize,
    /// How many more than that for some push services, by their origin.
    pub more: HashMap<String, usize>,
    /// How many it has already, by the origin of their push service.
    pub used: HashMap<String, usize>,
}

impl Room {
    /// For so many, wherever they go.
    pub fn of(total: usize) -> Self {
        Self { total, each: total, ..Self::default() }
    }

    fn at(&self, host: &str) -> usize {
        let of = |counts: &HashMap<String, usize>| counts.get(host).copied().unwrap_or_default();
        (self.each + of(&self.more)).saturating_sub(of(&self.used)).min(self.total)
    }

    /// How many to look at together: more than one push service can be given would have to wait.
    fn page(&self) -> usize {
        let most = self.used.keys().chain(self.more.keys()).map(|host| self.at(host)).max();
        most.unwrap_or(self.each).min(self.total)
    }

    fn occupy(&mut self, host: &str) {
        self.total = self.total.saturating_sub(1);
        *self.used.entry(host.to_owned()).or_default() += 1;
    }
}

/// What [`Store::take`] found.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Taken {
    /// What is to be sent.
    pub deliveries: Vec<Delivery>,
    /// Until when it belongs to the process that took it; `None` if nothing was taken.
    pub until: Option<Instant>,
    /// Whether more may be there right now.
    pub more: bool,
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A push service took it.
    Sent,
    /// The subscription has ended; it is removed.
    Gone,
    /// A push service refused, and would again.
    Failed {
        /// The stable code.
        code: &'static str,
        /// What it said.
        reason: String,
    },
    /// The TTL was over.
    Expired,
    /// To be tried again after this time.
    Retry(Duration),
    /// It was not tried, and is anybody's again.
    Release,
}

/// Every push service for which something waits, and when the first of it is due.
/// It looks at one row of the index for each, not at all that waits.
const HOSTS: &str = "WITH RECURSIVE waiting (host) AS (
        SELECT MIN(host) FROM delivery
        UNION ALL SELECT (SELECT MIN(host) FROM delivery WHERE host > waiting.host) FROM waiting WHERE host IS NOT NULL
    ) SELECT host, (SELECT MIN(due) FROM delivery WHERE delivery.host = waiting.host) AS due FROM waiting WHERE host IS NOT NULL LIMIT $1";

const TAKE: Sql = Sql {
    sqlite: "UPDATE delivery SET lease = $1, due = $2 WHERE (subscription_id, job_id) IN (
            SELECT subscription_id, job_id FROM delivery WHERE host = $3 AND due <= $4 ORDER BY due LIMIT $5)
        RETURNING subscription_id, job_id, host, attempts",
    postgres: "UPDATE delivery SET lease = $1, due = $2 FROM (
            SELECT subscription_id, job_id FROM delivery WHERE host = $3 AND due <= $4 ORDER BY due LIMIT $5
            FOR UPDATE SKIP LOCKED) AS next
        WHERE delivery.subscription_id = next.subscription_id AND delivery.job_id = next.job_id
        RETURNING delivery.subscription_id, delivery.job_id, delivery.host, delivery.attempts",
};

const SUBSCRIPTIONS: Sql = Sql {
    sqlite: "SELECT * FROM subscription WHERE id IN (SELECT value FROM json_each($1))",
    postgres: "SELECT * FROM subscription WHERE id IN (SELECT json_array_elements_text($1::json))",
};

const MESSAGES: Sql = Sql {
    sqlite: "SELECT id, payload, ttl, urgency, topic, padding, expires, paused, cancelled FROM job
        WHERE id IN (SELECT value FROM json_each($1))",
    postgres: "SELECT id, payload, ttl, urgency, topic, padding, expires, paused, cancelled FROM job
        WHERE id IN (SELECT json_array_elements_text($1::json))",
};

/// The next job to spread: those to few before those to many, then by time.
const SPREAD: Sql = Sql {
    sqlite: "SELECT id, audience, target, page_after, expires, ttl FROM job
        WHERE spread = 0 AND paused = 0 AND not_before <= $1
        ORDER BY audience IN ('tag', 'everyone'), not_before, id LIMIT 1",
    postgres: "SELECT id, audience, target, page_after, expires, ttl FROM job
        WHERE spread = 0 AND paused = 0 AND not_before <= $1
        ORDER BY audience IN ('tag', 'everyone'), not_before, id LIMIT 1 FOR UPDATE SKIP LOCKED",
};

const PAGES: [(&str, &str); 5] = [
    ("subscription", "SELECT * FROM subscription WHERE id = $1 AND id > $2 ORDER BY id LIMIT $3"),
    ("device", "SELECT * FROM subscription WHERE device = $1 AND id > $2 ORDER BY id LIMIT $3"),
    ("user", "SELECT * FROM subscription WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3"),
    (
        "tag",
        "SELECT subscription.* FROM subscription_tag JOIN subscription ON id = subscription_id
         WHERE tag = $1 AND subscription_id > $2 ORDER BY subscription_id LIMIT $3",
    ),
    ("everyone", "SELECT * FROM subscription WHERE $1 = '' AND id > $2 ORDER BY id LIMIT $3"),
];

const INSERT: Sql = Sql {
    sqlite: "INSERT INTO delivery (subscription_id, job_id, host, due, lease)
        SELECT value ->> 's', $2, value ->> 'h', value ->> 'd', value ->> 'l' FROM json_each($1) WHERE true
        ON CONFLICT DO NOTHING RETURNING subscription_id",
    postgres: "INSERT INTO delivery (subscription_id, job_id, host, due, lease)
        SELECT s, $2, h, d, l FROM json_to_recordset($1::json) AS row (s TEXT, h TEXT, d BIGINT, l TEXT)
        ON CONFLICT DO NOTHING RETURNING subscription_id",
};

const DONE: Sql = Sql {
    sqlite: "DELETE FROM delivery WHERE (subscription_id, job_id, lease) IN (
            SELECT value ->> 's', value ->> 'j', value ->> 'l' FROM json_each($1))
        RETURNING subscription_id, job_id",
    postgres: "DELETE FROM delivery USING json_to_recordset($1::json) AS row (s TEXT, j TEXT, l TEXT)
        WHERE subscription_id = s AND job_id = j AND lease = l RETURNING subscription_id, job_id",
};

/// Back for a later try, unless its job was paused meanwhile.
const RETRY: Sql = Sql {
    sqlite: "UPDATE delivery SET lease = NULL, attempts = attempts + (value ->> 'a'), due = CASE
            WHEN EXISTS (SELECT 1 FROM job WHERE id = job_id AND paused = 1) THEN $2 ELSE value ->> 'd' END
        FROM json_each($1) WHERE subscription_id = value ->> 's' AND job_id = value ->> 'j' AND lease = value ->> 'l'",
    postgres: "UPDATE delivery SET lease = NULL, attempts = attempts + a, due = CASE
            WHEN EXISTS (SELECT 1 FROM job WHERE id = job_id AND paused = 1) THEN $2 ELSE d END
        FROM json_to_recordset($1::json) AS row (s TEXT, j TEXT, l TEXT, a BIGINT, d BIGINT)
        WHERE subscription_id = s AND job_id = j AND lease = l",
};

const SUCCESS: Sql = Sql {
    sqlite: "UPDATE subscription SET last_success = $2, failures = 0 WHERE id IN (SELECT value FROM json_each($1))",
    postgres: "UPDATE subscription SET last_success = $2, failures = 0
        WHERE id IN (SELECT json_array_elements_text($1::json))",
};

const FAILED: Sql = Sql {
    sqlite: "UPDATE subscription SET failures = failures + 1 WHERE id IN (SELECT value FROM json_each($1))",
    postgres: "UPDATE subscription SET failures = failures + 1
        WHERE id IN (SELECT json_array_elements_text($1::json))",
};

const REMOVE: Sql = Sql {
    sqlite: "DELETE FROM subscription WHERE id IN (SELECT value FROM json_each($1))",
    postgres: "DELETE FROM subscription WHERE id IN (SELECT json_array_elements_text($1::json))",
};

const NOTE: Sql = Sql {
    sqlite: "INSERT INTO failure (job_id, subscription_id, code, reason, failed)
        SELECT value ->> 'j', value ->> 's', value ->> 'c', value ->> 'r', $2 FROM json_each($1) WHERE true
        ON CONFLICT DO NOTHING",
    postgres: "INSERT INTO failure (job_id, subscription_id, code, reason, failed)
        SELECT j, s, c, r, $2 FROM json_to_recordset($1::json) AS row (j TEXT, s TEXT, c TEXT, r TEXT)
        ON CONFLICT DO NOTHING",
};

const COUNT: &str = "UPDATE job SET sent = sent + $2, gone = gone + $3, failed = failed + $4, expired = expired + $5,
        finished = CASE WHEN finished IS NULL AND spread = 1
            AND total = sent + gone + failed + expired + $2 + $3 + $4 + $5 THEN $6 ELSE finished END
    WHERE id = $1";

#[derive(FromRow)]
struct TakenRow {
    subscription_id: String,
    job_id: String,
    host: String,
    attempts: i64,
}

#[derive(FromRow)]
struct MessageRow {
    id: String,
    payload: Option<Vec<u8>>,
    ttl: i64,
    urgency: Option<String>,
    topic: Option<String>,
    padding: i64,
    expires: i64,
    paused: i64,
    cancelled: i64,
}

#[derive(FromRow)]
struct SpreadRow {
    id: String,
    audience: String,
    target: String,
    page_after: String,
    expires: i64,
    ttl: i64,
}

/// A message as it is now.
struct Message {
    id: Arc<str>,
    push: Arc<Push>,
    expired: bool,
    remaining: Duration,
    stopped: bool,
}

impl Store {
    /// Takes what is due: for each push service as many as there is room for.
    ///
    /// What was taken belongs to this process until its lease ends, and must then not be sent any more. What is due for
    /// a try comes first; then jobs are spread over their audience, a page at a time.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer. What was taken already comes back when its lease ends.
    pub async fn take(&self, lease: Duration, room: &Room) -> Result<Taken, StoreError> {
        let mut room = room.clone();
        let until = Instant::now() + lease;
        let now = self.clock().await?;
        let due = now.saturating_add(milliseconds(lease));
        let token: Arc<str> = random_id().into();
        let slow: Vec<String> = on!(self, pool => sqlx::query_scalar("SELECT host FROM slow_host WHERE until > $1")
            .bind(now)
            .fetch_all(pool)
            .await)?;
        let slow: HashSet<String> = slow.into_iter().collect();
        let hosts: Vec<(String, i64)> =
            on!(self, pool => sqlx::query_as(HOSTS).bind(MOST_HOSTS).fetch_all(pool).await)?;
        let mut rows: Vec<TakenRow> = Vec::new();
        let mut more = false;
        for (host, first) in hosts {
            if first > now || slow.contains(&host) {
                continue;
            }
            let limit = room.at(&host);
            if limit == 0 {
                continue;
            }
            let taken: Vec<TakenRow> = on!(self, pool => sqlx::query_as(self.pool.sql(TAKE))
                .bind(&*token)
                .bind(due)
                .bind(&host)
                .bind(now)
                .bind(i64::try_from(limit).unwrap_or(i64::MAX))
                .fetch_all(pool)
                .await)?;
            more |= taken.len() == limit;
            taken.iter().for_each(|row| room.occupy(&row.host));
            rows.extend(taken);
        }
        let mut deliveries = self.complete(rows, &token, now).await?;
        if room.page() > 0 {
            let (spread, more_to_spread) = self.spread(room, &slow, &token, now, due).await?;
            more |= more_to_spread;
            deliveries.extend(spread);
        }
        let until = (!deliveries.is_empty()).then_some(until);
        Ok(Taken { deliveries, until, more })
    }

    /// The time by the database's clock, so that processes on several machines agree on it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn clock(&self) -> Result<i64, StoreError> {
        match &self.pool {
            Pool::Sqlite(_) => Ok(now()),
            Pool::Postgres(pool) => {
                let sql = "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT";
                Ok(sqlx::query_scalar(sql).fetch_one(pool).await?)
            }
        }
    }

    /// Makes deliveries of rows, and gives back those whose job was paused or cancelled.
    async fn complete(&self, rows: Vec<TakenRow>, token: &Arc<str>, now: i64) -> Result<Vec<Delivery>, StoreError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let messages = self.messages(rows.iter().map(|row| row.job_id.as_str()), now).await?;
        let ids = json!(rows.iter().map(|row| &row.subscription_id).collect::<Vec<_>>()).to_string();
        let records: Vec<Row> = on!(self, pool => sqlx::query_as(self.pool.sql(SUBSCRIPTIONS))
            .bind(ids)
            .fetch_all(pool)
            .await)?;
        let records: HashMap<String, Record> =
            records.into_iter().map(Record::from).map(|record| (record.id.clone(), record)).collect();
        let (mut deliveries, mut stopped) = (Vec::with_capacity(rows.len()), Vec::new());
        for row in rows {
            let Some(message) = messages.get(&row.job_id).filter(|message| !message.stopped) else {
                stopped.push(json!({"s": row.subscription_id, "j": row.job_id, "l": &**token, "a": 0, "d": now}));
                continue;
            };
            let record = records.get(&row.subscription_id).cloned();
            deliveries.push(message.delivery(
                row.subscription_id,
                row.host,
                u32::try_from(row.attempts).unwrap_or(u32::MAX),
                record,
                token,
            ));
        }
        if !stopped.is_empty() {
            let stopped = json!(stopped).to_string();
            on!(self, pool => {
                sqlx::query(self.pool.sql(RETRY)).bind(&stopped).bind(PARKED).execute(pool).await?;
                // Without a job, or with a cancelled one, nobody waits for them.
                sqlx::query("DELETE FROM delivery WHERE lease IS NULL AND job_id NOT IN (SELECT id FROM job WHERE cancelled = 0)")
                    .execute(pool)
                    .await?;
            });
        }
        Ok(deliveries)
    }

    async fn messages(
        &self,
        ids: impl Iterator<Item = &str>,
        now: i64,
    ) -> Result<HashMap<String, Message>, StoreError> {
        let mut ids: Vec<&str> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        let rows: Vec<MessageRow> = on!(self, pool => sqlx::query_as(self.pool.sql(MESSAGES))
            .bind(json!(ids).to_string())
            .fetch_all(pool)
            .await)?;
        Ok(rows.into_iter().map(|row| (row.id.clone(), Message::new(row, now))).collect())
    }

    /// The next page of the next job: its deliveries, taken by this process where it has room for them.
    async fn spread(
        &self,
        mut room: Room,
        slow: &HashSet<String>,
        token: &Arc<str>,
        now: i64,
        due: i64,
    ) -> Result<(Vec<Delivery>, bool), StoreError> {
        let limit = room.page().min(MOST_SPREAD);
        let page: Option<(String, Vec<Record>)> = transaction!(self, transaction => {
            let job: Option<SpreadRow> =
                sqlx::query_as(self.pool.sql(SPREAD)).bind(now).fetch_optional(&mut *transaction).await?;
            let Some(job) = job else { return Ok((Vec::new(), false)) };
            // Who was not reached in time will not be; with a TTL of 0 there is no such time, only a first try.
            let over = job.ttl > 0 && job.expires <= now;
            let sql = PAGES.iter().find(|(kind, _)| *kind == job.audience).map_or("", |(_, sql)| sql);
            let rows: Vec<Row> = if over {
                Vec::new()
            } else {
                sqlx::query_as(sql)
                    .bind(&job.target)
                    .bind(&job.page_after)
                    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
                    .fetch_all(&mut *transaction)
                    .await?
            };
            let last = rows.len() < limit;
            let records: Vec<Record> = rows.into_iter().map(Record::from).collect();
            let page_after = records.last().map_or(job.page_after.clone(), |record| record.id.clone());
            let (mut mine, mut values) = (Vec::new(), Vec::new());
            for record in records {
                let host = origin(&record.endpoint).to_owned();
                if room.at(&host) > 0 && !slow.contains(&host) {
                    room.occupy(&host);
                    values.push(json!({"s": record.id, "h": host, "d": due, "l": &**token}));
                    mine.push(record);
                } else {
                    values.push(json!({"s": record.id, "h": host, "d": now, "l": null}));
                }
            }
            let inserted: Vec<String> = sqlx::query_scalar(self.pool.sql(INSERT))
                .bind(json!(values).to_string())
                .bind(&job.id)
                .fetch_all(&mut *transaction)
                .await?;
            sqlx::query(
                "UPDATE job SET page_after = $2, total = total + $3, spread = $4,
                     finished = CASE WHEN $4 = 1 AND total + $3 = sent + gone + failed + expired THEN $5 ELSE finished END
                 WHERE id = $1",
            )
            .bind(&job.id)
            .bind(page_after)
            .bind(i64::try_from(inserted.len()).unwrap_or(i64::MAX))
            .bind(i64::from(last))
            .bind(now)
            .execute(&mut *transaction)
            .await?;
            transaction.commit().await?;
            // What another delivery to the same subscription stood for already is not mine.
            let inserted: HashSet<String> = inserted.into_iter().collect();
            mine.retain(|record| inserted.contains(&record.id));
            Some((job.id, mine))
        });
        let Some((job, records)) = page else { return Ok((Vec::new(), false)) };
        let messages = self.messages(std::iter::once(job.as_str()), now).await?;
        // Removed this very moment: its deliveries are nobody's, and found out as such when they are due.
        let Some(message) = messages.get(&job) else { return Ok((Vec::new(), true)) };
        let deliveries = records.into_iter().map(|record| {
            let host = origin(&record.endpoint).to_owned();
            message.delivery(record.id.clone(), host, 0, Some(record), token)
        });
        Ok((deliveries.collect(), true))
    }

    /// Notes what became of deliveries, all at once; gives how many of them were still this process's own.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer. Then nothing is noted: they may be noted again, or come back when
    /// their lease ends.
    pub async fn finish<D: Borrow<Delivery>>(&self, results: &[(D, Outcome)]) -> Result<usize, StoreError> {
        let mut tries = 0;
        loop {
            tries += 1;
            match self.try_finish(results).await {
                Err(StoreError::Conflict(_) | StoreError::Locked) if tries < TRIES => {}
                result => return result,
            }
        }
    }

    async fn try_finish<D: Borrow<Delivery>>(&self, results: &[(D, Outcome)]) -> Result<usize, StoreError> {
        let now = self.clock().await?;
        let (mut done, mut again) = (Vec::new(), Vec::new());
        let mut outcomes: HashMap<(&str, &str), &Outcome> = HashMap::new();
        for (delivery, outcome) in results {
            let delivery = delivery.borrow();
            let (s, j, l) = (&delivery.subscription_id, &*delivery.job_id, &*delivery.lease);
            match outcome {
                Outcome::Retry(after) => {
                    again.push(json!({"s": s, "j": j, "l": l, "a": 1, "d": now.saturating_add(milliseconds(*after))}));
                }
                Outcome::Release => again.push(json!({"s": s, "j": j, "l": l, "a": 0, "d": now})),
                _ => {
                    done.push(json!({"s": s, "j": j, "l": l}));
                    outcomes.insert((s, j), outcome);
                }
            }
        }
        transaction!(self, transaction => {
            let mut own = 0;
            if !again.is_empty() {
                own += sqlx::query(self.pool.sql(RETRY))
                    .bind(json!(again).to_string())
                    .bind(PARKED)
                    .execute(&mut *transaction)
                    .await?
                    .rows_affected();
            }
            let rows: Vec<(String, String)> = if done.is_empty() {
                Vec::new()
            } else {
                sqlx::query_as(self.pool.sql(DONE)).bind(json!(done).to_string()).fetch_all(&mut *transaction).await?
            };
            let mut tally = Tally::default();
            for (subscription, job) in &rows {
                if let Some(outcome) = outcomes.get(&(subscription.as_str(), job.as_str())) {
                    tally.add(subscription, job, outcome);
                }
            }
            if !tally.sent.is_empty() {
                sqlx::query(self.pool.sql(SUCCESS))
                    .bind(json!(tally.sent).to_string())
                    .bind(now)
                    .execute(&mut *transaction)
                    .await?;
            }
            for (sql, ids) in [(FAILED, &tally.failed), (REMOVE, &tally.gone)] {
                if !ids.is_empty() {
                    sqlx::query(self.pool.sql(sql)).bind(json!(ids).to_string()).execute(&mut *transaction).await?;
                }
            }
            if !tally.notes.is_empty() {
                sqlx::query(self.pool.sql(NOTE))
                    .bind(json!(tally.notes).to_string())
                    .bind(now)
                    .execute(&mut *transaction)
                    .await?;
            }
            // In the order of ids, as everybody else: then nobody waits for who waits for him.
            for (job, [sent, gone, failed, expired]) in &tally.jobs {
                sqlx::query(COUNT)
                    .bind(*job)
                    .bind(sent)
                    .bind(gone)
                    .bind(failed)
                    .bind(expired)
                    .bind(now)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
            Ok(rows.len() + usize::try_from(own).unwrap_or_default())
        })
    }

    /// Leaves a push service alone for this time, in every process.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn slow_down(&self, host: &str, wait: Duration) -> Result<(), StoreError> {
        let until = self.clock().await?.saturating_add(milliseconds(wait));
        on!(self, pool => sqlx::query(
            "INSERT INTO slow_host (host, until) VALUES ($1, $2) ON CONFLICT (host) DO UPDATE SET
                 until = CASE WHEN excluded.until > slow_host.until THEN excluded.until ELSE slow_host.until END",
        )
        .bind(host)
        .bind(until)
        .execute(pool)
        .await
        .map(drop))?;
        Ok(())
    }
}

/// What one call of [`Store::finish`] has to write.
#[derive(Default)]
struct Tally<'a> {
    sent: Vec<&'a str>,
    gone: Vec<&'a str>,
    failed: Vec<&'a str>,
    notes: Vec<serde_json::Value>,
    jobs: BTreeMap<&'a str, [i64; 4]>,
}

impl<'a> Tally<'a> {
    fn add(&mut self, subscription: &'a str, job: &'a str, outcome: &Outcome) {
        let counts = self.jobs.entry(job).or_default();
        match outcome {
            Outcome::Sent => {
                counts[0] += 1;
                self.sent.push(subscription);
            }
            Outcome::Gone => {
                counts[1] += 1;
                self.gone.push(subscription);
            }
            Outcome::Failed { code, reason } => {
                counts[2] += 1;
                self.failed.push(subscription);
                self.notes.push(json!({"j": job, "s": subscription, "c": code, "r": reason}));
            }
            Outcome::Expired => counts[3] += 1,
            Outcome::Retry(_) | Outcome::Release => {}
        }
    }
}

#[cfg(test)]
impl Delivery {
    pub(crate) fn example(id: &str, host: &str) -> Self {
        Self {
            job_id: "job".into(),
            subscription_id: id.to_owned(),
            host: host.to_owned(),
            attempts: 0,
            push: Arc::new(Push::empty()),
            expired: false,
            remaining: Duration::ZERO,
            record: None,
            lease: "lease".into(),
        }
    }
}

impl Message {
    fn new(row: MessageRow, now: i64) -> Self {
        let left = row.expires.saturating_sub(now).max(0);
        // A push service counts from when it gets the message, so it gets what is left.
        let seconds = if row.ttl == 0 { 0 } else { u32::try_from((left + 999) / 1000).unwrap_or(u32::MAX) };
        let urgency = row.urgency.and_then(|urgency| urgency.parse().ok());
        let padding = usize::try_from(row.padding).unwrap_or_default();
        Self {
            id: row.id.into(),
            push: Arc::new(Push::restore(row.payload, seconds, urgency, row.topic, padding)),
            expired: row.ttl > 0 && left == 0,
            remaining: Duration::from_millis(left.unsigned_abs()),
            stopped: row.paused != 0 || row.cancelled != 0,
        }
    }

    fn delivery(
        &self,
        subscription_id: String,
        host: String,
        attempts: u32,
        record: Option<Record>,
        lease: &Arc<str>,
    ) -> Delivery {
        Delivery {
            job_id: self.id.clone(),
            subscription_id,
            host,
            attempts,
            push: self.push.clone(),
            expired: self.expired,
            remaining: self.remaining,
            record,
            lease: lease.clone(),
        }
    }
}

/// The origin of an endpoint, which was written by `Url`.
fn origin(endpoint: &str) -> &str {
    let start = endpoint.find("://").map_or(0, |index| index + 3);
    let end = endpoint[start..].find('/').map_or(endpoint.len(), |index| start + index);
    &endpoint[..end]
}
