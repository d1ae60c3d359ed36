//! Why the database did not answer.

use sqlx::postgres::PgDatabaseError;

/// Why the database did not answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Another process holds its lock, or it does not answer in time.
    #[error("the database is locked by another process: close what has it open (tidings.db), then try again")]
    Locked,
    /// It cannot be written.
    #[error("the database is read-only: make the data folder and its files writable, then start again")]
    ReadOnly,
    /// The disk is full.
    #[error("the disk is full: make room, then try again")]
    Full,
    /// A PostgreSQL server does not answer.
    #[error("the database cannot be reached: check that PostgreSQL runs, and what DATABASE_URL says of it")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The URL of the database is none.
    #[error("the database's URL must be like postgres://user:password@host/name or sqlite:path/to/file.db")]
    Url(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Two transactions stood in each other's way; this one may be tried again.
    #[error("the database had a conflict: try again")]
    Conflict(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Anything else: a damaged file, a newer version's file, a broken disk.
    #[error("the database failed: check the disk, and put back your copy of tidings.db if it is damaged")]
    Failed(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// For `?` on every query.
impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => return Self::Locked,
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) => return Self::Unreachable(error.into()),
            _ => {}
        }
        let Some(database) = error.as_database_error() else { return Self::Failed(error.into()) };
        if let Some(postgres) = database.try_downcast_ref::<PgDatabaseError>() {
            // https://www.postgresql.org/docs/current/errcodes-appendix.html
            return match postgres.code() {
                "23505" | "40001" | "40P01" => Self::Conflict(error.into()),
                "25006" => Self::ReadOnly,
                "53100" => Self::Full,
                "55P03" => Self::Locked,
                code if code.starts_with("08")
                    || code.starts_with("57P")
                    || code.starts_with("28")
                    || code == "3D000" =>
                {
                    Self::Unreachable(error.into())
                }
                _ => Self::Failed(error.into()),
            };
        }
        // The low byte is the primary result code (https://www.sqlite.org/rescode.html).
        match database.code().and_then(|code| code.parse::<u32>().ok()).map(|code| code & 0xff) {
            Some(5 | 6) => Self::Locked,
            Some(8) => Self::ReadOnly,
            Some(13) => Self::Full,
            _ => Self::Failed(error.into()),
        }
    }
}
