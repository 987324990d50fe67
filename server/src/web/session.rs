//! Sessions in the database, for every process alike. A row is found by the SHA-256 of the cookie's id, so that a
//! stolen copy of the database opens no session.

use super::own_session;
use crate::clock::Clock;
use crate::db::{Db, DbError, Execute, Query, query};
use app::model::Time;
use async_trait::async_trait;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt;
use tower_sessions::SessionStore;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};

#[derive(Clone)]
pub struct Sessions {
    db: Db,
    clock: Clock,
}

impl Sessions {
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock }
    }

    async fn write(&self, name: &'static str, queries: Vec<Query>) -> Result<Vec<u64>> {
        self.db.write(Execute { name, queries }).await.map_err(failed)
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sessions")
    }
}

#[async_trait]
impl SessionStore for Sessions {
    /// Drops what has expired too: whoever signs in pays for the sweeping.
    async fn create(&self, record: &mut Record) -> Result<()> {
        loop {
            let expired = query("DELETE FROM session WHERE expires_at < $1").bind(self.clock.now());
            let insert =
                "INSERT INTO session (id_hash, \"user\", data, expires_at, created_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (id_hash) DO NOTHING";
            let signed_in_at = moment(record, own_session::SIGNED_IN_AT).unwrap_or(self.clock.now());
            let insert = bound(insert, record)?.bind(signed_in_at);
            let changed = self.write("create_session", vec![expired, insert]).await?;
            if changed.last() == Some(&1) {
                return Ok(());
            }
            record.id = Id::default();
        }
    }

    /// Only what is there is changed: a session that was ended meanwhile stays ended.
    async fn save(&self, record: &Record) -> Result<()> {
        let update = "UPDATE session SET \"user\" = $2, data = $3, expires_at = $4 WHERE id_hash = $1";
        self.write("save_session", vec![bound(update, record)?]).await.map(|_| ())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let mut read = self.db.read().await.map_err(failed)?;
        let found = query("SELECT data, expires_at FROM session WHERE id_hash = $1 AND expires_at > $2")
            .bind(hash(id))
            .bind(self.clock.now())
            .optional::<(String, Time)>(&mut read.tx())
            .await
            .map_err(failed)?;
        let Some((data, expires_at)) = found else { return Ok(None) };
        let data: HashMap<String, Value> =
            serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?;
        let expiry_date = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(expires_at.0) * 1_000)
            .map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let delete = query("DELETE FROM session WHERE id_hash = $1").bind(hash(id));
        self.write("end_session", vec![delete]).await.map(|_| ())
    }
}

/// What was set at signing in says when it ends: whatever changes in a session doesn't make it last longer.
fn bound(sql: &'static str, record: &Record) -> Result<Query> {
    let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
    let expires_at = i64::try_from(record.expiry_date.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX);
    let expires_at = moment(record, own_session::UNTIL).map_or(expires_at, |until| until.0.min(expires_at));
    let user = record.data.get(own_session::USER).and_then(Value::as_i64);
    Ok(query(sql).bind(hash(&record.id)).bind(user).bind(data).bind(expires_at))
}

fn moment(record: &Record, key: &str) -> Option<Time> {
    record.data.get(key).and_then(Value::as_i64).map(Time)
}

pub fn hash(id: &Id) -> String {
    hex::encode(Sha256::digest(id.0.to_le_bytes()))
}

fn failed(error: DbError) -> Error {
    Error::Backend(error.to_string())
}
