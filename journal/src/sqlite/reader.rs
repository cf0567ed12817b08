//! Everything that only reads, on connections that cannot write.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, SqlitePool};
use uuid::Uuid;

use super::open::Opening;
use crate::{
    JournalError, Link, Parked, Position, RawEvent, Receipt, Recorded, SignedCheckpoint, Snapshot, StreamId, Timer, database,
    stored::COLUMNS,
};

const CONNECTIONS: u32 = 4;
/// Events hashed between two looks at the database.
const VERIFY_PAGE: u32 = 500;

#[derive(Debug)]
pub(super) struct Reader {
    pool: SqlitePool,
    opening: Opening,
    journal: Uuid,
}

/// The last event, as the next one needs it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Tip {
    pub(super) position: i64,
    #[sqlx(try_from = "Vec<u8>")]
    pub(super) hash: Hash,
    pub(super) recorded_at: i64,
}

/// A hash as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Hash(pub(super) [u8; 32]);

impl TryFrom<Vec<u8>> for Hash {
    type Error = String;

    fn try_from(bytes: Vec<u8>) -> Result<Self, String> {
        bytes.try_into().map(Self).map_err(|bytes: Vec<u8>| format!("a hash of {} bytes", bytes.len()))
    }
}

pub(super) const TIP: &str = "SELECT position, hash, recorded_at FROM events ORDER BY position DESC LIMIT 1";

impl Reader {
    pub(super) async fn init(opening: &Opening, journal: Uuid) -> Result<Self, JournalError> {
        let pool = database::pool(opening.read_only(), CONNECTIONS).await.map_err(|error| opening.fault(error))?;
        Ok(Self { pool, opening: opening.clone(), journal })
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }

    fn fault(&self, error: sqlx::Error) -> JournalError {
        match error {
            sqlx::Error::PoolClosed => JournalError::Closed,
            error => self.opening.fault(error),
        }
    }

    pub(super) async fn tip(&self) -> Result<Tip, JournalError> {
        Ok(sqlx::query_as(TIP).fetch_optional(&self.pool).await.map_err(|e| self.fault(e))?.unwrap_or_default())
    }

    pub(super) async fn link(&self, position: Position) -> Result<Link, JournalError> {
        if position.0 == 0 {
            return Ok(Link::default());
        }
        let hash = sqlx::query_scalar::<_, Vec<u8>>("SELECT hash FROM events WHERE position = ?")
            .bind(position.0)
            .fetch_optional(&self.pool)
            .await
            .map_err(|e| self.fault(e))?;
        match hash.map(<[u8; 32]>::try_from) {
            Some(Ok(hash)) => Ok(Link { position, hash }),
            Some(Err(_)) => Err(corrupt(position.0, "malformed hash")),
            None => Err(corrupt(position.0, "the event is missing")),
        }
    }

    pub(super) async fn load(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError> {
        let sql = format!("SELECT {COLUMNS} FROM events WHERE aggregate_type = ? AND aggregate_id = ? AND sequence > ? ORDER BY sequence");
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(&*stream.kind).bind(stream.id.to_string()).bind(after);
        recorded(query.fetch_all(&self.pool).await.map_err(|e| self.fault(e))?)
    }

    pub(super) async fn read(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        recorded(self.rows(after, limit).await?)
    }

    pub(super) async fn rows(&self, after: Position, limit: u32) -> Result<Vec<RawEvent>, JournalError> {
        let sql = format!("SELECT {COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?");
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(after.0).bind(limit);
        query.fetch_all(&self.pool).await.map_err(|e| self.fault(e))
    }

    pub(super) async fn read_back(&self, before: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        let sql = format!("SELECT {COLUMNS} FROM events WHERE position < ? ORDER BY position DESC LIMIT ?");
        let query = sqlx::query_as(AssertSqlSafe(sql)).bind(before.0).bind(limit);
        recorded(query.fetch_all(&self.pool).await.map_err(|e| self.fault(e))?)
    }

    pub(super) async fn verify(&self, from: Link, limit: u32) -> Result<Link, JournalError> {
        let mut reached = from;
        let mut left = limit;
        while left > 0 {
            let page = self.rows(reached.position, left.min(VERIFY_PAGE)).await?;
            if page.is_empty() {
                break;
            }
            for row in &page {
                if row.position != reached.position.0 + 1 {
                    return Err(corrupt(reached.position.0 + 1, "the event is missing"));
                }
                let hash = row.hash()?;
                if row.columns().hash(self.journal, &reached.hash) != hash {
                    return Err(corrupt(row.position, "the event is not as it was written"));
                }
                reached = Link { position: Position(row.position), hash };
                left -= 1;
            }
        }
        Ok(reached)
    }

    pub(super) async fn receipt(
        &self,
        actor: &str,
        operation: &str,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Receipt>, JournalError> {
        let row = sqlx::query_as::<_, (Vec<u8>, String, i64)>(
            "SELECT fingerprint, outcome, position FROM receipts
             WHERE actor = ? AND operation = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)",
        )
        .bind(actor)
        .bind(operation)
        .bind(key)
        .bind(now.timestamp_micros())
        .fetch_optional(&self.pool)
        .await
        .map_err(|e| self.fault(e))?;
        row.map(|(fingerprint, outcome, position)| stored_receipt(fingerprint, &outcome, position)).transpose()
    }

    pub(super) async fn content(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        let bytes = sqlx::query_scalar::<_, Vec<u8>>("SELECT bytes FROM contents WHERE digest = ?").bind(digest);
        let bytes = bytes.fetch_optional(&self.pool).await.map_err(|e| self.fault(e))?;
        match bytes {
            Some(bytes) if hex::encode(Sha256::digest(&bytes)) != digest => {
                Err(JournalError::Corrupt { at: format!("content {digest}"), what: "the bytes have another digest".into() })
            }
            bytes => Ok(bytes),
        }
    }

    pub(super) async fn checkpoint(&self, subscriber: &str) -> Result<Position, JournalError> {
        let position = sqlx::query_scalar("SELECT position FROM checkpoints WHERE subscriber = ?").bind(subscriber);
        let position = position.fetch_optional(&self.pool).await.map_err(|e| self.fault(e))?;
        Ok(Position(position.unwrap_or_default()))
    }

    pub(super) async fn due_timers(&self, subscriber: &str, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, JournalError> {
        let rows =
            sqlx::query_as::<_, (String, i64)>("SELECT key, due FROM timers WHERE subscriber = ? AND due <= ? ORDER BY due, key LIMIT ?")
                .bind(subscriber)
                .bind(now.timestamp_micros())
                .bind(limit)
                .fetch_all(&self.pool)
                .await
                .map_err(|e| self.fault(e))?;
        let timer = |(key, due): (String, i64)| match DateTime::from_timestamp_micros(due) {
            Some(due) => Ok(Timer { key, due }),
            None => Err(JournalError::Corrupt { at: format!("timer {key}"), what: "no such time".into() }),
        };
        rows.into_iter().map(timer).collect()
    }

    pub(super) async fn parked(&self, subscriber: &str) -> Result<Vec<Parked>, JournalError> {
        let rows = sqlx::query_as::<_, ParkedRow>(
            "SELECT aggregate_type, aggregate_id, position, reason, attempts, parked_at FROM parked WHERE subscriber = ? ORDER BY parked_at, position",
        )
        .bind(subscriber)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault(e))?;
        rows.into_iter().map(parked).collect()
    }

    pub(super) async fn snapshot(&self, stream: &StreamId, version: u32) -> Result<Option<Snapshot>, JournalError> {
        let row = sqlx::query_as::<_, (i64, String)>(
            "SELECT sequence, state FROM snapshots WHERE aggregate_type = ? AND aggregate_id = ? AND version = ?",
        )
        .bind(&*stream.kind)
        .bind(stream.id.to_string())
        .bind(version)
        .fetch_optional(&self.pool)
        .await
        .map_err(|e| self.fault(e))?;
        // One that cannot be read is as good as none.
        let snapshot = |(sequence, state): (i64, String)| {
            Some(Snapshot { stream: stream.clone(), version, sequence, state: serde_json::from_str(&state).ok()? })
        };
        Ok(row.and_then(snapshot))
    }

    pub(super) async fn signed_checkpoint(&self, at: Position) -> Result<Option<SignedCheckpoint>, JournalError> {
        let row = sqlx::query_as::<_, (i64, Vec<u8>, i64, String)>(
            "SELECT position, hash, signed_at, note FROM signed_checkpoints WHERE position <= ? ORDER BY position DESC LIMIT 1",
        )
        .bind(at.0)
        .fetch_optional(&self.pool)
        .await
        .map_err(|e| self.fault(e))?;
        row.map(signed_checkpoint).transpose()
    }
}

type ParkedRow = (String, String, i64, String, i64, i64);

fn parked((kind, id, position, reason, attempts, at): ParkedRow) -> Result<Parked, JournalError> {
    let corrupt = |what: &str| JournalError::Corrupt { at: format!("parked {kind}/{id}"), what: what.to_owned() };
    Ok(Parked {
        stream: StreamId { id: Uuid::try_parse(&id).map_err(|_| corrupt("malformed aggregate_id"))?, kind: kind.clone().into() },
        position: Position(position),
        reason,
        attempts: u32::try_from(attempts).map_err(|_| corrupt("malformed attempts"))?,
        at: DateTime::from_timestamp_micros(at).ok_or_else(|| corrupt("malformed parked_at"))?,
    })
}

fn signed_checkpoint((position, hash, at, note): (i64, Vec<u8>, i64, String)) -> Result<SignedCheckpoint, JournalError> {
    let corrupt = |what: &str| JournalError::Corrupt { at: format!("signed checkpoint {position}"), what: what.to_owned() };
    let hash = <[u8; 32]>::try_from(hash).map_err(|_| corrupt("malformed hash"))?;
    let signed_at = DateTime::from_timestamp_micros(at).ok_or_else(|| corrupt("malformed signed_at"))?;
    Ok(SignedCheckpoint { link: Link { position: Position(position), hash }, signed_at, note })
}

pub(super) fn stored_receipt(fingerprint: Vec<u8>, outcome: &str, position: i64) -> Result<Receipt, JournalError> {
    let outcome = serde_json::from_str(outcome)
        .map_err(|_| JournalError::Corrupt { at: "receipts".into(), what: "an outcome is not JSON".into() })?;
    Ok(Receipt { fingerprint, outcome, position: Position(position) })
}

fn recorded(rows: Vec<RawEvent>) -> Result<Vec<Recorded>, JournalError> {
    rows.into_iter().map(RawEvent::into_recorded).collect()
}

fn corrupt(position: i64, what: &str) -> JournalError {
    JournalError::Corrupt { at: format!("position {position}"), what: what.to_owned() }
}
