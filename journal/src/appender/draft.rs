//! A transaction that is put together as its appends come, as if everything were as they expect.

use std::{
    collections::{HashMap, HashSet, hash_map::RandomState},
    hash::BuildHasher,
};

use chrono::Utc;
use uuid::Uuid;

use super::{
    BATCH,
    batch::Batch,
    engine::{Engine, Evidence, OneSheet},
    task::{Done, Job, Reply, Task},
};
use crate::{JournalError, StreamId, prepare::Prepared, rows::Tip};

pub(super) struct Draft<E: Engine> {
    journal: Uuid,
    /// What it follows.
    before: Tip,
    batch: Batch,
    sheet: E::Sheet,
    jobs: Vec<Job<E::Upkeep>>,
    replies: Vec<Reply>,
    /// Where the streams are after it.
    sequences: HashMap<StreamId, i64>,
    /// Digests of the ids of its events, and of the keys of its receipts.
    used: HashSet<u64>,
    digests: RandomState,
}

/// A draft that nothing can be added to any more.
pub(super) struct Fair<E: Engine> {
    pub(super) before: Tip,
    pub(super) tip: Tip,
    pub(super) sheet: E::Sheet,
    pub(super) evidence: Evidence,
    pub(super) jobs: Vec<Job<E::Upkeep>>,
    pub(super) replies: Vec<Reply>,
}

impl<E: Engine> Draft<E> {
    pub(super) fn new(journal: Uuid, before: Tip) -> Self {
        Self {
            journal,
            before,
            batch: Batch::new(journal, before, Utc::now()),
            sheet: E::Sheet::default(),
            jobs: Vec::new(),
            replies: Vec::new(),
            sequences: HashMap::new(),
            used: HashSet::new(),
            digests: RandomState::new(),
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.jobs.is_empty()
    }

    pub(super) const fn room(&self) -> usize {
        BATCH - self.jobs.len()
    }

    pub(super) fn into_jobs(self) -> Vec<Job<E::Upkeep>> {
        self.jobs
    }

    /// Takes jobs in up to the first that needs a look at the database; the others are given back.
    pub(super) fn fill(&mut self, jobs: Vec<Job<E::Upkeep>>) -> Vec<Job<E::Upkeep>> {
        let mut jobs = jobs.into_iter();
        while let Some(job) = jobs.next() {
            let Some(reply) = self.reply(&job) else { return std::iter::once(job).chain(jobs).collect() };
            self.jobs.push(job);
            self.replies.push(reply);
        }
        Vec::new()
    }

    /// Takes up the jobs whose callers are still there.
    pub(super) fn finish(mut self) -> Fair<E> {
        let asked = self.jobs.len();
        self.jobs.retain(Job::take);
        if self.jobs.len() < asked {
            // The hashes of all that follow one that is withdrawn are others.
            let mut without = Self { digests: self.digests, ..Self::new(self.journal, self.before) };
            let rest = without.fill(self.jobs);
            debug_assert!(rest.is_empty(), "what fitted in with others fits in without them");
            self = without;
        }
        let evidence = self.evidence();
        let Self { before, batch, sheet, jobs, replies, .. } = self;
        Fair { before, tip: batch.tip(), sheet, evidence, jobs, replies }
    }

    /// What a job is answered once the transaction has taken place; `None`: that is not known.
    fn reply(&mut self, job: &Job<E::Upkeep>) -> Option<Reply> {
        let Task::Append(append) = &job.task else { return None };
        if self.room() == 0 || append.fence.is_some() {
            return None;
        }
        if let Some(refused) = append.cut_off() {
            return Some(Err(refused));
        }
        if self.is_repeated(append) {
            return None;
        }
        if let Some(conflict) = self.conflict(append) {
            append.was_not_written();
            return Some(Err(conflict));
        }
        for write in &append.writes {
            // Where a new stream is written to, the table itself refuses a second first event.
            if !self.sequences.contains_key(&write.stream) && (write.expected > 0 || write.events.is_empty()) {
                self.sheet.stream((&write.stream.kind, &write.id), write.expected);
            }
            let events = i64::try_from(write.events.len()).unwrap_or(i64::MAX);
            self.sequences.insert(write.stream.clone(), write.expected.saturating_add(events));
        }
        self.batch.recorded(Utc::now());
        Some(Ok(Done::Appended(self.batch.place(append, &mut self.sheet))))
    }

    fn conflict(&self, append: &Prepared) -> Option<JournalError> {
        append.writes.iter().find_map(|write| {
            let actual = *self.sequences.get(&write.stream).filter(|actual| **actual != write.expected)?;
            Some(JournalError::Conflict { stream: write.stream.clone(), expected: write.expected, actual })
        })
    }

    /// Whether an id or a key seems to be in the draft already; two may have the same digest.
    fn is_repeated(&mut self, append: &Prepared) -> bool {
        let ids = append.writes.iter().flat_map(|write| &write.events).map(|event| self.digests.hash_one(&event.id));
        let receipt = append.receipt.as_ref();
        let key = receipt.map(|receipt| self.digests.hash_one((&receipt.actor, &receipt.operation, &receipt.key)));
        let digests: Vec<u64> = ids.chain(key).collect();
        digests.into_iter().any(|digest| !self.used.insert(digest))
    }

    fn evidence(&self) -> Evidence {
        let written = || self.jobs.iter().zip(&self.replies).rev().filter(|(_, reply)| reply.is_ok()).filter_map(|(job, _)| job.append());
        let events = || written().filter_map(|append| append.writes.iter().rev().find_map(|write| write.events.last()));
        if let Some(last) = events().next() {
            return Evidence::Event { id: last.id.clone(), hash: self.batch.tip().hash };
        }
        let receipt = written().find_map(|append| append.receipt.clone());
        receipt.map_or(Evidence::None, |receipt| Evidence::Receipt(Box::new(receipt)))
    }
}
