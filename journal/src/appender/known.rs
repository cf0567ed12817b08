//! What the database says about the appends of a run, and what the run itself adds to that.

use std::collections::{HashMap, HashSet};

use crate::{
    Fence, JournalError, NewReceipt, Receipt,
    prepare::{Prepared, PreparedWrite},
    rows,
};

/// A stream's kind and id.
pub(crate) type StreamKey<'a> = (&'a str, &'a str);
/// A receipt's actor, operation and key.
pub(crate) type ReceiptKey<'a> = (&'a str, &'a str, &'a str);

/// What appends refer to, each once.
#[derive(Debug, Default)]
pub(crate) struct Asked<'a> {
    pub(crate) streams: Vec<StreamKey<'a>>,
    pub(crate) receipts: Vec<ReceiptKey<'a>>,
    /// The first fence of each lease.
    pub(crate) fences: Vec<&'a Fence>,
}

impl<'a> Asked<'a> {
    pub(crate) fn of(appends: &[&'a Prepared]) -> Self {
        let mut asked = Self::default();
        let (mut streams, mut receipts, mut leases) = (HashSet::new(), HashSet::new(), HashSet::new());
        for append in appends {
            for write in &append.writes {
                if streams.insert(stream_key(write)) {
                    asked.streams.push(stream_key(write));
                }
            }
            asked.receipts.extend(append.receipt.as_ref().map(receipt_key).filter(|key| receipts.insert(*key)));
            asked.fences.extend(append.fence.as_ref().filter(|fence| leases.insert(fence.lease.as_str())));
        }
        asked
    }
}

/// Answers, each with the index of the question; what the database does not know is not there.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) sequences: Vec<(i64, i64)>,
    /// Those that have not expired.
    pub(crate) receipts: Vec<(i64, rows::ReceiptRow)>,
    pub(crate) epochs: Vec<(i64, i64)>,
}

#[derive(Debug, Default)]
pub(super) struct Known<'a> {
    sequences: HashMap<StreamKey<'a>, i64>,
    receipts: HashMap<ReceiptKey<'a>, rows::ReceiptRow>,
    /// Answers given by this very run.
    answers: HashMap<ReceiptKey<'a>, Receipt>,
    epochs: HashMap<&'a str, i64>,
    event_ids: HashSet<&'a str>,
}

impl<'a> Known<'a> {
    pub(super) fn new(asked: &Asked<'a>, facts: Facts) -> Self {
        Self {
            sequences: facts.sequences.into_iter().filter_map(|(index, sequence)| Some((*at(&asked.streams, index)?, sequence))).collect(),
            receipts: facts.receipts.into_iter().filter_map(|(index, row)| Some((*at(&asked.receipts, index)?, row))).collect(),
            epochs: facts.epochs.into_iter().filter_map(|(index, epoch)| Some((at(&asked.fences, index)?.lease.as_str(), epoch))).collect(),
            ..Self::default()
        }
    }

    /// Whether the append may be written.
    pub(super) fn admit(&mut self, append: &'a Prepared) -> Result<(), JournalError> {
        let admitted = append.cut_off().map_or_else(|| self.look_at(append), Err);
        if admitted.is_err() {
            append.was_not_written();
        }
        admitted
    }

    /// That a retry is answered comes before all else.
    fn look_at(&mut self, append: &'a Prepared) -> Result<(), JournalError> {
        if let Some(answer) = append.receipt.as_ref().and_then(|receipt| self.answer(receipt)) {
            return answer.and_then(|receipt| Err(JournalError::Receipt(Box::new(receipt))));
        }
        if let Some(fence) = &append.fence
            && self.epochs.get(fence.lease.as_str()) != Some(&fence.epoch)
        {
            return Err(JournalError::Fenced(fence.lease.clone()));
        }
        for write in &append.writes {
            let actual = self.sequences.get(&stream_key(write)).copied().unwrap_or(0);
            if actual != write.expected {
                return Err(JournalError::Conflict { stream: write.stream.clone(), expected: write.expected, actual });
            }
        }
        self.claim_ids(append)
    }

    /// What the request was answered, before or by this run.
    fn answer(&self, receipt: &NewReceipt) -> Option<Result<Receipt, JournalError>> {
        let key = receipt_key(receipt);
        if let Some(answer) = self.answers.get(&key) {
            return Some(Ok(answer.clone()));
        }
        self.receipts.get(&key).cloned().map(rows::receipt)
    }

    pub(super) fn answered(&mut self, append: &'a Prepared, answer: Receipt) {
        self.answers.extend(append.receipt.as_ref().map(|receipt| (receipt_key(receipt), answer)));
    }

    pub(super) fn moved(&mut self, write: &'a PreparedWrite) {
        if let Some(events) = i64::try_from(write.events.len()).ok().filter(|events| *events > 0) {
            self.sequences.insert(stream_key(write), write.expected + events);
        }
    }

    /// Refuses an id that another append of the run has; those of earlier runs the table refuses.
    fn claim_ids(&mut self, append: &'a Prepared) -> Result<(), JournalError> {
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
