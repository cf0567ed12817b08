//! The one task that writes: what has queued up becomes one transaction.

use std::{fs::File, slice, time::Duration};

use chrono::Utc;
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use super::{
    batch::{Batch, Evidence},
    open::Opening,
    reader::{TIP, Tip},
    tasks::{Job, Message, Reply},
};
use crate::{JournalError, Position};

/// The most jobs in one transaction.
const BATCH: usize = 256;
/// How often, and how long apart, a lost database is tried again before a commit's outcome is given up.
const RECONNECTS: u32 = 20;
const BETWEEN_RECONNECTS: Duration = Duration::from_millis(250);

pub(super) struct Appender {
    opening: Opening,
    /// Dropped after any error: whatever state it was left in, the next one starts clean.
    connection: Option<SqliteConnection>,
    journal: Uuid,
    /// The last event that is known to be committed.
    tip: Tip,
    head: watch::Sender<Position>,
    lock: File,
}

/// A transaction that has run up to its commit.
struct Written {
    replies: Vec<Reply>,
    tip: Tip,
    evidence: Evidence,
    committed: Result<(), sqlx::Error>,
}

impl Appender {
    pub(super) fn new(
        opening: Opening,
        connection: SqliteConnection,
        journal: Uuid,
        tip: Tip,
        head: watch::Sender<Position>,
        lock: File,
    ) -> Self {
        Self { opening, connection: Some(connection), journal, tip, head, lock }
    }

    /// Until the journal is closed or dropped.
    pub(super) async fn run(mut self, mut queue: mpsc::Receiver<Message>) {
        let mut messages = Vec::with_capacity(BATCH);
        while queue.recv_many(&mut messages, BATCH).await > 0 {
            let mut jobs = Vec::with_capacity(messages.len());
            for message in messages.drain(..) {
                match message {
                    Message::Job(job) => jobs.push(*job),
                    Message::Close => queue.close(),
                }
            }
            if !jobs.is_empty() {
                self.settle(jobs).await;
            }
        }
        self.empty_log().await;
        self.discard().await;
        drop(self.lock);
        // Last: who waits for the journal to close may open it again at once.
        drop(self.head);
    }

    /// Answers every job. If they fail together, each is tried alone, so that only the culprit fails.
    async fn settle(&mut self, jobs: Vec<Job>) {
        #[expect(clippy::cast_precision_loss, reason = "a batch is small")]
        metrics::histogram!("nalabo_journal_batch_size").record(jobs.len() as f64);
        if jobs.len() > 1 {
            match self.commit(&jobs).await {
                Ok(replies) => return jobs.into_iter().zip(replies).for_each(|(job, reply)| answer(job, reply)),
                Err(JournalError::Unknown) => return jobs.into_iter().for_each(|job| answer(job, Err(JournalError::Unknown))),
                Err(error) => tracing::warn!(%error, jobs = jobs.len(), "a batch failed; its appends are tried one by one"),
            }
        }
        for job in jobs {
            let reply = match self.commit(slice::from_ref(&job)).await {
                Ok(mut replies) => replies.pop().unwrap_or(Err(JournalError::Unknown)),
                Err(error) => Err(error),
            };
            answer(job, reply);
        }
    }

    /// One transaction. `Ok`: it is on disk, and these are the answers. `Err`: nothing was written, unless it is `Unknown`.
    async fn commit(&mut self, jobs: &[Job]) -> Result<Vec<Reply>, JournalError> {
        let written = match self.write(jobs).await {
            Ok(written) => written,
            Err(error) => {
                self.discard().await;
                return Err(error);
            }
        };
        self.conclude(written).await
    }

    /// Answers only once it is certain whether the commit took place.
    async fn conclude(&mut self, written: Written) -> Result<Vec<Reply>, JournalError> {
        if let Err(error) = written.committed {
            tracing::warn!(%error, "a commit failed; looking whether it took place");
            self.discard().await;
            if !self.took_place(&written.evidence).await? {
                return Err(self.opening.fault(error));
            }
        }
        self.announce(written.tip);
        Ok(written.replies)
    }

    async fn write(&mut self, jobs: &[Job]) -> Result<Written, JournalError> {
        self.connect().await?;
        let Some(connection) = &mut self.connection else { return Err(JournalError::Closed) };
        let fault = |error| fault(error, &self.opening);
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await.map_err(fault)?;
        let tip = read_tip(&mut transaction).await.map_err(fault)?;
        if tip != self.tip {
            return Err(strange(tip));
        }
        let mut batch = Batch::new(&mut transaction, self.journal, tip, Utc::now());
        let replies = batch.run(jobs).await.map_err(fault)?;
        let (tip, evidence) = batch.finish();
        Ok(Written { replies, tip, evidence, committed: transaction.commit().await })
    }

    /// Opens the database again, if it was given up. What was acknowledged must still be there.
    async fn connect(&mut self) -> Result<(), JournalError> {
        if self.connection.is_none() {
            let mut connection = self.opening.connect().await?;
            let tip = read_tip(&mut connection).await.map_err(|error| fault(error, &self.opening))?;
            if tip.position < self.tip.position {
                return Err(strange(tip));
            }
            self.connection = Some(connection);
        }
        Ok(())
    }

    /// Leaves everything in the database file, so that it can be copied alone. If that fails, the log is read on opening.
    async fn empty_log(&mut self) {
        if let Some(connection) = &mut self.connection
            && let Err(error) = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(connection).await
        {
            tracing::warn!(%error, "the write-ahead log was not emptied");
        }
    }

    async fn discard(&mut self) {
        if let Some(connection) = self.connection.take()
            && let Err(error) = connection.close().await
        {
            tracing::warn!(%error, "a connection did not close cleanly");
        }
    }

    /// Asks the database for what the transaction should have left behind.
    async fn took_place(&mut self, evidence: &Evidence) -> Result<bool, JournalError> {
        for _ in 0..RECONNECTS {
            let found = match self.connect().await {
                Ok(()) => match &mut self.connection {
                    Some(connection) => evidence.found(connection).await.map_err(|error| self.opening.fault(error)),
                    None => Err(JournalError::Closed),
                },
                Err(error) => Err(error),
            };
            match found {
                Ok(found) => return Ok(found),
                Err(error) => tracing::error!(%error, "the outcome of a commit is still not known"),
            }
            self.discard().await;
            tokio::time::sleep(BETWEEN_RECONNECTS).await;
        }
        Err(JournalError::Unknown)
    }

    fn announce(&mut self, tip: Tip) {
        if tip.position > self.tip.position {
            self.tip = tip;
            #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
            metrics::gauge!("nalabo_journal_head").set(tip.position as f64);
            self.head.send_replace(Position(tip.position));
        }
    }
}

fn answer(job: Job, reply: Reply) {
    // The caller may have gone away; the work is done all the same.
    let _ = job.reply.send(reply);
}

async fn read_tip(connection: &mut SqliteConnection) -> Result<Tip, sqlx::Error> {
    Ok(sqlx::query_as(TIP).fetch_optional(connection).await?.unwrap_or_default())
}

/// This process has the lock, so nobody else can have moved the head.
fn strange(tip: Tip) -> JournalError {
    JournalError::Corrupt {
        at: format!("position {}", tip.position),
        what: "something else than this process has written to the database".into(),
    }
}

fn fault(error: sqlx::Error, opening: &Opening) -> JournalError {
    match &error {
        sqlx::Error::Database(database) if database.is_unique_violation() && database.message().contains("events.event_id") => {
            JournalError::Malformed("an event id was used before".into())
        }
        _ => opening.fault(error),
    }
}

#[cfg(test)]
mod tests;
