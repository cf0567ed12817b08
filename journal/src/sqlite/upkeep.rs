//! Writes beside the events: receipts that expired, contents, leases, subscribers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, SqliteConnection};

use crate::{
    Advance, Fence, JournalError, ParkChange, SignedCheckpoint, Snapshot, TimerChange, UsageSample,
    appender::task::{Done, Reply},
    usage::{self, Thinning},
};

/// What the appender writes beside events. Every write goes through it, so that none has to fight for the file.
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

pub(super) async fn run(connection: &mut SqliteConnection, task: &Upkeep, now: DateTime<Utc>) -> Result<Reply, sqlx::Error> {
    let done = match task {
        Upkeep::PurgeReceipts { now } => Done::Counted(purge_receipts(connection, *now).await?),
        Upkeep::PutContent { digest, bytes } => put_content(connection, digest, bytes).await.map(|()| Done::Stored)?,
        Upkeep::Lease { name, holder, ttl } => Done::Leased(lease(connection, name, holder, now, *ttl).await?),
        Upkeep::Advance(to) => {
            if !advance(connection, to).await? {
                return Ok(Err(JournalError::Fenced(to.fence.as_ref().map(|fence| fence.lease.clone()).unwrap_or_default())));
            }
            Done::Stored
        }
        Upkeep::PutSnapshot(snapshot) => put_snapshot(connection, snapshot).await.map(|()| Done::Stored)?,
        Upkeep::PutSignedCheckpoint(signed) => put_signed_checkpoint(connection, signed).await.map(|()| Done::Stored)?,
        Upkeep::KeepUsage(sample) => keep_usage(connection, sample).await.map(|()| Done::Stored)?,
        Upkeep::ThinUsage { now } => Done::Counted(thin_usage(connection, *now).await?),
    };
    Ok(Ok(done))
}

async fn purge_receipts(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let purge = sqlx::query("DELETE FROM receipts WHERE expires_at < ?").bind(now.timestamp_micros());
    Ok(purge.execute(connection).await?.rows_affected())
}

pub(super) async fn put_content(connection: &mut SqliteConnection, digest: &str, bytes: &[u8]) -> Result<(), sqlx::Error> {
    let put = sqlx::query("INSERT INTO contents (digest, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING").bind(digest).bind(bytes);
    put.execute(connection).await.map(drop)
}

async fn lease(
    connection: &mut SqliteConnection,
    name: &str,
    holder: &str,
    now: DateTime<Utc>,
    ttl: Duration,
) -> Result<Option<Fence>, sqlx::Error> {
    let ttl = i64::try_from(ttl.as_micros()).unwrap_or(i64::MAX);
    let epoch: Option<i64> = sqlx::query_scalar(
        "INSERT INTO leases (name, holder, epoch, expires_at) VALUES (?1, ?2, 1, ?4)
         ON CONFLICT (name) DO UPDATE
         SET holder = ?2, expires_at = ?4, epoch = CASE holder WHEN ?2 THEN epoch ELSE epoch + 1 END
         WHERE holder = ?2 OR expires_at <= ?3
         RETURNING epoch",
    )
    .bind(name)
    .bind(holder)
    .bind(now.timestamp_micros())
    .bind(now.timestamp_micros().saturating_add(ttl))
    .fetch_optional(connection)
    .await?;
    Ok(epoch.map(|epoch| Fence { lease: name.to_owned(), epoch }))
}

/// `false`: the lease has passed to another, and nothing was written.
async fn advance(connection: &mut SqliteConnection, advance: &Advance) -> Result<bool, sqlx::Error> {
    if let Some(Fence { lease, epoch }) = &advance.fence {
        let held: Option<i64> =
            sqlx::query_scalar("SELECT epoch FROM leases WHERE name = ?").bind(lease).fetch_optional(&mut *connection).await?;
        if held != Some(*epoch) {
            return Ok(false);
        }
    }
    if let Some(to) = advance.to {
        let move_to = sqlx::query(
            "INSERT INTO checkpoints (subscriber, position) VALUES (?, ?) ON CONFLICT (subscriber) DO UPDATE SET position = excluded.position",
        );
        move_to.bind(&advance.subscriber).bind(to.0).execute(&mut *connection).await?;
    }
    for change in &advance.timers {
        change_timer(connection, &advance.subscriber, change).await?;
    }
    for change in &advance.parked {
        change_parked(connection, &advance.subscriber, change).await?;
    }
    Ok(true)
}

async fn change_timer(connection: &mut SqliteConnection, subscriber: &str, change: &TimerChange) -> Result<(), sqlx::Error> {
    let query = match change {
        TimerChange::Set(timer) => sqlx::query(
            "INSERT INTO timers (subscriber, key, due) VALUES (?, ?, ?) ON CONFLICT (subscriber, key) DO UPDATE SET due = excluded.due",
        )
        .bind(subscriber)
        .bind(&timer.key)
        .bind(timer.due.timestamp_micros()),
        TimerChange::Cancel(key) => sqlx::query("DELETE FROM timers WHERE subscriber = ? AND key = ?").bind(subscriber).bind(key),
    };
    query.execute(connection).await.map(drop)
}

async fn change_parked(connection: &mut SqliteConnection, subscriber: &str, change: &ParkChange) -> Result<(), sqlx::Error> {
    let query = match change {
        ParkChange::Park(parked) => sqlx::query(
            "INSERT INTO parked (subscriber, aggregate_type, aggregate_id, position, reason, attempts, parked_at) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (subscriber, aggregate_type, aggregate_id) DO UPDATE SET position = excluded.position, reason = excluded.reason,
             attempts = excluded.attempts, parked_at = excluded.parked_at",
        )
        .bind(subscriber)
        .bind(&*parked.stream.kind)
        .bind(parked.stream.id.to_string())
        .bind(parked.position.0)
        .bind(&parked.reason)
        .bind(parked.attempts)
        .bind(parked.at.timestamp_micros()),
        ParkChange::Release(stream) => sqlx::query("DELETE FROM parked WHERE subscriber = ? AND aggregate_type = ? AND aggregate_id = ?")
            .bind(subscriber)
            .bind(&*stream.kind)
            .bind(stream.id.to_string()),
    };
    query.execute(connection).await.map(drop)
}

async fn put_snapshot(connection: &mut SqliteConnection, snapshot: &Snapshot) -> Result<(), sqlx::Error> {
    let put = sqlx::query(
        "INSERT INTO snapshots (aggregate_type, aggregate_id, version, sequence, state) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (aggregate_type, aggregate_id) DO UPDATE
         SET version = excluded.version, sequence = excluded.sequence, state = excluded.state
         WHERE version <> excluded.version OR sequence < excluded.sequence",
    );
    put.bind(&*snapshot.stream.kind)
        .bind(snapshot.stream.id.to_string())
        .bind(snapshot.version)
        .bind(snapshot.sequence)
        .bind(&*snapshot.state)
        .execute(connection)
        .await
        .map(drop)
}

pub(super) async fn put_signed_checkpoint(connection: &mut SqliteConnection, signed: &SignedCheckpoint) -> Result<(), sqlx::Error> {
    let put = sqlx::query("INSERT INTO signed_checkpoints (position, hash, signed_at, note) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING");
    put.bind(signed.link.position.0)
        .bind(signed.link.hash.as_slice())
        .bind(signed.signed_at.timestamp_micros())
        .bind(&signed.note)
        .execute(connection)
        .await
        .map(drop)
}

async fn keep_usage(connection: &mut SqliteConnection, sample: &UsageSample) -> Result<(), sqlx::Error> {
    let keep = sqlx::query(usage::KEEP).bind(sample.cluster.to_string());
    usage::binds(sample).into_iter().fold(keep, sqlx::query::Query::bind).execute(connection).await.map(drop)
}

async fn thin_usage(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let mut removed = 0;
    for thinning in Thinning::all(now) {
        let oldest = sqlx::query_scalar::<_, Option<i64>>("SELECT min(at) FROM usage_samples WHERE step = $1 AND at < $2");
        let oldest = oldest.bind(thinning.from).bind(thinning.before).fetch_one(&mut *connection).await?;
        let Some(end) = oldest.map(|oldest| thinning.part(oldest)) else { continue };
        if let Some(step) = thinning.into {
            let thin = sqlx::query(AssertSqlSafe(usage::THIN.as_str())).bind(thinning.width()).bind(step).bind(thinning.from).bind(end);
            thin.execute(&mut *connection).await?;
        }
        let remove = sqlx::query("DELETE FROM usage_samples WHERE step = $1 AND at < $2").bind(thinning.from).bind(end);
        removed += remove.execute(&mut *connection).await?.rows_affected();
    }
    Ok(removed)
}
