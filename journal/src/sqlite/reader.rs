//! Everything that only reads, on connections that cannot write.

use chrono::{DateTime, Utc};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Sqlite, SqlitePool, query::Query, sqlite::SqliteArguments};
use uuid::Uuid;

use super::{open::Opening, row};
use crate::{
    JournalError, Link, Parked, Position, RawEvent, Receipt, Recorded, SignedCheckpoint, Snapshot, StreamId, Timer, UsagePoint, UsageSpan,
    database,
    evidence::{self, WalkError},
    rows::{self, TIP, Tip},
    stored::{COLUMNS, Stored},
    usage,
};

const CONNECTIONS: u32 = 4;
/// Rows that a connection reads ahead of whoever takes them. With fewer, the two wait for each other.
const AHEAD: usize = 512;
/// Rows that are freed at once.
const KEPT: usize = 2000;

#[derive(Debug)]
pub(super) struct Reader {
    pool: SqlitePool,
    opening: Opening,
    journal: Uuid,
}

impl Reader {
    pub(super) async fn init(opening: &Opening, journal: Uuid) -> Result<Self, JournalError> {
        let pool = database::pool(opening.read_only().row_buffer_size(AHEAD), CONNECTIONS).await.map_err(|error| opening.fault(error))?;
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
        rows::link(position, hash)
    }

    pub(super) async fn load(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError> {
        let sql = format!("SELECT {COLUMNS} FROM events WHERE aggregate_type = ? AND aggregate_id = ? AND sequence > ? ORDER BY sequence");
        let query = sqlx::query(AssertSqlSafe(sql)).bind(&*stream.kind).bind(stream.id.to_string()).bind(after);
        self.all(query, rows::recorded).await
    }

    pub(super) async fn read(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        self.all(page(after, limit), rows::recorded).await
    }

    pub(super) async fn rows(&self, after: Position, limit: u32) -> Result<Vec<RawEvent>, JournalError> {
        self.all(page(after, limit), rows::raw).await
    }

    pub(super) async fn read_back(&self, before: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        let sql = format!("SELECT {COLUMNS} FROM events WHERE position < ? ORDER BY position DESC LIMIT ?");
        self.all(sqlx::query(AssertSqlSafe(sql)).bind(before.0).bind(limit), rows::recorded).await
    }

    pub(super) async fn verify(&self, from: Link, limit: u32) -> Result<Link, JournalError> {
        let (mut reached, mut left) = (from, i64::from(limit));
        while left > 0 {
            let before = reached.position;
            let follow = |stored: Stored<'_>| {
                reached = evidence::follow(self.journal, &reached, &stored).map_err(WalkError::from)?;
                Ok(())
            };
            self.each(page(before, rows::verify_page(left)), follow).await?;
            if reached.position == before {
                break;
            }
            left -= reached.position.0 - before.0;
        }
        Ok(reached)
    }

    async fn all<T: Send>(&self, query: Statement<'_>, decode: fn(&Stored<'_>) -> Result<T, JournalError>) -> Result<Vec<T>, JournalError> {
        let mut all = Vec::new();
        let take = |stored: Stored<'_>| {
            all.push(decode(&stored)?);
            Ok(())
        };
        self.each(query, take).await?;
        Ok(all)
    }

    /// Hands on each event as it comes, while the database goes on to the next.
    async fn each(
        &self,
        query: Statement<'_>,
        mut take: impl FnMut(Stored<'_>) -> Result<(), JournalError> + Send,
    ) -> Result<(), JournalError> {
        let mut rows = query.fetch(&self.pool);
        // Values are made and freed under one lock of the library's, for which its thread would wait after each row.
        let mut taken = Vec::new();
        while let Some(row) = rows.try_next().await.map_err(|e| self.fault(e))? {
            take(row::stored(&row).map_err(|e| self.fault(e))?)?;
            if taken.len() == KEPT {
                taken.clear();
            }
            taken.push(row);
        }
        Ok(())
    }

    pub(super) async fn receipt(
        &self,
        actor: &str,
        operation: &str,
        key: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Receipt>, JournalError> {
        let row = sqlx::query_as::<_, rows::ReceiptRow>(
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
        row.map(rows::receipt).transpose()
    }

    pub(super) async fn content(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        let bytes = sqlx::query_scalar::<_, Vec<u8>>("SELECT bytes FROM contents WHERE digest = ?").bind(digest);
        rows::content(digest, bytes.fetch_optional(&self.pool).await.map_err(|e| self.fault(e))?)
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
        rows.into_iter().map(rows::timer).collect()
    }

    pub(super) async fn parked(&self, subscriber: &str) -> Result<Vec<Parked>, JournalError> {
        let rows = sqlx::query_as::<_, rows::ParkedRow>(
            "SELECT aggregate_type, aggregate_id, position, reason, attempts, parked_at FROM parked WHERE subscriber = ? ORDER BY parked_at, position",
        )
        .bind(subscriber)
        .fetch_all(&self.pool)
        .await
        .map_err(|e| self.fault(e))?;
        rows.into_iter().map(rows::parked).collect()
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
        Ok(row.map(|row| rows::snapshot(stream, version, row)))
    }

    pub(super) async fn signed_checkpoint(&self, at: Position) -> Result<Option<SignedCheckpoint>, JournalError> {
        let row = sqlx::query_as::<_, rows::SignedCheckpointRow>(
            "SELECT position, hash, signed_at, note FROM signed_checkpoints WHERE position <= ? ORDER BY position DESC LIMIT 1",
        )
        .bind(at.0)
        .fetch_optional(&self.pool)
        .await
        .map_err(|e| self.fault(e))?;
        row.map(rows::signed_checkpoint).transpose()
    }

    pub(super) async fn usage(&self, span: &UsageSpan) -> Result<Vec<UsagePoint>, JournalError> {
        let rows = sqlx::query_as::<_, usage::PointRow>(usage::points())
            .bind(span.width())
            .bind(span.from.timestamp_micros())
            .bind(span.to.timestamp_micros())
            .bind(span.cluster.map(|cluster| cluster.to_string()))
            .fetch_all(&self.pool)
            .await
            .map_err(|e| self.fault(e))?;
        rows.iter().map(usage::point).collect()
    }
}

type Statement<'q> = Query<'q, Sqlite, SqliteArguments>;

fn page(after: Position, limit: u32) -> Statement<'static> {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?");
    sqlx::query(AssertSqlSafe(sql)).bind(after.0).bind(limit)
}
