//! Subscriptions, jobs, receipts and API tokens in one SQLite file, or in PostgreSQL.

mod database;
mod deliveries;
mod error;
mod jobs;
mod receipts;
mod sessions;
mod subscriptions;
mod tokens;
mod users;

use std::{
    io,
    path::Path,
    str::FromStr,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use p256::elliptic_curve::rand_core::{OsRng, RngCore};
use sqlx::{
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tidings_core::base64url;

use crate::private;
use database::{Pool, on};

pub use deliveries::{Delivery, LEASE, Outcome, Room, Taken};
pub use error::StoreError;
pub use receipts::{Noted, Receipt, ReceiptCount};
pub use subscriptions::{Put, PutError, Record};
pub use tokens::ApiToken;
pub use users::{Export, ExportedJob};

/// The name of the database in the data folder.
pub const FILE: &str = "tidings.db";

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many rows SQLite reads ahead: as many as are ever asked for at once.
const ROW_BUFFER: usize = 1024;

/// How many connections one process has.
const SQLITE_CONNECTIONS: u32 = 4;
const POSTGRES_CONNECTIONS: u32 = 8;

/// How often a transaction that met another is tried.
const TRIES: u32 = 5;

/// How many rows are removed at once.
const FORGET: i64 = 1000;

/// How often a new database is tried that another process opens at the same time, and how long between two tries.
const OPEN_TRIES: u32 = 20;
const OPEN_PAUSE: Duration = Duration::from_millis(50);

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// The database: by default a file in the data folder, or a PostgreSQL database that many machines share.
///
/// Other processes may use the same database at the same time.
///
/// # Example
///
/// ```
/// use tidings_server::Store;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), tidings_server::StoreError> {
/// # let folder = tempfile::tempdir().unwrap();
/// let store = Store::open(folder.path()).await?;
/// assert_eq!(store.page(None, 100).await?, Vec::<String>::new());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Store {
    pool: Pool,
}

impl Store {
    /// Opens the database of a data folder, and makes it or brings it up to date if need be.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be opened or written.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        Self::open_sqlite(SqliteConnectOptions::new().filename(folder.join(FILE))).await
    }

    /// Opens the database with this URL, and brings it up to date if need be.
    ///
    /// `postgres://user:password@host/name` is a PostgreSQL database, which must exist; `sqlite:path/to/file.db` is a
    /// file, which is made.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is no such URL, or the database cannot be reached or written.
    pub async fn open_url(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url).map_err(|error| StoreError::Url(error.into()))?;
            return Self::open_sqlite(options).await;
        }
        if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
            return Err(StoreError::Url("its scheme is neither postgres nor sqlite".into()));
        }
        let options = PgConnectOptions::from_str(url).map_err(|error| StoreError::Url(error.into()))?;
        // An error says that the application has chosen a provider of cryptography already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS)
            .acquire_timeout(2 * BUSY_TIMEOUT)
            .connect_with(options.application_name("tidings"))
            .await
            .map_err(|error| match error {
                sqlx::Error::PoolTimedOut => StoreError::Unreachable(error.into()),
                other => other.into(),
            })?;
        POSTGRES.run(&pool).await.map_err(migration)?;
        Ok(Self { pool: Pool::Postgres(pool) })
    }

    async fn open_sqlite(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        // Subscriptions are secrets. SQLite gives its other files the mode of this one.
        match private::create_file(options.get_filename()) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(StoreError::Failed(error.into())),
            _ => {}
        }
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            // With WAL, a power cut may undo the last commits but never damages the file; FULL keeps them too.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            // A whole page, or the thread that reads it and the one that wants it take turns.
            .row_buffer_size(ROW_BUFFER)
            .busy_timeout(BUSY_TIMEOUT);
        // Another process may open the new file at the same time: SQLite waits for no lock when it turns to WAL, nor while
        // the same migration runs twice.
        let mut tries = 0;
        let store = loop {
            match Self::connect_sqlite(options.clone()).await {
                Err(StoreError::Locked) if tries < OPEN_TRIES => tries += 1,
                done => break done?,
            }
            tokio::time::sleep(OPEN_PAUSE).await;
        };
        if let Pool::Sqlite(pool) = &store.pool {
            while let Err(error) = SQLITE.run(pool).await {
                if !matches!(error, MigrateError::Execute(_) | MigrateError::ExecuteMigration(..))
                    || tries == OPEN_TRIES
                {
                    return Err(migration(error));
                }
                tries += 1;
                tokio::time::sleep(OPEN_PAUSE).await;
            }
        }
        // SQLite opens a file that it cannot write for reading, and says so only when it is to be written.
        store.delete("").await?;
        Ok(store)
    }

    async fn connect_sqlite(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let pool = SqlitePoolOptions::new()
            .max_connections(SQLITE_CONNECTIONS)
            .acquire_timeout(2 * BUSY_TIMEOUT)
            .connect_with(options)
            .await?;
        Ok(Self { pool: Pool::Sqlite(pool) })
    }

    /// Whether this is PostgreSQL.
    pub fn is_shared(&self) -> bool {
        matches!(self.pool, Pool::Postgres(_))
    }

    /// Whether the database answers.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        on!(self, pool => sqlx::query("SELECT 1").execute(pool).await.map(drop))?;
        Ok(())
    }

    /// Runs a statement that removes some of what is older than this, until nothing is; how many rows. In parts, for others
    /// write meanwhile, and SQLite lets one do so at a time.
    async fn forget(&self, sql: &'static str, before: i64) -> Result<u64, StoreError> {
        let mut all = 0;
        loop {
            let rows = on!(self, pool => sqlx::query(sql)
                .bind(before)
                .bind(FORGET)
                .execute(pool)
                .await
                .map(|result| result.rows_affected()))?;
            all += rows;
            if rows == 0 {
                return Ok(all);
            }
        }
    }

    /// Closes the database, after what is under way.
    pub async fn close(&self) {
        on!(self, pool => pool.close().await);
    }
}

fn migration(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => error.into(),
        other => StoreError::Failed(other.into()),
    }
}

/// Milliseconds since the Unix epoch.
pub(crate) fn now() -> i64 {
    milliseconds(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// A duration in milliseconds, as the database and the API have it.
pub(crate) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// A secret of 32 random bytes.
fn random_secret() -> String {
    let mut bytes = [0; 32];
    OsRng.fill_bytes(&mut bytes);
    base64url::encode(&bytes)
}

/// A random id that sorts by time, as a UUID of version 7 does.
fn random_id() -> String {
    let mut bytes = [0; 10];
    OsRng.fill_bytes(&mut bytes);
    let mut id = format!("{:012x}", now());
    for byte in bytes {
        id.push_str(&format!("{byte:02x}"));
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subscription::tests::example;
    use std::{fs, os::unix::fs::MetadataExt};

    #[tokio::test]
    async fn its_files_are_for_their_owner_alone() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path()).await.expect("opens");
        store.put(&example(1)).await.expect("stored");
        for entry in fs::read_dir(folder.path()).expect("readable") {
            let entry = entry.expect("an entry");
            assert_eq!(entry.metadata().expect("there").mode() & 0o7777, 0o600, "{:?}", entry.file_name());
        }
    }

    /// A data folder of the first versions, with what they stored.
    #[tokio::test]
    async fn takes_over_what_older_versions_stored() {
        let folder = tempfile::tempdir().expect("a folder");
        let options = SqliteConnectOptions::new().filename(folder.path().join(FILE)).create_if_missing(true);
        let pool = sqlx::SqlitePool::connect_with(options).await.expect("opens");
        let old = SQLITE.iter().filter(|migration| migration.version <= 2).cloned().collect();
        Migrator::with_migrations(old).run(&pool).await.expect("migrates");
        let (one, two) = (example(1), example(2));
        for (subscription, device, tags, user) in
            [(&one, "a", Some(r#"["news","news","sport"]"#), Some("ada")), (&two, "b", None, None)]
        {
            sqlx::query(
                "INSERT INTO subscription (id, endpoint, p256dh, auth, created, last_seen, device, tags, user)
                 VALUES (?, ?, ?, ?, 5, 6, ?, ?, ?)",
            )
            .bind(subscription.id())
            .bind(subscription.endpoint().url().as_str())
            .bind(subscription.keys().p256dh_bytes())
            .bind(subscription.keys().auth().as_slice())
            .bind(device)
            .bind(tags)
            .bind(user)
            .execute(&pool)
            .await
            .expect("stored");
        }
        sqlx::query("INSERT INTO session (id, user, created) VALUES (?, 'ada', 7)")
            .bind(crate::endpoint::subscription_id("secret"))
            .execute(&pool)
            .await
            .expect("stored");
        pool.close().await;

        let store = Store::open(folder.path()).await.expect("opens");
        let record = store.get(&one.id()).await.expect("readable").expect("there");
        assert_eq!((record.created, record.last_seen, record.user.as_deref()), (5, 6, Some("ada")));
        assert_eq!((record.tags.len(), record.key_version, record.failures), (3, None, 0));
        assert_eq!(store.session("secret").await.expect("readable").as_deref(), Some("ada"));
        for (audience, count) in [
            (crate::jobs::Audience::Tag("news".into()), 1),
            (crate::jobs::Audience::User("ada".into()), 1),
            (crate::jobs::Audience::Everyone, 2),
        ] {
            assert_eq!(store.count_audience(&audience).await.expect("readable"), count, "{audience}");
        }
    }

    #[tokio::test]
    async fn two_processes_may_open_a_new_folder_at_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let (one, two) = tokio::join!(Store::open(folder.path()), Store::open(folder.path()));
        one.expect("opens").put(&example(1)).await.expect("stored");
        assert_eq!(two.expect("opens").count().await.expect("readable"), 1);
    }

    #[tokio::test]
    async fn says_that_it_is_read_only() {
        let folder = tempfile::tempdir().expect("a folder");
        Store::open(folder.path()).await.expect("made").close().await;
        let options = SqliteConnectOptions::new().filename(folder.path().join(FILE)).read_only(true);
        let store = Store::connect_sqlite(options).await.expect("opens");
        assert!(matches!(store.put(&example(1)).await, Err(StoreError::ReadOnly)));
        assert!(store.get("x").await.expect("readable").is_none());
    }

    #[tokio::test]
    async fn says_that_the_file_is_no_database() {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join(FILE), [b'x'; 5000]).expect("written");
        assert!(matches!(Store::open(folder.path()).await, Err(StoreError::Failed(_))));
    }
}
