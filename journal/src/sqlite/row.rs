//! How an event lies in a row.

use sqlx::{Row, sqlite::SqliteRow};

use crate::{chain::Columns, stored::Stored};

/// Looks at a row of the journal's columns, in their order: by number, because looking each up by its name takes longer than the
/// rest.
pub(super) fn stored(row: &SqliteRow) -> Result<Stored<'_>, sqlx::Error> {
    let columns = Columns {
        position: row.try_get(0)?,
        event_id: row.try_get(1)?,
        aggregate_type: row.try_get(2)?,
        aggregate_id: row.try_get(3)?,
        sequence: row.try_get(4)?,
        event_type: row.try_get(5)?,
        event_version: row.try_get(6)?,
        payload: row.try_get(7)?,
        metadata: row.try_get(8)?,
        recorded_at: row.try_get(9)?,
    };
    Ok(Stored { columns, hash: row.try_get(10)? })
}
