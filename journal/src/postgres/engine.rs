//! The appender's statements on `PostgreSQL`.
//!
//! Whoever writes holds an advisory lock until the transaction ends, so that nobody prepares what then loses a race. What
//! keeps the order is the primary key: of two writers that would give an event the same position, one fails.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Executor, PgConnection};
use uuid::Uuid;

use super::{
    access::{Access, CONNECT_LIMIT, fault, left, within},
    sheet::Columns,
};
use crate::{
    JournalError,
    appender::{
        engine::{Attempt, Engine, Evidence, Failure, Rows, Sheet},
        known::{Asked, Facts},
        task::Reply,
    },
    rows::{TIP, Tip},
};

const UNIQUE: &str = "23505";
/// How long a look for a transaction's outcome may take.
const LOOK_LIMIT: Duration = Duration::from_millis(1500);

pub(super) struct PostgresEngine {
    access: Access,
    open: Option<Open>,
    /// The connection that the server may still be working for.
    abandoned: Option<String>,
    until: Instant,
}

struct Open {
    connection: PgConnection,
    /// By which the server's side of it is found: its process number may come again.
    name: String,
}

impl PostgresEngine {
    pub(super) fn new(access: Access) -> Self {
        Self { access, open: None, abandoned: None, until: Instant::now() }
    }

    async fn connect(&mut self) -> Result<(), sqlx::Error> {
        if self.open.is_none() {
            let name = format!("nalabo {}", Uuid::new_v4().simple());
            let connection = self.access.writing(&name, self.until).await?;
            self.open = Some(Open { connection, name });
            self.abandoned = None;
        }
        Ok(())
    }

    fn connection(&mut self) -> Result<&mut PgConnection, Failure> {
        self.open.as_mut().map(|open| &mut open.connection).ok_or(Failure::Down(JournalError::Closed))
    }

    async fn look(&self, evidence: &Evidence) -> Result<bool, sqlx::Error> {
        // With the rights of whoever connected, who alone may end the other connection.
        let mut connection = self.access.plain().await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        if let Some(name) = &self.abandoned {
            end(&mut connection, name).await?;
        }
        let stored: Option<Vec<u8>> = match evidence {
            Evidence::None => None,
            Evidence::Event { id, .. } => {
                let query = sqlx::query_scalar("SELECT hash FROM journal.events WHERE event_id = $1::uuid").bind(id);
                query.fetch_optional(&mut connection).await?
            }
            Evidence::Receipt(receipt) => {
                sqlx::query_scalar("SELECT fingerprint FROM journal.receipts WHERE actor = $1 AND operation = $2 AND key = $3")
                    .bind(&receipt.actor)
                    .bind(&receipt.operation)
                    .bind(&receipt.key)
                    .fetch_optional(&mut connection)
                    .await?
            }
        };
        Ok(evidence.is(stored.as_deref()))
    }
}

impl Engine for PostgresEngine {
    type Upkeep = std::convert::Infallible;
    type Sheet = Columns;
    const AT_ONCE: bool = true;

    async fn begin(&mut self, _last: Tip, until: Instant) -> Result<Tip, Failure> {
        self.until = until;
        self.connect().await.map_err(failure)?;
        let connection = self.connection()?;
        let begun = within(left(until), async {
            // The tip is looked at in a statement of its own, which sees what was committed before the lock was had.
            connection.execute("BEGIN; SELECT journal.enter()").await?;
            sqlx::query_as(TIP).fetch_optional(connection).await
        });
        Ok(begun.await.map_err(failure)?.unwrap_or_default())
    }

    async fn look_up(&mut self, asked: &Asked<'_>, now: DateTime<Utc>) -> Result<Facts, Failure> {
        let until = self.until;
        let connection = self.connection()?;
        within(left(until), look_up(connection, asked, now)).await.map_err(failure)
    }

    async fn insert(&mut self, tip: Tip, rows: &Rows<'_>, now: DateTime<Utc>) -> Result<(), Failure> {
        if rows.events.is_empty() && rows.receipts.is_empty() {
            return Ok(());
        }
        let until = self.until;
        let connection = self.connection()?;
        let inserted = within(left(until), async {
            make_room(connection, rows, now).await?;
            append(connection, tip, rows).await
        });
        inserted.await.map_err(failure)
    }

    async fn upkeep(&mut self, task: &Self::Upkeep, _now: DateTime<Utc>) -> Result<Reply, Failure> {
        match *task {}
    }

    async fn commit(&mut self) -> Result<(), Failure> {
        let until = self.until;
        let connection = self.connection()?;
        within(left(until), connection.execute("COMMIT")).await.map(drop).map_err(failure)
    }

    async fn attempt(&mut self, tip: Tip, sheet: Columns, until: Instant) -> Result<Attempt, Failure> {
        self.until = until;
        self.connect().await.map_err(failure)?;
        let connection = self.connection()?;
        match within(left(until), sheet.write(connection, tip)).await {
            Ok(true) => Ok(Attempt::Sent(Ok(()))),
            Ok(false) => Ok(Attempt::Stale),
            Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(UNIQUE) => Ok(Attempt::Stale),
            // What the database itself says has certainly not been committed, unless it said so because it is going down.
            Err(error @ sqlx::Error::Database(_)) if !is_ending(&error) => Err(failure(error)),
            Err(error) => Ok(Attempt::Sent(Err(failure(error)))),
        }
    }

    async fn found(&mut self, evidence: &Evidence, _last: Tip) -> Result<bool, JournalError> {
        let found = within(LOOK_LIMIT, self.look(evidence)).await.map_err(fault)?;
        self.abandoned = None;
        Ok(found)
    }

    async fn discard(&mut self) {
        // Not told to the server, which may not listen: a transaction that is open ends with the connection.
        if let Some(open) = self.open.take() {
            self.abandoned = Some(open.name);
        }
    }

    async fn finish(mut self) {
        if let Some(open) = self.open.take() {
            let _ = tokio::time::timeout(CONNECT_LIMIT, sqlx::Connection::close(open.connection)).await;
        }
    }
}

/// Ends the server's side of a connection, which may still be writing; an error if that is not certain.
async fn end(connection: &mut PgConnection, name: &str) -> Result<(), sqlx::Error> {
    const THERE: &str = "FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()";
    let there = format!("SELECT pg_terminate_backend(pid, 500) {THERE}");
    let ended: Vec<bool> = sqlx::query_scalar(AssertSqlSafe(there)).bind(name).fetch_all(&mut *connection).await?;
    if ended.iter().all(|ended| *ended) {
        return Ok(());
    }
    let left: i64 = sqlx::query_scalar(AssertSqlSafe(format!("SELECT count(*) {THERE}"))).bind(name).fetch_one(connection).await?;
    if left == 0 { Ok(()) } else { Err(sqlx::Error::Protocol("an abandoned transaction does not end".into())) }
}

async fn look_up(connection: &mut PgConnection, asked: &Asked<'_>, now: DateTime<Utc>) -> Result<Facts, sqlx::Error> {
    let mut facts = Facts::default();
    if !asked.streams.is_empty() {
        let (kinds, ids): (Vec<_>, Vec<_>) = asked.streams.iter().copied().unzip();
        let rows: Vec<(i64, Option<i64>)> = sqlx::query_as(
            "SELECT s.number - 1, (SELECT max(e.sequence) FROM events AS e WHERE e.aggregate_type = s.kind AND e.aggregate_id = s.id)
             FROM unnest($1, $2) WITH ORDINALITY AS s (kind, id, number)",
        )
        .bind(kinds)
        .bind(ids)
        .fetch_all(&mut *connection)
        .await?;
        facts.sequences = rows.into_iter().filter_map(|(index, sequence)| Some((index, sequence?))).collect();
    }
    if !asked.receipts.is_empty() {
        let rows: Vec<(i64, Vec<u8>, String, i64)> = sqlx::query_as(
            "SELECT k.number - 1, r.fingerprint, r.outcome, r.position
             FROM unnest($1, $2, $3) WITH ORDINALITY AS k (actor, operation, key, number)
             JOIN receipts AS r ON r.actor = k.actor AND r.operation = k.operation AND r.key = k.key
             WHERE r.expires_at IS NULL OR r.expires_at > $4",
        )
        .bind(asked.receipts.iter().map(|(actor, ..)| *actor).collect::<Vec<_>>())
        .bind(asked.receipts.iter().map(|(_, operation, _)| *operation).collect::<Vec<_>>())
        .bind(asked.receipts.iter().map(|(.., key)| *key).collect::<Vec<_>>())
        .bind(now.timestamp_micros())
        .fetch_all(&mut *connection)
        .await?;
        facts.receipts =
            rows.into_iter().map(|(index, fingerprint, outcome, position)| (index, (fingerprint, outcome, position))).collect();
    }
    if !asked.fences.is_empty() {
        facts.epochs = sqlx::query_as(
            // Locked, so that nobody takes one over before this is committed.
            "SELECT f.number - 1, l.epoch FROM unnest($1) WITH ORDINALITY AS f (name, number) JOIN leases AS l ON l.name = f.name
             FOR SHARE OF l",
        )
        .bind(asked.fences.iter().map(|fence| fence.lease.as_str()).collect::<Vec<_>>())
        .fetch_all(connection)
        .await?;
    }
    Ok(facts)
}

/// Removes receipts that have expired from where new ones go.
async fn make_room(connection: &mut PgConnection, Rows { receipts, .. }: &Rows<'_>, now: DateTime<Utc>) -> Result<(), sqlx::Error> {
    if receipts.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "DELETE FROM receipts AS r USING unnest($1, $2, $3) AS k (actor, operation, key)
         WHERE r.actor = k.actor AND r.operation = k.operation AND r.key = k.key AND r.expires_at <= $4",
    )
    .bind(receipts.iter().map(|row| row.receipt.actor.as_str()).collect::<Vec<_>>())
    .bind(receipts.iter().map(|row| row.receipt.operation.as_str()).collect::<Vec<_>>())
    .bind(receipts.iter().map(|row| row.receipt.key.as_str()).collect::<Vec<_>>())
    .bind(now.timestamp_micros())
    .execute(connection)
    .await
    .map(drop)
}

/// What was looked at before, all at once.
async fn append(connection: &mut PgConnection, tip: Tip, rows: &Rows<'_>) -> Result<(), sqlx::Error> {
    let mut sheet = Columns::default();
    for row in &rows.events {
        sheet.event(*row);
    }
    for row in &rows.receipts {
        sheet.receipt(*row);
    }
    if sheet.write(connection, tip).await? { Ok(()) } else { Err(sqlx::Error::Protocol("somebody wrote without the lock".into())) }
}

/// Whether the server said that it, or the connection, is about to end; then it may have committed before.
fn is_ending(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    code.is_some_and(|code| code.starts_with("57P") || code.starts_with("08") || code.starts_with("XX"))
}

fn failure(error: sqlx::Error) -> Failure {
    let (code, constraint) = match &error {
        sqlx::Error::Database(database) => {
            (database.code().unwrap_or_default().into_owned(), database.constraint().unwrap_or_default().to_owned())
        }
        _ => return Failure::Down(fault(error)),
    };
    match code.as_str() {
        UNIQUE if constraint == "events_event_id_key" => Failure::Refused(JournalError::Malformed("an event id was used before".into())),
        // Text that the database cannot store, such as the character U+0000.
        code if code.starts_with("22") => Failure::Refused(JournalError::Malformed("a value that the database cannot store".into())),
        code if code.starts_with("23") => Failure::Refused(fault(error)),
        _ => Failure::Down(fault(error)),
    }
}
