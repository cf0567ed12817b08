//! Writes beside the events: receipts that expired, contents, leases, subscribers.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;

use crate::{Fence, Position, TimerChange};

pub(super) async fn purge_receipts(connection: &mut SqliteConnection, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let purge = sqlx::query("DELETE FROM receipts WHERE expires_at < ?").bind(now.timestamp_micros());
    Ok(purge.execute(connection).await?.rows_affected())
}

pub(super) async fn put_content(connection: &mut SqliteConnection, digest: &str, bytes: &[u8]) -> Result<(), sqlx::Error> {
    let put = sqlx::query("INSERT INTO contents (digest, bytes) VALUES (?, ?) ON CONFLICT DO NOTHING").bind(digest).bind(bytes);
    put.execute(connection).await.map(drop)
}

pub(super) async fn lease(
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

pub(super) async fn advance(
    connection: &mut SqliteConnection,
    subscriber: &str,
    to: Position,
    timers: &[TimerChange],
) -> Result<(), sqlx::Error> {
    sqlx::query(
        "INSERT INTO checkpoints (subscriber, position) VALUES (?, ?) ON CONFLICT (subscriber) DO UPDATE SET position = excluded.position",
    )
    .bind(subscriber)
    .bind(to.0)
    .execute(&mut *connection)
    .await?;
    for change in timers {
        let query = match change {
            TimerChange::Set(timer) => sqlx::query(
                "INSERT INTO timers (subscriber, key, due) VALUES (?, ?, ?) ON CONFLICT (subscriber, key) DO UPDATE SET due = excluded.due",
            )
            .bind(subscriber)
            .bind(&timer.key)
            .bind(timer.due.timestamp_micros()),
            TimerChange::Cancel(key) => sqlx::query("DELETE FROM timers WHERE subscriber = ? AND key = ?").bind(subscriber).bind(key),
        };
        query.execute(&mut *connection).await?;
    }
    Ok(())
}
