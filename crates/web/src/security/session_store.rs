//! Browser sessions: in the database (embedded default) or in Redis. Only the hash of a session's
//! key is stored, so that a copy of the store opens no session.

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration;
use adapters::store::Store;
use anyhow::{Context, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use redis::AsyncCommands;
use redis::aio::ConnectionManager;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

type State = HashMap<String, String>;

/// The key under which a session names the login of a member. Who that is, and whether it still
/// holds, the database says.
pub const LOGIN: &str = "login";

/// A visitor who never logged in is forgotten after this many seconds.
const PASSING_SECONDS: i64 = 2 * 3600;

/// Where browser sessions are kept.
#[derive(Clone)]
pub enum SessionBackend {
    /// In the database.
    Sql(Store),
    /// In Redis, under `relevo:browser:<hash>`.
    Redis(ConnectionManager),
}

impl SessionBackend {
    /// In the Redis at `url`.
    ///
    /// # Errors
    /// It does not answer; the address, which may hold a password, is not repeated.
    pub async fn redis(url: &str) -> anyhow::Result<Self> {
        let client = redis::Client::open(url).map_err(|_| anyhow!("not the address of a Redis"))?;
        let manager = ConnectionManager::new(client)
            .await
            .context("Redis does not answer")?;
        Ok(Self::Redis(manager))
    }
}

fn hash(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}

fn redis_key(hash: &[u8]) -> String {
    format!("relevo:browser:{}", hex::encode(hash))
}

fn seconds(state: &State, ttl: &Duration) -> i64 {
    if state.contains_key(LOGIN) {
        ttl.whole_seconds()
    } else {
        ttl.whole_seconds().min(PASSING_SECONDS)
    }
}

impl SessionBackend {
    async fn read(&self, key: &str) -> anyhow::Result<Option<String>> {
        let hash = hash(key);
        match self {
            Self::Sql(store) => Ok(store.session_load(&hash).await?),
            Self::Redis(redis) => Ok(redis.clone().get(redis_key(&hash)).await?),
        }
    }

    async fn write(&self, key: &str, state: &State, ttl: &Duration) -> anyhow::Result<()> {
        let hash = hash(key);
        let seconds = seconds(state, ttl).max(1);
        let text = serde_json::to_string(state)?;
        match self {
            Self::Sql(store) => {
                let span = std::time::Duration::from_secs(seconds.unsigned_abs());
                let expires_at = store.clock().now().after(span);
                Ok(store.session_save(&hash, &text, expires_at).await?)
            }
            Self::Redis(redis) => {
                let seconds = seconds.unsigned_abs();
                Ok(redis
                    .clone()
                    .set_ex(redis_key(&hash), text, seconds)
                    .await?)
            }
        }
    }

    async fn forget(&self, key: &str) -> anyhow::Result<()> {
        let hash = hash(key);
        match self {
            Self::Sql(store) => Ok(store.session_delete(&hash).await?),
            Self::Redis(redis) => Ok(redis.clone().del(redis_key(&hash)).await?),
        }
    }
}

fn fresh_key() -> anyhow::Result<SessionKey> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| anyhow!("no randomness: {e}"))?;
    SessionKey::try_from(URL_SAFE_NO_PAD.encode(bytes)).context("session key")
}

impl SessionStore for SessionBackend {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let text = self.read(key.as_ref()).await.map_err(LoadError::Other)?;
        text.map(|t| serde_json::from_str(&t))
            .transpose()
            .map_err(|e| LoadError::Deserialization(e.into()))
    }

    async fn save(&self, state: State, ttl: &Duration) -> Result<SessionKey, SaveError> {
        let key = fresh_key().map_err(SaveError::Other)?;
        self.write(key.as_ref(), &state, ttl)
            .await
            .map_err(SaveError::Other)?;
        Ok(key)
    }

    async fn update(
        &self,
        key: SessionKey,
        state: State,
        ttl: &Duration,
    ) -> Result<SessionKey, UpdateError> {
        self.write(key.as_ref(), &state, ttl)
            .await
            .map_err(UpdateError::Other)?;
        Ok(key)
    }

    async fn update_ttl(&self, key: &SessionKey, ttl: &Duration) -> anyhow::Result<()> {
        match self.load(key).await {
            Ok(Some(state)) => self.write(key.as_ref(), &state, ttl).await,
            Ok(None) => Ok(()),
            Err(error) => Err(anyhow!("session: {error}")),
        }
    }

    async fn delete(&self, key: &SessionKey) -> anyhow::Result<()> {
        self.forget(key.as_ref()).await
    }
}
