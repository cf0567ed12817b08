use std::collections::{BTreeMap, BTreeSet};

use domain::{
    booking::run::{Person, Requested},
    kernel::{AccountId, Digest, PaymentId, RefundId, Timestamp},
};

/// A registration, as events have it.
pub(super) struct Known {
    pub(super) person: Person,
    /// Who comes along by an address.
    pub(super) members: Vec<Digest>,
    /// Who has begun a session since it is theirs.
    pub(super) at_work: BTreeSet<AccountId>,
    pub(super) ticket: String,
    pub(super) seats: u32,
    pub(super) priority: u8,
    pub(super) number: u32,
    pub(super) code: Option<String>,
    /// What it costs.
    pub(super) total: i64,
    pub(super) at: At,
    pub(super) until: Option<Timestamp>,
    /// Whether they were there, once that is known.
    pub(super) came: Option<bool>,
    /// What came in by each payment, and what went back of it.
    pub(super) money: BTreeMap<PaymentId, (i64, i64)>,
    /// Payments that came in as somebody recorded by hand, and nobody else said.
    pub(super) by_hand: BTreeSet<PaymentId>,
    /// Refunds that somebody recorded by hand, and nobody else told of, with what went back.
    pub(super) refunds_by_hand: BTreeMap<RefundId, i64>,
    pub(super) owed: i64,
    /// What went back of who had the place and had paid though it was not owed: it is not asked for.
    pub(super) forgiven: i64,
    /// They lost their place, or got none, and did not give it up: all that came in goes back.
    pub(super) is_owed_all: bool,
}

/// Where a registration is, as far as places go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// It was asked for, and what becomes of it is told next.
    Door,
    /// It has a place for as long as something else is missing: an approval, or money.
    Held,
    Place,
    Offer,
    Line,
    /// It waits for approval without a place.
    Desk,
    Out,
}

impl Known {
    pub(super) fn new(asked: &Requested) -> Self {
        Self {
            person: asked.person.clone(),
            members: asked.members.clone(),
            at_work: BTreeSet::new(),
            ticket: asked.ticket.clone(),
            seats: asked.seats.into(),
            priority: asked.priority,
            number: asked.number,
            code: asked.code.clone(),
            total: asked.quote.total.amount,
            at: At::Door,
            until: None,
            came: None,
            money: BTreeMap::new(),
            by_hand: BTreeSet::new(),
            refunds_by_hand: BTreeMap::new(),
            owed: 0,
            forgiven: 0,
            is_owed_all: false,
        }
    }

    pub(super) fn kept(&self) -> i64 {
        self.money.values().map(|(came, went)| came - went).sum()
    }

    /// What is on its way back pays for nothing.
    pub(super) fn due(&self) -> i64 {
        (self.total - self.forgiven - (self.kept() - self.owed)).max(0)
    }
}

impl At {
    pub(super) const fn takes(self) -> bool {
        matches!(self, Self::Held | Self::Place | Self::Offer)
    }

    /// Whether it counts as a registration of its person, and as one by its code.
    pub(super) const fn counts(self) -> bool {
        self.takes() || matches!(self, Self::Line | Self::Desk)
    }
}
