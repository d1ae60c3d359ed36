//! The table `session`: for the demo, which asks for a name and believes it.

use p256::elliptic_curve::rand_core::{OsRng, RngCore};
use tidings_core::base64url;

use super::{Store, StoreError, subscriptions::now};
use crate::endpoint::subscription_id as hash;

impl Store {
    /// Begins a session; gives its secret, which only the browser keeps.
    pub(crate) async fn begin_session(&self, user: &str) -> Result<String, StoreError> {
        let mut bytes = [0; 32];
        OsRng.fill_bytes(&mut bytes);
        let secret = base64url::encode(&bytes);
        sqlx::query("INSERT INTO session (id, user, created) VALUES (?, ?, ?)")
            .bind(hash(&secret))
            .bind(user)
            .bind(now())
            .execute(&self.pool)
            .await?;
        Ok(secret)
    }

    /// The user of a session.
    pub(crate) async fn session(&self, secret: &str) -> Result<Option<String>, StoreError> {
        let user = sqlx::query_scalar("SELECT user FROM session WHERE id = ?");
        Ok(user.bind(hash(secret)).fetch_optional(&self.pool).await?)
    }

    /// Ends a session.
    pub(crate) async fn end_session(&self, secret: &str) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM session WHERE id = ?").bind(hash(secret)).execute(&self.pool).await?;
        Ok(())
    }
}
