//! The table `api_token`: who may send. Only hashes of the secrets are kept.

use sqlx::FromRow;

use super::{Store, StoreError, database::on, now, random_id, random_secret};
use crate::endpoint::subscription_id as hash;

/// How long `last_used` may be behind, in milliseconds: not every request is a write.
const USED_MARGIN: i64 = 60_000;

/// What is known of an API token; its secret is not.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
#[non_exhaustive]
pub struct ApiToken {
    /// Its id, to revoke it.
    pub id: String,
    /// What it is for, as whoever made it said.
    pub name: String,
    /// When it was made, in milliseconds since the Unix epoch.
    pub created: i64,
    /// When it was last used, within a minute.
    pub last_used: Option<i64>,
}

impl Store {
    /// Makes an API token; gives its secret, which is shown once and not kept.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn create_token(&self, name: &str) -> Result<(ApiToken, String), StoreError> {
        let secret = format!("tidings_{}", random_secret());
        let token = ApiToken { id: random_id(), name: name.to_owned(), created: now(), last_used: None };
        on!(self, pool => sqlx::query("INSERT INTO api_token (id, name, hash, created) VALUES ($1, $2, $3, $4)")
            .bind(&token.id)
            .bind(name)
            .bind(hash(&secret))
            .bind(token.created)
            .execute(pool)
            .await
            .map(drop))?;
        Ok((token, secret))
    }

    /// The token with this secret, if there is one; notes that it was used.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn use_token(&self, secret: &str) -> Result<Option<ApiToken>, StoreError> {
        // Found by the hash of a secret of 256 bits: how long the search takes tells nobody anything.
        let token: Option<ApiToken> = on!(self, pool => sqlx::query_as(
            "SELECT id, name, created, last_used FROM api_token WHERE hash = $1",
        )
        .bind(hash(secret))
        .fetch_optional(pool)
        .await)?;
        let now = now();
        if let Some(token) = &token
            && token.last_used.is_none_or(|used| used < now - USED_MARGIN)
        {
            on!(self, pool => sqlx::query("UPDATE api_token SET last_used = $1 WHERE id = $2")
                .bind(now)
                .bind(&token.id)
                .execute(pool)
                .await
                .map(drop))?;
        }
        Ok(token)
    }

    /// All tokens, the oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn tokens(&self) -> Result<Vec<ApiToken>, StoreError> {
        Ok(on!(self, pool => sqlx::query_as("SELECT id, name, created, last_used FROM api_token ORDER BY id")
            .fetch_all(pool)
            .await)?)
    }

    /// Revokes a token by its id; whether it was there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the database did not answer.
    pub async fn revoke_token(&self, id: &str) -> Result<bool, StoreError> {
        let rows = on!(self, pool => sqlx::query("DELETE FROM api_token WHERE id = $1")
            .bind(id)
            .execute(pool)
            .await
            .map(|result| result.rows_affected()))?;
        Ok(rows > 0)
    }
}
