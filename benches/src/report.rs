//! What came out: lines that compare, and bounds to stay under.

pub(crate) mod page;
pub(crate) mod plot;
mod text;

use crate::compare::Pair;

pub(crate) use text::{number, table};

/// The most memory that a side of ours may take, in MiB.
pub(crate) const MEMORY: f64 = 300.0;

/// Ours beside its peer.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) work: String,
    pub(crate) clients: usize,
    /// What is done in a second.
    pub(crate) unit: &'static str,
    pub(crate) ours: f64,
    pub(crate) peer: f64,
    /// Ours by the peer's: of the medians, and the least and the greatest of a round.
    pub(crate) ratio: f64,
    pub(crate) spread: (f64, f64),
    /// The least ratio that will do, where there is one.
    pub(crate) target: Option<f64>,
}

impl Line {
    pub(crate) fn new(work: impl Into<String>, clients: usize, unit: &'static str, pair: &Pair, target: Option<f64>) -> Self {
        let (ours, peer) = pair.rates();
        Self { work: work.into(), clients, unit, ours, peer, ratio: ours / peer, spread: pair.spread(), target }
    }

    pub(crate) fn verdict(&self) -> &'static str {
        match self.target {
            None => "",
            Some(target) if self.ratio >= target => "ok",
            Some(_) => "MISSED",
        }
    }
}

/// Something that must not be exceeded.
#[derive(Clone, Debug)]
pub(crate) struct Bound {
    pub(crate) what: String,
    pub(crate) value: f64,
    pub(crate) most: f64,
    pub(crate) unit: &'static str,
}

impl Bound {
    /// What a side of ours took, in KiB.
    pub(crate) fn memory(what: impl Into<String>, peak_kib: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "KiB of one process")]
        Self { what: format!("memory: {}", what.into()), value: peak_kib as f64 / 1024.0, most: MEMORY, unit: "MiB" }
    }

    pub(crate) fn verdict(&self) -> &'static str {
        if self.value <= self.most { "ok" } else { "MISSED" }
    }
}

/// Everything, in the order it was measured.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) lines: Vec<Line>,
    pub(crate) bounds: Vec<Bound>,
    /// Said below the table.
    pub(crate) notes: Vec<String>,
    /// Rows that could not be measured, and why.
    pub(crate) failed: Vec<(String, String)>,
}

impl Report {
    pub(crate) fn add(&mut self, other: Self) {
        self.lines.extend(other.lines);
        self.bounds.extend(other.bounds);
        self.notes.extend(other.notes);
        self.failed.extend(other.failed);
    }

    /// Whether every target was reached and every bound kept.
    pub(crate) fn holds(&self) -> bool {
        let verdicts = self.lines.iter().map(Line::verdict).chain(self.bounds.iter().map(Bound::verdict));
        self.failed.is_empty() && verdicts.into_iter().all(|verdict| verdict != "MISSED")
    }
}
