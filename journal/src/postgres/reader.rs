//! Everything that only reads.

mod streams;

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::{FutureExt, Stream, TryStreamExt};
use sqlx::{
    AssertSqlSafe, Postgres,
    postgres::{PgArguments, PgRow},
    query::{Query, QueryAs},
};
use uuid::Uuid;

use self::streams::Streams;
use super::{
    access::{Access, CONNECT_LIMIT, Pool, READ_LIMIT, within},
    row,
};
use crate::{
    JournalError, Link, Parked, Position, RawEvent, Receipt, Recorded, SignedCheckpoint, Snapshot, StreamId, Timer, UsagePoint, UsageSpan,
    evidence::{self, WalkError},
    rows::{self, TIP, Tip},
    stored::{COLUMNS, Stored},
    usage,
};

/// Weeks of hundreds of clusters are half a million rows.
const SUM_LIMIT: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) pool: Pool,
    journal: Uuid,
    streams: Streams,
}

impl Reader {
    pub(super) fn new(access: &Access, journal: Uuid) -> Self {
        let pool = access.pool();
        Self { streams: Streams::of(&pool), pool, journal }
    }

    pub(super) async fn tip(&self) -> Result<Tip, JournalError> {
        let mut held = self.pool.hold().await?;
        let tip = within(READ_LIMIT, async { sqlx::query_as(TIP).fetch_optional(held.get()?).await }).await;
        Ok(held.done(tip)?.unwrap_or_default())
    }

    pub(super) async fn link(&self, position: Position) -> Result<Link, JournalError> {
        if position.0 == 0 {
            return Ok(Link::default());
        }
        let query = sqlx::query_as("SELECT hash FROM events WHERE position = $1").bind(position.0);
        rows::link(position, self.one(query).await?.map(|(hash,): (Vec<u8>,)| hash))
    }

    pub(super) async fn load(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError> {
        self.streams.events(stream, after).await
    }

    pub(super) async fn read(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        events(&self.pool, page(after, limit), rows::recorded).await
    }

    pub(super) async fn rows(&self, after: Position, limit: u32) -> Result<Vec<RawEvent>, JournalError> {
        events(&self.pool, page(after, limit), rows::raw).await
    }

    pub(super) async fn read_back(&self, before: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        let sql = format!("SELECT {COLUMNS} FROM events WHERE position < $1 ORDER BY position DESC LIMIT $2");
        events(&self.pool, sqlx::query(AssertSqlSafe(sql)).bind(before.0).bind(i64::from(limit)), rows::recorded).await
    }

    pub(super) async fn verify(&self, from: Link, limit: u32) -> Result<Link, JournalError> {
        let (mut reached, mut left) = (from, i64::from(limit));
        while left > 0 {
            let before = reached.position;
            let follow = |stored: Stored<'_>| {
                reached = evidence::follow(self.journal, &reached, &stored).map_err(WalkError::from)?;
                Ok(())
            };
            each_event(&self.pool, page(before, rows::verify_page(left)), follow).await?;
            if reached.position == before {
                break;
            }
            left -= reached.position.0 - before.0;
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
        let query = sqlx::query_as(
            "SELECT fingerprint, outcome, position FROM receipts
             WHERE actor = $1 AND operation = $2 AND key = $3 AND (expires_at IS NULL OR expires_at > $4)",
        );
        let query = query.bind(actor.to_owned()).bind(operation.to_owned()).bind(key.to_owned()).bind(now.timestamp_micros());
        self.one(query).await?.map(rows::receipt).transpose()
    }

    pub(super) async fn content(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        let query = sqlx::query_as("SELECT bytes FROM contents WHERE digest = $1").bind(digest.to_owned());
        rows::content(digest, self.one(query).await?.map(|(bytes,): (Vec<u8>,)| bytes))
    }

    pub(super) async fn checkpoint(&self, subscriber: &str) -> Result<Position, JournalError> {
        let query = sqlx::query_as("SELECT position FROM checkpoints WHERE subscriber = $1").bind(subscriber.to_owned());
        Ok(Position(self.one(query).await?.map_or(0, |(position,): (i64,)| position)))
    }

    pub(super) async fn due_timers(&self, subscriber: &str, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, JournalError> {
        let query = sqlx::query_as("SELECT key, due FROM timers WHERE subscriber = $1 AND due <= $2 ORDER BY due, key LIMIT $3")
            .bind(subscriber.to_owned())
            .bind(now.timestamp_micros())
            .bind(i64::from(limit));
        self.all(query).await?.into_iter().map(rows::timer).collect()
    }

    pub(super) async fn parked(&self, subscriber: &str) -> Result<Vec<Parked>, JournalError> {
        let query = sqlx::query_as(
            "SELECT aggregate_type, aggregate_id, position, reason, attempts, parked_at FROM parked WHERE subscriber = $1
             ORDER BY parked_at, position",
        );
        self.all(query.bind(subscriber.to_owned())).await?.into_iter().map(rows::parked).collect()
    }

    pub(super) async fn snapshot(&self, stream: &StreamId, version: u32) -> Result<Option<Snapshot>, JournalError> {
        self.streams.snapshot(stream, version).await
    }

    pub(super) async fn signed_checkpoint(&self, at: Position) -> Result<Option<SignedCheckpoint>, JournalError> {
        let query = sqlx::query_as(
            "SELECT position, hash, signed_at, note FROM signed_checkpoints WHERE position <= $1 ORDER BY position DESC LIMIT 1",
        );
        self.one(query.bind(at.0)).await?.map(rows::signed_checkpoint).transpose()
    }

    pub(super) async fn usage(&self, span: &UsageSpan) -> Result<Vec<UsagePoint>, JournalError> {
        let query = sqlx::query_as::<_, usage::PointRow>(usage::points())
            .bind(span.width())
            .bind(span.from.timestamp_micros())
            .bind(span.to.timestamp_micros())
            .bind(span.cluster.map(|cluster| cluster.to_string()));
        let mut held = self.pool.hold().await?;
        let points = within(SUM_LIMIT, async { query.fetch_all(held.get()?).await }).await;
        held.done(points)?.iter().map(usage::point).collect()
    }

    async fn one<T>(&self, query: QueryOf<T>) -> Result<Option<T>, JournalError>
    where
        T: for<'r> sqlx::FromRow<'r, PgRow> + Send + Unpin + 'static,
    {
        let mut held = self.pool.hold().await?;
        let row = within(READ_LIMIT, async { query.fetch_optional(held.get()?).await }).await;
        held.done(row)
    }

    async fn all<T>(&self, query: QueryOf<T>) -> Result<Vec<T>, JournalError>
    where
        T: for<'r> sqlx::FromRow<'r, PgRow> + Send + Unpin + 'static,
    {
        all(&self.pool, query).await
    }
}

async fn events<T: Send>(
    pool: &Pool,
    query: Statement,
    decode: fn(&Stored<'_>) -> Result<T, JournalError>,
) -> Result<Vec<T>, JournalError> {
    let mut all = Vec::new();
    let take = |stored: Stored<'_>| {
        all.push(decode(&stored)?);
        Ok(())
    };
    each_event(pool, query, take).await?;
    Ok(all)
}

async fn each_event(
    pool: &Pool,
    query: Statement,
    mut take: impl FnMut(Stored<'_>) -> Result<(), JournalError> + Send,
) -> Result<(), JournalError> {
    let mut id = row::NO_ID;
    each(pool, query, |row| Ok(take(row::stored(row, &mut id)?))).await
}

/// Hands on each row as it comes, while the database goes on to the next.
async fn each(
    pool: &Pool,
    query: Statement,
    mut take: impl FnMut(&PgRow) -> Result<Result<(), JournalError>, sqlx::Error> + Send,
) -> Result<(), JournalError> {
    let (mut held, mut taken) = (pool.hold().await?, Ok(()));
    let read = async {
        let mut rows = query.fetch(held.get()?);
        while let Some(row) = next(&mut rows).await? {
            // What is wrong with an event is not the connection's fault, which is left with nothing to read.
            if taken.is_ok() {
                taken = take(&row)?;
            }
        }
        Ok(())
    };
    let read = read.await;
    held.done(read)?;
    taken
}

async fn all<T>(pool: &Pool, query: QueryOf<T>) -> Result<Vec<T>, JournalError>
where
    T: for<'r> sqlx::FromRow<'r, PgRow> + Send + Unpin + 'static,
{
    let mut held = pool.hold().await?;
    let mut all = Vec::new();
    let read = async {
        let mut rows = query.fetch(held.get()?);
        while let Some(row) = next(&mut rows).await? {
            all.push(row);
        }
        Ok(())
    };
    let read = read.await;
    held.done(read)?;
    Ok(all)
}

type Statement = Query<'static, Postgres, PgArguments>;
type QueryOf<T> = QueryAs<'static, Postgres, T, PgArguments>;

fn page(after: Position, limit: u32) -> Statement {
    let sql = format!("SELECT {COLUMNS} FROM events WHERE position > $1 ORDER BY position LIMIT $2");
    sqlx::query(AssertSqlSafe(sql)).bind(after.0).bind(i64::from(limit))
}

/// However many rows there are, each may take its time, but no more.
async fn next<T>(rows: &mut (impl Stream<Item = Result<T, sqlx::Error>> + Unpin)) -> Result<Option<T>, sqlx::Error> {
    // Most are there already, and setting a timer costs more than taking one.
    match rows.try_next().now_or_never() {
        Some(row) => row,
        None => within(READ_LIMIT, rows.try_next()).await,
    }
}
