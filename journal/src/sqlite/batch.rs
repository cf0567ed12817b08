//! Jobs within one transaction: appends are decided in memory and written in bulk.

use chrono::{DateTime, Utc};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{
    insert::{self, ReceiptRow, Row},
    known::Known,
    reader::{Hash, Tip},
    tasks::{Done, Job, Reply, Task},
    upkeep,
};
use crate::{
    Appended, Fence, JournalError, NewReceipt, Position, Receipt,
    chain::Columns,
    prepare::{Prepared, PreparedEvent, PreparedWrite},
};

pub(super) struct Batch<'c> {
    connection: &'c mut SqliteConnection,
    journal: Uuid,
    tip: Tip,
    now: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    evidence: Evidence,
}

/// By what a committed transaction can be told from one that was not.
#[derive(Clone, Debug, Default)]
pub(super) enum Evidence {
    /// Nothing that could not as well be done again.
    #[default]
    None,
    Receipt(Box<NewReceipt>),
    Event {
        id: String,
        hash: Hash,
    },
}

impl Evidence {
    pub(super) async fn found(&self, connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
        let found: Option<Vec<u8>> = match self {
            Self::None => return Ok(false),
            Self::Event { id, .. } => {
                sqlx::query_scalar("SELECT hash FROM events WHERE event_id = ?").bind(id).fetch_optional(connection).await?
            }
            Self::Receipt(receipt) => {
                sqlx::query_scalar("SELECT fingerprint FROM receipts WHERE actor = ? AND operation = ? AND key = ?")
                    .bind(&receipt.actor)
                    .bind(&receipt.operation)
                    .bind(&receipt.key)
                    .fetch_optional(connection)
                    .await?
            }
        };
        Ok(found.is_some_and(|bytes| match self {
            Self::None => false,
            Self::Event { hash, .. } => bytes == hash.0,
            Self::Receipt(receipt) => bytes == receipt.fingerprint,
        }))
    }
}

impl<'c> Batch<'c> {
    pub(super) fn new(connection: &'c mut SqliteConnection, journal: Uuid, tip: Tip, now: DateTime<Utc>) -> Self {
        // Time never goes back, whatever the clock does.
        let recorded_at = DateTime::from_timestamp_micros(now.timestamp_micros().max(tip.recorded_at)).unwrap_or(now);
        Self { connection, journal, tip, now, recorded_at, evidence: Evidence::None }
    }

    pub(super) fn finish(self) -> (Tip, Evidence) {
        (self.tip, self.evidence)
    }

    /// Runs the jobs in order. An error is about all of them; what a single job is refused is in its reply.
    pub(super) async fn run(&mut self, jobs: &[Job]) -> Result<Vec<Reply>, sqlx::Error> {
        let mut replies = Vec::with_capacity(jobs.len());
        for run in jobs.chunk_by(|a, b| matches!((&a.task, &b.task), (Task::Append(_), Task::Append(_)))) {
            let appends: Vec<&Prepared> =
                run.iter().filter_map(|job| if let Task::Append(append) = &job.task { Some(append) } else { None }).collect();
            if !appends.is_empty() {
                replies.extend(self.appends(&appends).await?);
                continue;
            }
            for job in run {
                replies.push(self.other(&job.task).await?);
            }
        }
        Ok(replies)
    }

    async fn other(&mut self, task: &Task) -> Result<Reply, sqlx::Error> {
        let connection = &mut *self.connection;
        let done = match task {
            // Appends come in runs of their own.
            Task::Append(_) => return Err(sqlx::Error::Protocol("an append outside of a run".into())),
            Task::PurgeReceipts { now } => Done::Counted(upkeep::purge_receipts(connection, *now).await?),
            Task::PutContent { digest, bytes } => upkeep::put_content(connection, digest, bytes).await.map(|()| Done::Stored)?,
            Task::Lease { name, holder, ttl } => Done::Leased(upkeep::lease(connection, name, holder, self.now, *ttl).await?),
            Task::Advance(advance) => match upkeep::advance(connection, advance).await? {
                true => Done::Stored,
                false => return Ok(Err(fenced(advance.fence.as_ref()))),
            },
            Task::PutSnapshot(snapshot) => upkeep::put_snapshot(connection, snapshot).await.map(|()| Done::Stored)?,
            Task::PutSignedCheckpoint(signed) => upkeep::put_signed_checkpoint(connection, signed).await.map(|()| Done::Stored)?,
        };
        Ok(Ok(done))
    }

    async fn appends(&mut self, appends: &[&Prepared]) -> Result<Vec<Reply>, sqlx::Error> {
        let mut known = Known::load(self.connection, appends, self.now).await?;
        let mut rows = Vec::new();
        let mut receipts = Vec::new();
        let replies = appends
            .iter()
            .map(|append| {
                known.admit(append)?;
                Ok(self.place(append, &mut known, &mut rows, &mut receipts))
            })
            .collect();
        insert::events(self.connection, &rows).await?;
        insert::receipts(self.connection, &receipts).await?;
        if let Some(last) = rows.last() {
            self.evidence = Evidence::Event { id: last.columns.event_id.to_owned(), hash: Hash(last.hash) };
        } else if let (Evidence::None | Evidence::Receipt(_), Some(last)) = (&self.evidence, receipts.last()) {
            self.evidence = Evidence::Receipt(Box::new(last.receipt.clone()));
        }
        Ok(replies)
    }

    /// Gives an admitted append its positions.
    fn place<'a>(
        &mut self,
        append: &'a Prepared,
        known: &mut Known<'a>,
        rows: &mut Vec<Row<'a>>,
        receipts: &mut Vec<ReceiptRow<'a>>,
    ) -> Done {
        for write in &append.writes {
            for (event, sequence) in write.events.iter().zip(write.expected + 1..) {
                rows.push(self.chain(write, event, sequence));
            }
            known.moved(write);
        }
        let position = Position(self.tip.position);
        if let Some(receipt) = &append.receipt {
            receipts.push(ReceiptRow { receipt, position });
            known.answered(receipt, Receipt { fingerprint: receipt.fingerprint.clone(), outcome: receipt.outcome.clone(), position });
        }
        Done::Appended(Appended { position, recorded_at: self.recorded_at })
    }

    fn chain<'a>(&mut self, write: &'a PreparedWrite, event: &'a PreparedEvent, sequence: i64) -> Row<'a> {
        let columns = Columns {
            position: self.tip.position + 1,
            event_id: &event.id,
            aggregate_type: &write.stream.kind,
            aggregate_id: &write.id,
            sequence,
            event_type: &event.name,
            event_version: &event.version,
            payload: &event.payload,
            metadata: &event.metadata,
            recorded_at: self.recorded_at.timestamp_micros(),
        };
        let hash = columns.hash(self.journal, &self.tip.hash.0);
        self.tip = Tip { position: columns.position, hash: Hash(hash), recorded_at: columns.recorded_at };
        Row { columns, hash }
    }
}

impl<'a> Known<'a> {
    /// Whether the append may be written; that a retry is answered comes before all else.
    fn admit(&mut self, append: &'a Prepared) -> Result<(), JournalError> {
        if let Some(answer) = append.receipt.as_ref().and_then(|receipt| self.answer(receipt)) {
            return answer.and_then(|receipt| Err(JournalError::Receipt(Box::new(receipt))));
        }
        if let Some(fence) = &append.fence
            && self.epoch(&fence.lease) != Some(fence.epoch)
        {
            return Err(fenced(Some(fence)));
        }
        for write in &append.writes {
            let actual = self.sequence(write);
            if actual != write.expected {
                return Err(JournalError::Conflict { stream: write.stream.clone(), expected: write.expected, actual });
            }
        }
        self.claim_ids(append)
    }
}

fn fenced(fence: Option<&Fence>) -> JournalError {
    JournalError::Fenced(fence.map(|fence| fence.lease.clone()).unwrap_or_default())
}
