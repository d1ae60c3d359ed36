//! Subscriptions in one SQLite file.

mod sessions;
mod subscriptions;

use std::{io, path::Path, time::Duration};

use sqlx::{
    SqlitePool,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::private;

pub use subscriptions::{Put, PutError, Record};

/// The name of the database in the data folder.
pub const FILE: &str = "tidings.db";

/// How long to wait for another process that writes.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

static MIGRATIONS: Migrator = sqlx::migrate!();

/// The database of a data folder.
///
/// Other processes may use the same file at the same time.
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
    pool: SqlitePool,
}

/// Why the database did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds its lock.
    #[error("the database is locked by another process: close what has tidings.db open, then try again")]
    Locked,
    /// It cannot be written.
    #[error("the database is read-only: make the data folder and its files writable, then start again")]
    ReadOnly,
    /// The disk is full.
    #[error("the disk is full: make room, then try again")]
    Full,
    /// Anything else: a damaged file, a newer version's file, a broken disk.
    #[error("the database failed: check the disk, and put back your copy of tidings.db if it is damaged")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl Store {
    /// Opens the database of a data folder, and makes it or brings it up to date if need be.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it cannot be opened or written.
    pub async fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        // Subscriptions are secrets. SQLite gives its other files the mode of this one.
        match private::create_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(StoreError::Failed(error.into())),
            _ => {}
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            // With WAL, a power cut may undo the last commits but never damages the file; FULL keeps them too.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let store = Self::connect(options).await?;
        MIGRATIONS.run(&store.pool).await.map_err(|error| match error {
            sqlx::migrate::MigrateError::Execute(error) => error.into(),
            other => StoreError::Failed(other.into()),
        })?;
        // SQLite opens a file that it cannot write for reading, and says so only when it is to be written.
        store.delete("").await?;
        Ok(store)
    }

    async fn connect(options: SqliteConnectOptions) -> Result<Self, StoreError> {
        let pool =
            SqlitePoolOptions::new().max_connections(4).acquire_timeout(2 * BUSY_TIMEOUT).connect_with(options).await?;
        Ok(Self { pool })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Closes the database, after what is under way.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

/// For `?` on every query.
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        if matches!(error, sqlx::Error::PoolTimedOut) {
            return Self::Locked;
        }
        // The low byte is the primary result code (https://www.sqlite.org/rescode.html).
        let code = error.as_database_error().and_then(|error| error.code()?.parse::<u32>().ok());
        match code.map(|code| code & 0xff) {
            Some(5 | 6) => Self::Locked,
            Some(8) => Self::ReadOnly,
            Some(13) => Self::Full,
            _ => Self::Failed(error.into()),
        }
    }
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

    #[tokio::test]
    async fn says_that_it_is_read_only() {
        let folder = tempfile::tempdir().expect("a folder");
        Store::open(folder.path()).await.expect("made").close().await;
        let options = SqliteConnectOptions::new().filename(folder.path().join(FILE)).read_only(true);
        let store = Store::connect(options).await.expect("opens");
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
