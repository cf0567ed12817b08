//! Rows in bulk.

use sqlx::{QueryBuilder, SqliteConnection};

use crate::{NewReceipt, Position, chain::Columns, stored::COLUMNS};

/// Rows per statement. Each number of rows is a statement of its own in the connection's cache.
pub(super) const ROWS: usize = 64;

/// A row of `events`.
pub(super) struct Row<'a> {
    pub(super) columns: Columns<'a>,
    pub(super) hash: [u8; 32],
}

/// A row of `receipts`.
pub(super) struct ReceiptRow<'a> {
    pub(super) receipt: &'a NewReceipt,
    pub(super) position: Position,
}

pub(super) async fn events(connection: &mut SqliteConnection, rows: &[Row<'_>]) -> Result<(), sqlx::Error> {
    for rows in rows.chunks(ROWS) {
        let mut insert = QueryBuilder::new(format!("INSERT INTO events ({COLUMNS}) "));
        insert.push_values(rows, |mut values, Row { columns, hash }| {
            values
                .push_bind(columns.position)
                .push_bind(columns.event_id)
                .push_bind(columns.aggregate_type)
                .push_bind(columns.aggregate_id)
                .push_bind(columns.sequence)
                .push_bind(columns.event_type)
                .push_bind(columns.event_version)
                .push_bind(columns.payload)
                .push_bind(columns.metadata)
                .push_bind(columns.recorded_at)
                .push_bind(hash.as_slice());
        });
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}

pub(super) async fn receipts(connection: &mut SqliteConnection, rows: &[ReceiptRow<'_>]) -> Result<(), sqlx::Error> {
    for rows in rows.chunks(ROWS) {
        let mut insert = QueryBuilder::new("INSERT INTO receipts (actor, operation, key, fingerprint, outcome, position, expires_at) ");
        insert.push_values(rows, |mut values, ReceiptRow { receipt, position }| {
            values
                .push_bind(&receipt.actor)
                .push_bind(&receipt.operation)
                .push_bind(&receipt.key)
                .push_bind(&receipt.fingerprint)
                .push_bind(receipt.outcome.to_string())
                .push_bind(position.0)
                .push_bind(receipt.expires_at.map(|at| at.timestamp_micros()));
        });
        // A row that is there has expired, or the append would not have come this far.
        insert.push(
            " ON CONFLICT (actor, operation, key) DO UPDATE SET fingerprint = excluded.fingerprint, outcome = excluded.outcome, \
             position = excluded.position, expires_at = excluded.expires_at",
        );
        insert.build().execute(&mut *connection).await?;
    }
    Ok(())
}
