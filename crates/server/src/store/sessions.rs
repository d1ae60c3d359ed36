//! The table `session`: for the demo, which asks for a name and believes it.

use super::{Store, StoreError, database::on, now, random_secret};
use crate::endpoint::subscription_id as hash;

impl Store {
    /// Begins a session; gives its secret, which only the browser keeps.
    pub(crate) async fn begin_session(&self, user: &str) -> Result<String, StoreError> {
        let secret = random_secret();
        on!(self, pool => sqlx::query("INSERT INTO session (id, user_id, created) VALUES ($1, $2, $3)")
            .bind(hash(&secret))
            .bind(user)
            .bind(now())
            .execute(pool)
            .await
            .map(drop))?;
        Ok(secret)
    }

    /// The user of a session.
    pub(crate) async fn session(&self, secret: &str) -> Result<Option<String>, StoreError> {
        Ok(on!(self, pool => sqlx::query_scalar("SELECT user_id FROM session WHERE id = $1")
            .bind(hash(secret))
            .fetch_optional(pool)
            .await)?)
    }

    /// Ends a session.
    pub(crate) async fn end_session(&self, secret: &str) -> Result<(), StoreError> {
        on!(self, pool => sqlx::query("DELETE FROM session WHERE id = $1").bind(hash(secret)).execute(pool).await.map(drop))?;
        Ok(())
    }
}
