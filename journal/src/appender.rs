//! The one task that writes: what has queued up becomes one transaction. Engines differ in their statements only.

pub(crate) mod batch;
mod draft;
pub(crate) mod engine;
mod flight;
pub(crate) mod known;
pub(crate) mod task;

use std::time::{Duration, Instant};

use chrono::Utc;
use tokio::sync::{mpsc, watch};
use uuid::Uuid;

use self::{
    batch::Batch,
    engine::{Engine, Evidence, Failure},
    task::{Job, Message, Reply},
};
use crate::{JournalError, Position, rows::Tip};

/// The most jobs in one transaction.
const BATCH: usize = 1024;
/// How long the outcome of a commit is looked for before it is given up, and how long between two looks.
const UNDECIDED: Duration = Duration::from_secs(3);
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);
/// How long a write may take from being asked for to its answer, if the engine is in time with everything else.
pub(crate) const WRITE_LIMIT: Duration = Duration::from_millis(1900);
const LEAST_LIMIT: Duration = Duration::from_millis(500);

pub(crate) struct Appender<E: Engine> {
    pub(crate) engine: E,
    journal: Uuid,
    /// The last event that is known to be committed.
    tip: Tip,
    /// Others have written since, so that it is of no use to assume the tip.
    overtaken: bool,
    head: watch::Sender<Position>,
}

/// A transaction that has run up to its commit.
pub(crate) struct Written {
    pub(crate) replies: Vec<Reply>,
    pub(crate) tip: Tip,
    pub(crate) evidence: Evidence,
    pub(crate) committed: Result<(), Failure>,
}

/// Why jobs were not done.
pub(crate) enum Undone {
    Failed(Failure),
    Unknown,
}

impl<E: Engine> Appender<E> {
    pub(crate) fn new(engine: E, journal: Uuid, tip: Tip, head: watch::Sender<Position>) -> Self {
        Self { engine, journal, tip, overtaken: false, head }
    }

    /// Until the journal is closed or dropped.
    pub(crate) async fn run(mut self, mut queue: mpsc::Receiver<Message<E::Upkeep>>) {
        let mut waiting = Vec::new();
        while !waiting.is_empty() || receive(&mut queue, BATCH, &mut waiting).await {
            let mut jobs = std::mem::take(&mut waiting);
            if E::AT_ONCE && !self.overtaken {
                waiting = self.fly(jobs, &mut queue).await;
            } else {
                jobs.retain(Job::take);
                self.settle(jobs).await;
            }
        }
        self.engine.finish().await;
        // Last: who waits for the journal to close may open it again at once.
        drop(self.head);
    }

    /// Answers every job. If the database refuses one of them, halves are tried, so that only the culprit fails.
    pub(crate) async fn settle(&mut self, jobs: Vec<Job<E::Upkeep>>) {
        if jobs.is_empty() {
            return;
        }
        #[expect(clippy::cast_precision_loss, reason = "a batch is small")]
        metrics::histogram!("nalabo_journal_batch_size").record(jobs.len() as f64);
        let mut left = vec![jobs];
        while let Some(mut jobs) = left.pop() {
            match self.commit(&jobs).await {
                Ok(replies) => jobs.into_iter().zip(replies).for_each(|(job, reply)| answer(job, reply)),
                Err(Undone::Unknown) => jobs.into_iter().for_each(|job| answer(job, Err(JournalError::Unknown))),
                Err(Undone::Failed(Failure::Refused(error))) if jobs.len() > 1 => {
                    tracing::warn!(%error, jobs = jobs.len(), "a batch was refused; its halves are tried");
                    let second = jobs.split_off(jobs.len() / 2);
                    left.extend([second, jobs]);
                }
                Err(Undone::Failed(Failure::Refused(error) | Failure::Down(error))) => tell(jobs, error),
            }
        }
    }

    /// One transaction. `Ok`: it is on disk, and these are the answers. `Err`: nothing was written, unless it is `Unknown`.
    async fn commit(&mut self, jobs: &[Job<E::Upkeep>]) -> Result<Vec<Reply>, Undone> {
        match self.write(jobs).await {
            Ok(written) => self.conclude(written).await,
            Err(failure) => {
                self.engine.discard().await;
                Err(Undone::Failed(failure))
            }
        }
    }

    /// Answers only once it is certain whether the commit took place.
    pub(crate) async fn conclude(&mut self, written: Written) -> Result<Vec<Reply>, Undone> {
        if let Err(failure) = written.committed {
            let (Failure::Refused(error) | Failure::Down(error)) = &failure;
            tracing::warn!(%error, "a commit failed; looking whether it took place");
            self.engine.discard().await;
            if !self.took_place(&written.evidence).await? {
                return Err(Undone::Failed(failure));
            }
        }
        self.announce(written.tip);
        Ok(written.replies)
    }

    pub(crate) async fn write(&mut self, jobs: &[Job<E::Upkeep>]) -> Result<Written, Failure> {
        let until = until(jobs);
        let tip = self.engine.begin(self.tip, until).await?;
        self.overtaken = tip != self.tip;
        let mut batch = Batch::new(self.journal, tip, Utc::now());
        let replies = batch.run(&mut self.engine, jobs).await?;
        let (tip, evidence) = batch.finish();
        Ok(Written { replies, tip, evidence, committed: self.engine.commit().await })
    }

    /// Asks the database for what the transaction should have left behind.
    async fn took_place(&mut self, evidence: &Evidence) -> Result<bool, Undone> {
        let begun = Instant::now();
        loop {
            match self.engine.found(evidence, self.tip).await {
                Ok(found) => return Ok(found),
                Err(error) => tracing::error!(%error, "the outcome of a commit is still not known"),
            }
            self.engine.discard().await;
            if begun.elapsed() > UNDECIDED {
                return Err(Undone::Unknown);
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
    }

    fn announce(&mut self, tip: Tip) {
        if tip.position > self.tip.position {
            self.tip = tip;
            advance_head(&self.head, Position(tip.position));
        }
    }
}

/// When the jobs must have been written; the halves of a batch that was refused get their time too.
fn until<U>(jobs: &[Job<U>]) -> Instant {
    let since = jobs.iter().map(|job| job.since).min().unwrap_or_else(Instant::now);
    (since + WRITE_LIMIT).max(Instant::now() + LEAST_LIMIT)
}

/// Waits for jobs; `false`: there will be none.
async fn receive<U>(queue: &mut mpsc::Receiver<Message<U>>, most: usize, jobs: &mut Vec<Job<U>>) -> bool {
    let mut messages = Vec::new();
    if queue.recv_many(&mut messages, most).await == 0 {
        return false;
    }
    for message in messages {
        match message {
            Message::Job(job) => jobs.push(*job),
            Message::Close => queue.close(),
        }
    }
    true
}

/// The head never goes back, whoever reports it.
pub(crate) fn advance_head(head: &watch::Sender<Position>, to: Position) {
    let moved = head.send_if_modified(|head| {
        let ahead = to > *head;
        *head = to.max(*head);
        ahead
    });
    if moved {
        #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 events")]
        metrics::gauge!("nalabo_journal_head").set(to.0 as f64);
    }
}

/// The same to all.
fn tell<U>(jobs: Vec<Job<U>>, error: JournalError) {
    let mut jobs = jobs.into_iter();
    let first = jobs.next();
    for job in jobs {
        answer(job, Err(error.same()));
    }
    if let Some(first) = first {
        answer(first, Err(error));
    }
}

fn answer<U>(job: Job<U>, reply: Reply) {
    if let (Err(_), Some(append)) = (&reply, job.append()) {
        append.was_not_written();
    }
    // The caller may have gone away; the work is done all the same.
    let _ = job.reply.send(reply);
}
