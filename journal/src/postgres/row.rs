//! How an event lies in a row.

use sqlx::{Row, postgres::PgRow};
use uuid::{Uuid, fmt::Hyphenated};

use crate::{chain::Columns, stored::Stored};

/// Room for an id as text.
pub(super) type Id = [u8; Hyphenated::LENGTH];
pub(super) const NO_ID: Id = [0; Hyphenated::LENGTH];

/// Looks at a row of the journal's columns, in their order. Their types are those of the table, which are not compared again:
/// what is stored as `json` comes byte for byte, and an id as its 16 bytes, which are written out to `id`.
pub(super) fn stored<'r>(row: &'r PgRow, id: &'r mut Id) -> Result<Stored<'r>, sqlx::Error> {
    let bytes: &[u8] = row.try_get_unchecked(1)?;
    let event_id = Uuid::from_slice(bytes).map_err(|error| sqlx::Error::Decode(error.into()))?;
    let columns = Columns {
        position: row.try_get_unchecked(0)?,
        event_id: event_id.hyphenated().encode_lower(id),
        aggregate_type: row.try_get_unchecked(2)?,
        aggregate_id: row.try_get_unchecked(3)?,
        sequence: row.try_get_unchecked(4)?,
        event_type: row.try_get_unchecked(5)?,
        event_version: row.try_get_unchecked(6)?,
        payload: row.try_get_unchecked(7)?,
        metadata: row.try_get_unchecked(8)?,
        recorded_at: row.try_get_unchecked(9)?,
    };
    Ok(Stored { columns, hash: row.try_get_unchecked(10)? })
}
