//! Writes beside the events. Each is a transaction of its own, which does not hold up the appender.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use super::access::{Pool, READ_LIMIT, within};
use crate::{
    Advance, Fence, JournalError, ParkChange, SignedCheckpoint, Snapshot, TimerChange, UsageSample,
    usage::{self, Thinning},
};

/// What is written, or `None` if a lease that must be held has passed to another.
#[derive(Debug)]
pub(super) enum Upkeep {
    PurgeReceipts { now: DateTime<Utc> },
    PutContent { digest: String, bytes: Vec<u8> },
    Lease { name: String, holder: String, ttl: Duration },
    Advance(Advance),
    PutSnapshot(Snapshot),
    PutSignedCheckpoint(SignedCheckpoint),
    KeepUsage(UsageSample),
    ThinUsage { now: DateTime<Utc> },
}

/// A number that depends on what was done: rows removed, or the epoch of a lease. `None`: a lease is another's.
pub(super) async fn run(pool: Pool, task: Upkeep) -> Result<Option<i64>, JournalError> {
    // In a task of its own: a caller that goes away does not leave it half-way.
    let running = tokio::spawn(async move {
        let mut held = pool.hold().await?;
        let done = within(READ_LIMIT, async { perform(held.get()?, &task).await }).await;
        held.done(done)
    });
    running.await.unwrap_or(Err(JournalError::Unknown))
}

async fn perform(connection: &mut PgConnection, task: &Upkeep) -> Result<Option<i64>, sqlx::Error> {
    match task {
        Upkeep::PurgeReceipts { now } => {
            let purge = sqlx::query("DELETE FROM receipts WHERE expires_at < $1").bind(now.timestamp_micros());
            Ok(Some(i64::try_from(purge.execute(connection).await?.rows_affected()).unwrap_or(i64::MAX)))
        }
        Upkeep::PutContent { digest, bytes } => {
            let put = sqlx::query("INSERT INTO contents (digest, bytes) VALUES ($1, $2) ON CONFLICT DO NOTHING").bind(digest).bind(bytes);
            put.execute(connection).await.map(|_| Some(0))
        }
        Upkeep::Lease { name, holder, ttl } => lease(connection, name, holder, *ttl).await,
        Upkeep::Advance(to) => advance(connection, to).await,
        Upkeep::PutSnapshot(snapshot) => put_snapshot(connection, snapshot).await,
        Upkeep::PutSignedCheckpoint(signed) => {
            let put = sqlx::query(
                "INSERT INTO signed_checkpoints (position, hash, signed_at, note) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            );
            put.bind(signed.link.position.0)
                .bind(signed.link.hash.as_slice())
                .bind(signed.signed_at.timestamp_micros())
                .bind(&signed.note)
                .execute(connection)
                .await
                .map(|_| Some(0))
        }
        Upkeep::KeepUsage(sample) => {
            let keep = sqlx::query(usage::KEEP).bind(sample.cluster.to_string());
            let keep = usage::binds(sample).into_iter().fold(keep, sqlx::query::Query::bind);
            keep.execute(connection).await.map(|_| Some(0))
        }
        Upkeep::ThinUsage { now } => thin_usage(connection, *now).await,
    }
}

/// By the database's clock: those of the nodes differ.
async fn lease(connection: &mut PgConnection, name: &str, holder: &str, ttl: Duration) -> Result<Option<i64>, sqlx::Error> {
    // A century is for ever, and far from the largest number.
    let ttl = i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX).min(100 * 365 * 86_400 * 1_000_000);
    sqlx::query_scalar(
        "INSERT INTO leases AS l (name, holder, epoch, expires_at)
         VALUES ($1, $2, 1, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $3)
         ON CONFLICT (name) DO UPDATE
         SET holder = excluded.holder, expires_at = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $3,
             epoch = CASE l.holder WHEN excluded.holder THEN l.epoch ELSE l.epoch + 1 END
         WHERE l.holder = excluded.holder OR l.expires_at <= (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
         RETURNING epoch",
    )
    .bind(name)
    .bind(holder)
    .bind(ttl)
    .fetch_optional(connection)
    .await
}

async fn advance(connection: &mut PgConnection, advance: &Advance) -> Result<Option<i64>, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    if let Some(Fence { lease, epoch }) = &advance.fence {
        // Locked, so that nobody takes it over before this is committed.
        let held: Option<i64> =
            sqlx::query_scalar("SELECT epoch FROM leases WHERE name = $1 FOR SHARE").bind(lease).fetch_optional(&mut *transaction).await?;
        if held != Some(*epoch) {
            transaction.rollback().await?;
            return Ok(None);
        }
    }
    if let Some(to) = advance.to {
        let move_to = sqlx::query(
            "INSERT INTO checkpoints (subscriber, position) VALUES ($1, $2) ON CONFLICT (subscriber) DO UPDATE SET position = excluded.position",
        );
        move_to.bind(&advance.subscriber).bind(to.0).execute(&mut *transaction).await?;
    }
    for change in &advance.timers {
        change_timer(&mut transaction, &advance.subscriber, change).await?;
    }
    for change in &advance.parked {
        change_parked(&mut transaction, &advance.subscriber, change).await?;
    }
    transaction.commit().await.map(|()| Some(0))
}

async fn change_timer(connection: &mut PgConnection, subscriber: &str, change: &TimerChange) -> Result<(), sqlx::Error> {
    let query = match change {
        TimerChange::Set(timer) => sqlx::query(
            "INSERT INTO timers (subscriber, key, due) VALUES ($1, $2, $3) ON CONFLICT (subscriber, key) DO UPDATE SET due = excluded.due",
        )
        .bind(subscriber)
        .bind(&timer.key)
        .bind(timer.due.timestamp_micros()),
        TimerChange::Cancel(key) => sqlx::query("DELETE FROM timers WHERE subscriber = $1 AND key = $2").bind(subscriber).bind(key),
    };
    query.execute(connection).await.map(drop)
}

async fn change_parked(connection: &mut PgConnection, subscriber: &str, change: &ParkChange) -> Result<(), sqlx::Error> {
    let query = match change {
        ParkChange::Park(parked) => sqlx::query(
            "INSERT INTO parked (subscriber, aggregate_type, aggregate_id, position, reason, attempts, parked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (subscriber, aggregate_type, aggregate_id) DO UPDATE SET position = excluded.position, reason = excluded.reason,
             attempts = excluded.attempts, parked_at = excluded.parked_at",
        )
        .bind(subscriber)
        .bind(&*parked.stream.kind)
        .bind(parked.stream.id.to_string())
        .bind(parked.position.0)
        .bind(&parked.reason)
        .bind(i64::from(parked.attempts))
        .bind(parked.at.timestamp_micros()),
        ParkChange::Release(stream) => {
            sqlx::query("DELETE FROM parked WHERE subscriber = $1 AND aggregate_type = $2 AND aggregate_id = $3")
                .bind(subscriber)
                .bind(&*stream.kind)
                .bind(stream.id.to_string())
        }
    };
    query.execute(connection).await.map(drop)
}

async fn put_snapshot(connection: &mut PgConnection, snapshot: &Snapshot) -> Result<Option<i64>, sqlx::Error> {
    let put = sqlx::query(
        "INSERT INTO snapshots AS s (aggregate_type, aggregate_id, version, sequence, state) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE
         SET version = excluded.version, sequence = excluded.sequence, state = excluded.state
         WHERE s.version <> excluded.version OR s.sequence < excluded.sequence",
    );
    put.bind(&*snapshot.stream.kind)
        .bind(snapshot.stream.id.to_string())
        .bind(i64::from(snapshot.version))
        .bind(snapshot.sequence)
        .bind(&*snapshot.state)
        .execute(connection)
        .await
        .map(|_| Some(0))
}

/// Where several nodes do it at once, each bucket is made by one of them.
async fn thin_usage(connection: &mut PgConnection, now: DateTime<Utc>) -> Result<Option<i64>, sqlx::Error> {
    let mut transaction = connection.begin().await?;
    let mut removed = 0;
    for thinning in Thinning::all(now) {
        let oldest = sqlx::query_scalar::<_, Option<i64>>("SELECT min(at) FROM usage_samples WHERE step = $1 AND at < $2");
        let oldest = oldest.bind(thinning.from).bind(thinning.before).fetch_one(&mut *transaction).await?;
        let Some(end) = oldest.map(|oldest| thinning.part(oldest)) else { continue };
        if let Some(step) = thinning.into {
            let thin = sqlx::query(AssertSqlSafe(usage::THIN.as_str())).bind(thinning.width()).bind(step).bind(thinning.from).bind(end);
            thin.execute(&mut *transaction).await?;
        }
        let remove = sqlx::query("DELETE FROM usage_samples WHERE step = $1 AND at < $2").bind(thinning.from).bind(end);
        removed += remove.execute(&mut *transaction).await?.rows_affected();
    }
    transaction.commit().await?;
    Ok(Some(i64::try_from(removed).unwrap_or(i64::MAX)))
}
