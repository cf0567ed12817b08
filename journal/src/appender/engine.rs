//! What the appender needs of an engine: statements.

use std::{fmt::Debug, future::Future, time::Instant};

use chrono::{DateTime, Utc};

use super::{
    known::{Asked, Facts, StreamKey},
    task::Reply,
};
use crate::{
    JournalError, NewReceipt, Position,
    chain::Columns,
    rows::{Hash, Tip},
};

/// Why a transaction did not take place.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The database would not have something that one of the jobs brought.
    Refused(JournalError),
    /// No job is to blame.
    Down(JournalError),
}

/// What became of writing everything in one go.
pub(crate) enum Attempt {
    /// What was assumed does not hold; nothing was written.
    Stale,
    /// It was sent; the error is one after which the outcome is open.
    Sent(Result<(), Failure>),
}

/// A row of `events`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EventRow<'a> {
    pub(crate) columns: Columns<'a>,
    pub(crate) hash: [u8; 32],
}

/// A row of `receipts`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewReceiptRow<'a> {
    pub(crate) receipt: &'a NewReceipt,
    pub(crate) position: Position,
}

/// What a run of appends adds to the tables.
#[derive(Debug, Default)]
pub(crate) struct Rows<'a> {
    pub(crate) events: Vec<EventRow<'a>>,
    pub(crate) receipts: Vec<NewReceiptRow<'a>>,
}

/// Where rows of new appends go, in their order.
pub(crate) trait Sheet<'a> {
    fn event(&mut self, row: EventRow<'a>);
    fn receipt(&mut self, row: NewReceiptRow<'a>);
}

impl<'a> Sheet<'a> for Rows<'a> {
    fn event(&mut self, row: EventRow<'a>) {
        self.events.push(row);
    }

    fn receipt(&mut self, row: NewReceiptRow<'a>) {
        self.receipts.push(row);
    }
}

/// A whole transaction on one sheet: what is to be written, and what must hold for it.
pub(crate) trait OneSheet: for<'a> Sheet<'a> + Default + Send + 'static {
    /// The sequence of a stream's last event.
    fn stream(&mut self, key: StreamKey<'_>, expected: i64);
}

/// By what a committed transaction can be told from one that was not.
#[derive(Clone, Debug, Default)]
pub(crate) enum Evidence {
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
    /// Whether the stored bytes (a hash or a fingerprint) are those that were to be written.
    pub(crate) fn is(&self, stored: Option<&[u8]>) -> bool {
        stored.is_some_and(|bytes| match self {
            Self::None => false,
            Self::Event { hash, .. } => bytes == hash.0,
            Self::Receipt(receipt) => bytes == receipt.fingerprint,
        })
    }
}

/// A connection that writes, opened when it is needed. After any error it is discarded: whatever state it was left in, the
/// next one starts clean.
pub(crate) trait Engine: Send + 'static {
    /// What is written beside the events.
    type Upkeep: Debug + Send + Sync;
    /// What [`Engine::attempt`] takes.
    type Sheet: OneSheet;
    /// Whether that is worth trying.
    const AT_ONCE: bool;

    /// Begins a transaction that no other writer can come between; the tip as it sees it. `last` is known to be committed.
    fn begin(&mut self, last: Tip, until: Instant) -> impl Future<Output = Result<Tip, Failure>> + Send;

    fn look_up(&mut self, asked: &Asked<'_>, now: DateTime<Utc>) -> impl Future<Output = Result<Facts, Failure>> + Send;

    /// `tip`: what the rows follow.
    fn insert(&mut self, tip: Tip, rows: &Rows<'_>, now: DateTime<Utc>) -> impl Future<Output = Result<(), Failure>> + Send;

    fn upkeep(&mut self, task: &Self::Upkeep, now: DateTime<Utc>) -> impl Future<Output = Result<Reply, Failure>> + Send;

    /// After an error the outcome is open.
    fn commit(&mut self) -> impl Future<Output = Result<(), Failure>> + Send;

    /// A whole transaction at once, if the tip and the streams are as assumed. It is on its way when this has been polled once.
    fn attempt(&mut self, tip: Tip, sheet: Self::Sheet, until: Instant) -> impl Future<Output = Result<Attempt, Failure>> + Send;

    /// Whether a transaction took place that this engine's last connection, discarded since, had sent.
    fn found(&mut self, evidence: &Evidence, last: Tip) -> impl Future<Output = Result<bool, JournalError>> + Send;

    fn discard(&mut self) -> impl Future<Output = ()> + Send;

    /// Releases everything.
    fn finish(self) -> impl Future<Output = ()> + Send;
}
