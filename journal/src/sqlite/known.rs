//! What the database says about the appends of a run, and what the run itself adds to that.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, SqliteConnection};

use super::{insert::ROWS, reader::stored_receipt};
use crate::{
    JournalError, NewReceipt, Receipt,
    prepare::{Prepared, PreparedWrite},
};

/// A stream's kind and id.
type StreamKey<'a> = (&'a str, &'a str);
/// A receipt's actor, operation and key.
type ReceiptKey<'a> = (&'a str, &'a str, &'a str);

#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    sequences: HashMap<StreamKey<'a>, i64>,
    receipts: HashMap<ReceiptKey<'a>, (Vec<u8>, String, i64)>,
    /// Answers given by this very run.
    answers: HashMap<ReceiptKey<'a>, Receipt>,
    epochs: HashMap<&'a str, i64>,
    event_ids: HashSet<&'a str>,
}

impl<'a> Known<'a> {
    pub(super) async fn load(connection: &mut SqliteConnection, appends: &[&'a Prepared], now: DateTime<Utc>) -> Result<Self, sqlx::Error> {
        let mut known = Self::default();
        let streams: HashSet<_> = appends.iter().flat_map(|append| &append.writes).map(stream_key).collect();
        known.load_sequences(connection, &Vec::from_iter(streams)).await?;
        let receipts: HashSet<_> = appends.iter().filter_map(|append| append.receipt.as_ref()).map(receipt_key).collect();
        known.load_receipts(connection, &Vec::from_iter(receipts), now).await?;
        let leases: HashSet<_> = appends.iter().filter_map(|append| append.fence.as_ref()).map(|fence| fence.lease.as_str()).collect();
        for lease in leases {
            let epoch = sqlx::query_scalar("SELECT epoch FROM leases WHERE name = ?").bind(lease);
            known.epochs.extend(epoch.fetch_optional(&mut *connection).await?.map(|epoch| (lease, epoch)));
        }
        Ok(known)
    }

    async fn load_sequences(&mut self, connection: &mut SqliteConnection, streams: &[StreamKey<'a>]) -> Result<(), sqlx::Error> {
        for streams in streams.chunks(ROWS) {
            let mut query = QueryBuilder::new(
                "SELECT v.column1, (SELECT max(sequence) FROM events WHERE aggregate_type = v.column2 AND aggregate_id = v.column3) FROM (",
            );
            query.push_values(streams.iter().zip(0_i64..), |mut row, ((kind, id), index)| {
                row.push_bind(index).push_bind(*kind).push_bind(*id);
            });
            let rows = query.push(") AS v").build_query_as::<(i64, Option<i64>)>().fetch_all(&mut *connection).await?;
            let sequences = rows.into_iter().filter_map(|(index, sequence)| Some((*at(streams, index)?, sequence?)));
            self.sequences.extend(sequences);
        }
        Ok(())
    }

    async fn load_receipts(
        &mut self,
        connection: &mut SqliteConnection,
        receipts: &[ReceiptKey<'a>],
        now: DateTime<Utc>,
    ) -> Result<(), sqlx::Error> {
        for receipts in receipts.chunks(ROWS) {
            let mut query = QueryBuilder::new("SELECT v.column1, r.fingerprint, r.outcome, r.position FROM (");
            query.push_values(receipts.iter().zip(0_i64..), |mut row, ((actor, operation, key), index)| {
                row.push_bind(index).push_bind(*actor).push_bind(*operation).push_bind(*key);
            });
            query.push(
                ") AS v CROSS JOIN receipts AS r ON r.actor = v.column2 AND r.operation = v.column3 AND r.key = v.column4
                 WHERE r.expires_at IS NULL OR r.expires_at > ",
            );
            query.push_bind(now.timestamp_micros());
            let rows = query.build_query_as::<(i64, Vec<u8>, String, i64)>().fetch_all(&mut *connection).await?;
            let found = rows
                .into_iter()
                .filter_map(|(index, fingerprint, outcome, position)| Some((*at(receipts, index)?, (fingerprint, outcome, position))));
            self.receipts.extend(found);
        }
        Ok(())
    }

    /// What the request was answered, before or by this run.
    pub(super) fn answer(&self, receipt: &NewReceipt) -> Option<Result<Receipt, JournalError>> {
        let key = receipt_key(receipt);
        if let Some(answer) = self.answers.get(&key) {
            return Some(Ok(answer.clone()));
        }
        let (fingerprint, outcome, position) = self.receipts.get(&key)?;
        Some(stored_receipt(fingerprint.clone(), outcome, *position))
    }

    pub(super) fn answered(&mut self, receipt: &'a NewReceipt, answer: Receipt) {
        self.answers.insert(receipt_key(receipt), answer);
    }

    pub(super) fn epoch(&self, lease: &str) -> Option<i64> {
        self.epochs.get(lease).copied()
    }

    pub(super) fn sequence(&self, write: &PreparedWrite) -> i64 {
        self.sequences.get(&stream_key(write)).copied().unwrap_or(0)
    }

    pub(super) fn moved(&mut self, write: &'a PreparedWrite) {
        if let Some(events) = i64::try_from(write.events.len()).ok().filter(|events| *events > 0) {
            self.sequences.insert(stream_key(write), write.expected + events);
        }
    }

    /// Refuses an id that another append of the run has; those of earlier runs the table refuses.
    pub(super) fn claim_ids(&mut self, append: &'a Prepared) -> Result<(), JournalError> {
        let ids = || append.writes.iter().flat_map(|write| &write.events).map(|event| event.id.as_str());
        if let Some(twice) = ids().find(|id| self.event_ids.contains(id)) {
            return Err(JournalError::Malformed(format!("event id {twice} was used before")));
        }
        self.event_ids.extend(ids());
        Ok(())
    }
}

fn stream_key(write: &PreparedWrite) -> StreamKey<'_> {
    (&write.stream.kind, &write.id)
}

fn receipt_key(receipt: &NewReceipt) -> ReceiptKey<'_> {
    (&receipt.actor, &receipt.operation, &receipt.key)
}

fn at<T>(items: &[T], index: i64) -> Option<&T> {
    items.get(usize::try_from(index).ok()?)
}
