//! What came out: lines that compare, and bounds to stay under.

pub(crate) mod page;
pub(crate) mod plot;
mod text;

use load::Fault;
use serde::{Deserialize, Serialize};

use crate::compare::Pair;

pub(crate) use text::{number, table};

/// The most memory that a side of ours may take, in MiB.
pub(crate) const MEMORY: f64 = 300.0;

/// Ours beside its peer.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    pub(crate) work: String,
    pub(crate) clients: usize,
    /// What is done in a second.
    pub(crate) unit: String,
    pub(crate) ours: f64,
    pub(crate) peer: f64,
    /// Ours by the peer's: of the medians, and the least and the greatest of a round.
    pub(crate) ratio: f64,
    pub(crate) spread: (f64, f64),
    /// The least ratio that will do, where there is one.
    pub(crate) target: Option<f64>,
}

impl Line {
    pub(crate) fn new(work: impl Into<String>, clients: usize, unit: &str, pair: &Pair, target: Option<f64>) -> Self {
        let (ours, peer) = pair.rates();
        Self { work: work.into(), clients, unit: unit.into(), ours, peer, ratio: ours / peer, spread: pair.spread(), target }
    }

    pub(crate) fn verdict(&self) -> &'static str {
        match self.target {
            None => "",
            Some(target) if self.ratio >= target => "ok",
            Some(_) => "MISSED",
        }
    }
}

/// A figure that has no peer, and where it has to be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bound {
    pub(crate) what: String,
    pub(crate) value: f64,
    pub(crate) limit: Limit,
    pub(crate) unit: String,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

impl Bound {
    /// What a side of ours took, in KiB.
    pub(crate) fn memory(what: impl Into<String>, peak_kib: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "KiB of one process")]
        Self { what: format!("memory: {}", what.into()), value: peak_kib as f64 / 1024.0, limit: Limit::AtMost(MEMORY), unit: "MiB".into() }
    }

    pub(crate) fn verdict(&self) -> &'static str {
        let kept = match self.limit {
            Limit::AtMost(most) => self.value <= most,
            Limit::AtLeast(least) => self.value >= least,
        };
        if kept { "ok" } else { "MISSED" }
    }
}

/// Everything, in the order it was measured.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) lines: Vec<Line>,
    pub(crate) bounds: Vec<Bound>,
    /// Said below the table.
    pub(crate) notes: Vec<String>,
    /// Rows that could not be measured, and why.
    pub(crate) failed: Vec<(String, String)>,
}

impl Report {
    /// Of a row that could not be measured.
    pub(crate) fn failure(row: &str, fault: &Fault) -> Self {
        Self { failed: vec![(row.to_owned(), fault.to_string())], ..Self::default() }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.lines.extend(other.lines);
        self.bounds.extend(other.bounds);
        self.notes.extend(other.notes);
        self.failed.extend(other.failed);
    }

    /// Whether every target was reached and every bound kept.
    pub(crate) fn holds(&self) -> bool {
        self.failed.is_empty() && self.missed().is_empty()
    }

    /// Where a target was not reached, or a bound not kept.
    pub(crate) fn missed(&self) -> Vec<String> {
        let lines = self.lines.iter().filter(|line| line.verdict() == "MISSED");
        let lines = lines.map(|line| format!("{}, {} clients", line.work, line.clients));
        let bounds = self.bounds.iter().filter(|bound| bound.verdict() == "MISSED").map(|bound| bound.what.clone());
        lines.chain(bounds).collect()
    }
}
