//! A batch as one statement: its columns are arrays, which grow in the form in which they are sent.

use sqlx::{
    Encode, PgConnection, Postgres, Type,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgTypeInfo, types::Oid},
};

use crate::{
    appender::{
        engine::{EventRow, NewReceiptRow, OneSheet, Sheet},
        known::StreamKey,
    },
    rows::Tip,
};

/// Writes what follows the tip, if that is still the last event and the streams are as assumed; otherwise nothing.
///
/// It looks at what was committed before it began, which may be before it held the lock. Who wrote meanwhile has taken the
/// next position, or the same receipt: then a unique key is violated.
const WRITE: &str = "WITH held AS MATERIALIZED (
    SELECT journal.enter(),
        $1 = coalesce((SELECT max(e.position) FROM events AS e), 0)
        AND ($1 = 0 OR $2 = (SELECT e.hash FROM events AS e WHERE e.position = $1))
        AND NOT EXISTS (
            SELECT FROM unnest($3, $4, $5) AS s (kind, id, sequence)
            WHERE s.sequence <> coalesce(
                (SELECT max(e.sequence) FROM events AS e WHERE e.aggregate_type = s.kind AND e.aggregate_id = s.id), 0)
        ) AS holds
), new_events AS (
    INSERT INTO events (
        position, event_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, recorded_at, hash)
    SELECT
        $1 + e.number, e.event_id::uuid, e.aggregate_type, e.aggregate_id, e.sequence, e.event_type, e.event_version, e.payload, e.metadata,
        e.recorded_at, e.hash
    FROM held, unnest($6, $7, $8, $9, $10, $11, $12, $13, $14, $15) WITH ORDINALITY AS e (
        event_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, recorded_at, hash, number)
    WHERE held.holds
), new_receipts AS (
    INSERT INTO receipts (actor, operation, key, fingerprint, outcome, position, expires_at)
    SELECT r.actor, r.operation, r.key, r.fingerprint, r.outcome, r.position, r.expires_at
    FROM held, unnest($16, $17, $18, $19, $20, $21, $22) AS r (actor, operation, key, fingerprint, outcome, position, expires_at)
    WHERE held.holds
)
SELECT 1 FROM held WHERE holds";

/// Bytes before the elements of an array.
const HEAD: usize = 20;

/// A type of the database: an element's number, and an array's.
#[derive(Clone, Copy)]
struct Kind(u32, u32);

const BYTES: Kind = Kind(17, 1001);
const INTEGER: Kind = Kind(20, 1016);
const TEXT: Kind = Kind(25, 1009);
const JSON: Kind = Kind(114, 199);

/// An array of one dimension.
struct Column {
    kind: Kind,
    count: i32,
    nulls: bool,
    /// Each element after its length.
    elements: Vec<u8>,
}

impl Column {
    const fn of(kind: Kind) -> Self {
        Self { kind, count: 0, nulls: false, elements: Vec::new() }
    }

    fn push(&mut self, element: &[u8]) {
        self.count += 1;
        self.elements.extend_from_slice(&i32::try_from(element.len()).unwrap_or(i32::MAX).to_be_bytes());
        self.elements.extend_from_slice(element);
    }

    fn push_integer(&mut self, element: Option<i64>) {
        if let Some(integer) = element {
            self.push(&integer.to_be_bytes());
        } else {
            self.count += 1;
            self.nulls = true;
            self.elements.extend_from_slice(&(-1_i32).to_be_bytes());
        }
    }
}

impl Type<Postgres> for Column {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(TEXT.1))
    }
}

impl Encode<'_, Postgres> for Column {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        buffer.reserve(HEAD + self.elements.len());
        buffer.extend_from_slice(&1_i32.to_be_bytes());
        buffer.extend_from_slice(&i32::from(self.nulls).to_be_bytes());
        buffer.extend_from_slice(&self.kind.0.to_be_bytes());
        buffer.extend_from_slice(&self.count.to_be_bytes());
        buffer.extend_from_slice(&1_i32.to_be_bytes());
        buffer.extend_from_slice(&self.elements);
        Ok(IsNull::No)
    }

    fn produces(&self) -> Option<PgTypeInfo> {
        Some(PgTypeInfo::with_oid(Oid(self.kind.1)))
    }
}

/// What must hold, and what is to be written.
pub(super) struct Columns {
    streams: [Column; 3],
    events: [Column; 10],
    receipts: [Column; 7],
}

impl Default for Columns {
    fn default() -> Self {
        Self {
            streams: [TEXT, TEXT, INTEGER].map(Column::of),
            events: [TEXT, TEXT, TEXT, INTEGER, TEXT, TEXT, JSON, JSON, INTEGER, BYTES].map(Column::of),
            receipts: [TEXT, TEXT, TEXT, BYTES, TEXT, INTEGER, INTEGER].map(Column::of),
        }
    }
}

impl<'a> Sheet<'a> for Columns {
    fn event(&mut self, EventRow { columns, hash }: EventRow<'a>) {
        let [id, kind, stream, sequence, name, version, payload, metadata, recorded_at, hashes] = &mut self.events;
        id.push(columns.event_id.as_bytes());
        kind.push(columns.aggregate_type.as_bytes());
        stream.push(columns.aggregate_id.as_bytes());
        sequence.push_integer(Some(columns.sequence));
        name.push(columns.event_type.as_bytes());
        version.push(columns.event_version.as_bytes());
        payload.push(columns.payload.as_bytes());
        metadata.push(columns.metadata.as_bytes());
        recorded_at.push_integer(Some(columns.recorded_at));
        hashes.push(&hash);
    }

    fn receipt(&mut self, NewReceiptRow { receipt, position: at }: NewReceiptRow<'a>) {
        let [actor, operation, key, fingerprint, outcome, position, expires_at] = &mut self.receipts;
        actor.push(receipt.actor.as_bytes());
        operation.push(receipt.operation.as_bytes());
        key.push(receipt.key.as_bytes());
        fingerprint.push(&receipt.fingerprint);
        outcome.push(receipt.outcome.to_string().as_bytes());
        position.push_integer(Some(at.0));
        expires_at.push_integer(receipt.expires_at.map(|at| at.timestamp_micros()));
    }
}

impl OneSheet for Columns {
    fn stream(&mut self, (kind, id): StreamKey<'_>, expected: i64) {
        let [kinds, ids, sequences] = &mut self.streams;
        kinds.push(kind.as_bytes());
        ids.push(id.as_bytes());
        sequences.push_integer(Some(expected));
    }
}

impl Columns {
    /// One round trip and one flush; `false`: nothing was written, because not all is as assumed.
    pub(super) async fn write(self, connection: &mut PgConnection, tip: Tip) -> Result<bool, sqlx::Error> {
        let mut query = sqlx::query(WRITE).bind(tip.position).bind(tip.hash.0.to_vec());
        for column in self.streams.into_iter().chain(self.events).chain(self.receipts) {
            query = query.bind(column);
        }
        let written = query.execute(connection).await?;
        Ok(written.rows_affected() == 1)
    }
}
