//! Jobs within one transaction: appends are decided in memory and written in bulk.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{
    engine::{Engine, EventRow, Evidence, Failure, NewReceiptRow, Rows, Sheet},
    known::{Asked, Known},
    task::{Done, Job, Reply, Task},
};
use crate::{
    Appended, NewReceipt, Position, Receipt,
    chain::Columns,
    prepare::{Prepared, PreparedEvent, PreparedWrite},
    rows::{Hash, Tip},
};

#[derive(Debug)]
pub(crate) struct Batch {
    journal: Uuid,
    tip: Tip,
    now: DateTime<Utc>,
    recorded_at: DateTime<Utc>,
    evidence: Evidence,
}

impl Batch {
    pub(crate) fn new(journal: Uuid, tip: Tip, now: DateTime<Utc>) -> Self {
        let mut batch = Self { journal, tip, now, recorded_at: now, evidence: Evidence::None };
        batch.recorded(now);
        batch
    }

    pub(super) const fn tip(&self) -> Tip {
        self.tip
    }

    pub(crate) fn finish(self) -> (Tip, Evidence) {
        (self.tip, self.evidence)
    }

    /// Runs the jobs in order. An error is about all of them; what a single job is refused is in its reply.
    pub(crate) async fn run<E: Engine>(&mut self, engine: &mut E, jobs: &[Job<E::Upkeep>]) -> Result<Vec<Reply>, Failure> {
        let mut replies = Vec::with_capacity(jobs.len());
        for run in jobs.chunk_by(|a, b| matches!((&a.task, &b.task), (Task::Append(_), Task::Append(_)))) {
            let appends = appends(run);
            if !appends.is_empty() {
                replies.extend(self.appends(engine, &appends).await?);
            }
            for job in run {
                if let Task::Upkeep(task) = &job.task {
                    replies.push(engine.upkeep(task, self.now).await?);
                }
            }
        }
        Ok(replies)
    }

    async fn appends<E: Engine>(&mut self, engine: &mut E, appends: &[&Prepared]) -> Result<Vec<Reply>, Failure> {
        let asked = Asked::of(appends);
        let mut known = Known::new(&asked, engine.look_up(&asked, self.now).await?);
        let tip = self.tip;
        let (replies, rows) = self.place_all(appends, &mut known);
        engine.insert(tip, &rows, self.now).await?;
        Ok(replies)
    }

    /// Gives the appends that are admitted their places.
    fn place_all<'a>(&mut self, appends: &[&'a Prepared], known: &mut Known<'a>) -> (Vec<Reply>, Rows<'a>) {
        let mut rows = Rows::default();
        let replies = appends
            .iter()
            .map(|append| {
                known.admit(append)?;
                let appended = self.place(append, &mut rows);
                for write in &append.writes {
                    known.moved(write);
                }
                if let Some(NewReceipt { fingerprint, outcome, .. }) = &append.receipt {
                    let answer = Receipt { fingerprint: fingerprint.clone(), outcome: outcome.clone(), position: appended.position };
                    known.answered(append, answer);
                }
                Ok(Done::Appended(appended))
            })
            .collect();
        if let Some(last) = rows.events.last() {
            self.evidence = Evidence::Event { id: last.columns.event_id.to_owned(), hash: Hash(last.hash) };
        } else if let (Evidence::None | Evidence::Receipt(_), Some(last)) = (&self.evidence, rows.receipts.last()) {
            self.evidence = Evidence::Receipt(Box::new(last.receipt.clone()));
        }
        (replies, rows)
    }

    /// What comes from now on was recorded now.
    pub(super) fn recorded(&mut self, now: DateTime<Utc>) {
        // Time never goes back, whatever the clock does.
        self.recorded_at = DateTime::from_timestamp_micros(now.timestamp_micros().max(self.tip.recorded_at)).unwrap_or(now);
    }

    /// Gives an append the next place.
    pub(super) fn place<'a>(&mut self, append: &'a Prepared, rows: &mut impl Sheet<'a>) -> Appended {
        for write in &append.writes {
            for (event, sequence) in write.events.iter().zip(write.expected + 1..) {
                rows.event(self.chain(write, event, sequence));
            }
        }
        let position = Position(self.tip.position);
        if let Some(receipt) = &append.receipt {
            rows.receipt(NewReceiptRow { receipt, position });
        }
        Appended { position, recorded_at: self.recorded_at }
    }

    fn chain<'a>(&mut self, write: &'a PreparedWrite, event: &'a PreparedEvent, sequence: i64) -> EventRow<'a> {
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
        EventRow { columns, hash }
    }
}

fn appends<U>(jobs: &[Job<U>]) -> Vec<&Prepared> {
    jobs.iter().filter_map(Job::append).collect()
}
