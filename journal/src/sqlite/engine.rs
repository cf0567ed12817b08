//! The appender's statements on `SQLite`.

use std::{fs::File, time::Instant};

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Connection, QueryBuilder, SqliteConnection};

use super::{
    open::Opening,
    upkeep::{self, Upkeep},
};
use crate::{
    JournalError,
    appender::{
        engine::{Attempt, Engine, EventRow, Evidence, Failure, NewReceiptRow, OneSheet, Rows, Sheet},
        known::{Asked, Facts, StreamKey},
        task::Reply,
    },
    rows::{TIP, Tip},
    stored::COLUMNS,
};

/// Rows per statement. Each number of rows is a statement of its own in the connection's cache.
const ROWS: usize = 64;

pub(super) struct SqliteEngine {
    opening: Opening,
    connection: Option<SqliteConnection>,
    lock: File,
}

impl SqliteEngine {
    pub(super) fn new(opening: Opening, connection: SqliteConnection, lock: File) -> Self {
        Self { opening, connection: Some(connection), lock }
    }

    /// Opens the database again, if it was given up. What was acknowledged must still be there.
    pub(super) async fn connect(&mut self, last: Tip) -> Result<&mut SqliteConnection, JournalError> {
        if self.connection.is_none() {
            let mut connection = self.opening.connect().await?;
            let tip = read_tip(&mut connection).await.map_err(|error| self.opening.fault(error))?;
            if tip.position < last.position {
                return Err(strange(tip));
            }
            self.connection = Some(connection);
        }
        self.connection.as_mut().ok_or(JournalError::Closed)
    }

    fn open(&mut self) -> Result<&mut SqliteConnection, Failure> {
        self.connection.as_mut().ok_or(Failure::Down(JournalError::Closed))
    }

    fn failure(&self, error: sqlx::Error) -> Failure {
        match &error {
            sqlx::Error::Database(database) if database.is_unique_violation() && database.message().contains("events.event_id") => {
                Failure::Refused(JournalError::Malformed("an event id was used before".into()))
            }
            sqlx::Error::Database(database) if refusal(&**database) => Failure::Refused(self.opening.fault(error)),
            _ => Failure::Down(self.opening.fault(error)),
        }
    }

    /// Leaves everything in the database file, so that it can be copied alone. If that fails, the log is read on opening.
    async fn empty_log(&mut self) {
        if let Some(connection) = &mut self.connection
            && let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(connection).await
        {
            tracing::warn!(%error, "the write-ahead log was not emptied");
        }
    }
}

/// Transactions are never written at once: each statement is a call into the library, and no message.
#[derive(Default)]
pub(super) struct Nothing;

impl<'a> Sheet<'a> for Nothing {
    fn event(&mut self, _: EventRow<'a>) {}
    fn receipt(&mut self, _: NewReceiptRow<'a>) {}
}

impl OneSheet for Nothing {
    fn stream(&mut self, _: StreamKey<'_>, _: i64) {}
}

impl Engine for SqliteEngine {
    type Upkeep = Upkeep;
    type Sheet = Nothing;
    const AT_ONCE: bool = false;

    async fn begin(&mut self, last: Tip, _until: Instant) -> Result<Tip, Failure> {
        let connection = self.connect(last).await.map_err(Failure::Down)?;
        let begun = async {
            sqlx::query("BEGIN IMMEDIATE").execute(&mut *connection).await?;
            read_tip(connection).await
        };
        let tip = begun.await.map_err(|error| self.failure(error))?;
        if tip == last { Ok(tip) } else { Err(Failure::Down(strange(tip))) }
    }

    async fn look_up(&mut self, asked: &Asked<'_>, now: DateTime<Utc>) -> Result<Facts, Failure> {
        let connection = self.open()?;
        let facts = async {
            let mut facts = Facts::default();
            look_up_sequences(connection, asked, &mut facts).await?;
            look_up_receipts(connection, asked, now, &mut facts).await?;
            for (fence, index) in asked.fences.iter().zip(0..) {
                let epoch: Option<i64> = sqlx::query_scalar("SELECT epoch FROM leases WHERE name = ?")
                    .bind(&fence.lease)
                    .fetch_optional(&mut *connection)
                    .await?;
                facts.epochs.extend(epoch.map(|epoch| (index, epoch)));
            }
            Ok(facts)
        };
        facts.await.map_err(|error| self.failure(error))
    }

    async fn insert(&mut self, _tip: Tip, rows: &Rows<'_>, _now: DateTime<Utc>) -> Result<(), Failure> {
        let connection = self.open()?;
        let inserted = async {
            insert_events(connection, rows).await?;
            insert_receipts(connection, rows).await
        };
        inserted.await.map_err(|error| self.failure(error))
    }

    async fn upkeep(&mut self, task: &Upkeep, now: DateTime<Utc>) -> Result<Reply, Failure> {
        let done = upkeep::run(self.open()?, task, now).await;
        done.map_err(|error| self.failure(error))
    }

    async fn commit(&mut self) -> Result<(), Failure> {
        let committed = sqlx::query("COMMIT").execute(self.open()?).await;
        committed.map(drop).map_err(|error| self.failure(error))
    }

    async fn attempt(&mut self, _: Tip, _: Nothing, _: Instant) -> Result<Attempt, Failure> {
        Ok(Attempt::Stale)
    }

    async fn found(&mut self, evidence: &Evidence, last: Tip) -> Result<bool, JournalError> {
        let connection = self.connect(last).await?;
        let stored: Result<Option<Vec<u8>>, sqlx::Error> = match evidence {
            Evidence::None => return Ok(false),
            Evidence::Event { id, .. } => {
                sqlx::query_scalar("SELECT hash FROM events WHERE event_id = ?").bind(id).fetch_optional(connection).await
            }
            Evidence::Receipt(receipt) => {
                sqlx::query_scalar("SELECT fingerprint FROM receipts WHERE actor = ? AND operation = ? AND key = ?")
                    .bind(&receipt.actor)
                    .bind(&receipt.operation)
                    .bind(&receipt.key)
                    .fetch_optional(connection)
                    .await
            }
        };
        Ok(evidence.is(stored.map_err(|error| self.opening.fault(error))?.as_deref()))
    }

    async fn discard(&mut self) {
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "a connection did not close cleanly");
        }
    }

    async fn finish(mut self) {
        self.empty_log().await;
        self.discard().await;
        drop(self.lock);
    }
}

async fn read_tip(connection: &mut SqliteConnection) -> Result<Tip, sqlx::Error> {
    Ok(sqlx::query_as(TIP).fetch_optional(connection).await?.unwrap_or_default())
}

/// A violated constraint, or a value that is too large.
fn refusal(error: &dyn sqlx::error::DatabaseError) -> bool {
    matches!(crate::database::primary_code(error), Some(18 | 19))
}

/// This process has the lock, so nobody else can have moved the head.
fn strange(tip: Tip) -> JournalError {
    JournalError::Corrupt {
        at: format!("position {}", tip.position),
        what: "something else than this process has written to the database".into(),
    }
}

async fn look_up_sequences(connection: &mut SqliteConnection, asked: &Asked<'_>, facts: &mut Facts) -> Result<(), sqlx::Error> {
    for (streams, first) in asked.streams.chunks(ROWS).zip((0_i64..).step_by(ROWS)) {
        let mut query = QueryBuilder::new(
            "SELECT v.column1, (SELECT max(sequence) FROM events WHERE aggregate_type = v.column2 AND aggregate_id = v.column3) FROM (",
        );
        query.push_values(streams.iter().zip(first..), |mut row, ((kind, id), index)| {
            row.push_bind(index).push_bind(*kind).push_bind(*id);
        });
        let rows = query.push(") AS v").build_query_as::<(i64, Option<i64>)>().fetch_all(&mut *connection).await?;
        facts.sequences.extend(rows.into_iter().filter_map(|(index, sequence)| Some((index, sequence?))));
    }
    Ok(())
}

async fn look_up_receipts(
    connection: &mut SqliteConnection,
    asked: &Asked<'_>,
    now: DateTime<Utc>,
    facts: &mut Facts,
) -> Result<(), sqlx::Error> {
    for (receipts, first) in asked.receipts.chunks(ROWS).zip((0_i64..).step_by(ROWS)) {
        let mut query = QueryBuilder::new("SELECT v.column1, r.fingerprint, r.outcome, r.position FROM (");
        query.push_values(receipts.iter().zip(first..), |mut row, ((actor, operation, key), index)| {
            row.push_bind(index).push_bind(*actor).push_bind(*operation).push_bind(*key);
        });
        query.push(
            ") AS v CROSS JOIN receipts AS r ON r.actor = v.column2 AND r.operation = v.column3 AND r.key = v.column4
             WHERE r.expires_at IS NULL OR r.expires_at > ",
        );
        query.push_bind(now.timestamp_micros());
        let rows = query.build_query_as::<(i64, Vec<u8>, String, i64)>().fetch_all(&mut *connection).await?;
        let found = rows.into_iter().map(|(index, fingerprint, outcome, position)| (index, (fingerprint, outcome, position)));
        facts.receipts.extend(found);
    }
    Ok(())
}

pub(super) async fn insert_events(connection: &mut SqliteConnection, rows: &Rows<'_>) -> Result<(), sqlx::Error> {
    for rows in rows.events.chunks(ROWS) {
        let sql = format!("INSERT INTO events ({COLUMNS}) VALUES {}", placeholders(rows.len(), 11));
        let mut insert = sqlx::query(AssertSqlSafe(sql));
        for row in rows {
            let columns = &row.columns;
            insert = insert
                .bind(columns.position)
                .bind(columns.event_id)
                .bind(columns.aggregate_type)
                .bind(columns.aggregate_id)
                .bind(columns.sequence)
                .bind(columns.event_type)
                .bind(columns.event_version)
                .bind(columns.payload)
                .bind(columns.metadata)
                .bind(columns.recorded_at)
                .bind(row.hash.as_slice());
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

async fn insert_receipts(connection: &mut SqliteConnection, rows: &Rows<'_>) -> Result<(), sqlx::Error> {
    for rows in rows.receipts.chunks(ROWS) {
        // A row that is there has expired, or the append would not have come this far.
        let sql = format!(
            "INSERT INTO receipts (actor, operation, key, fingerprint, outcome, position, expires_at) VALUES {}
             ON CONFLICT (actor, operation, key) DO UPDATE SET fingerprint = excluded.fingerprint, outcome = excluded.outcome,
             position = excluded.position, expires_at = excluded.expires_at",
            placeholders(rows.len(), 7)
        );
        let mut insert = sqlx::query(AssertSqlSafe(sql));
        for row in rows {
            let receipt = row.receipt;
            insert = insert
                .bind(&receipt.actor)
                .bind(&receipt.operation)
                .bind(&receipt.key)
                .bind(&receipt.fingerprint)
                .bind(receipt.outcome.to_string())
                .bind(row.position.0)
                .bind(receipt.expires_at.map(|at| at.timestamp_micros()));
        }
        insert.execute(&mut *connection).await?;
    }
    Ok(())
}

fn placeholders(rows: usize, columns: usize) -> String {
    let row = format!("({})", vec!["?"; columns].join(","));
    vec![row.as_str(); rows].join(",")
}
