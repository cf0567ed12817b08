use std::{cmp::Reverse, collections::HashMap};

use domain::{
    booking::run::Requested,
    kernel::{AccountId, PaymentId},
};
use journal::Position;

use crate::Fault;

/// How far somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum At {
    /// Not in yet, or not any more.
    Gone,
    Pending,
    Paying,
    Confirmed,
    Waiting,
    Offered,
}

/// A registration.
pub(super) struct Entry {
    pub(super) account: AccountId,
    pub(super) ticket: String,
    pub(super) seats: u32,
    pub(super) priority: u8,
    came: i64,
    pub(super) at: At,
    /// What is to be paid.
    pub(super) total: i64,
    /// Each with whether it came in.
    pub(super) payments: HashMap<PaymentId, (i64, bool)>,
    pub(super) refunded: i64,
    pub(super) owed: i64,
}

impl At {
    pub(super) const fn takes_place(self) -> bool {
        match self {
            Self::Pending | Self::Paying | Self::Confirmed | Self::Offered => true,
            Self::Gone | Self::Waiting => false,
        }
    }

    /// Whether there is such a step.
    pub(super) const fn leads_to(self, to: Self) -> bool {
        match (self, to) {
            (Self::Gone, Self::Pending | Self::Paying | Self::Confirmed | Self::Waiting)
            | (Self::Offered, Self::Pending | Self::Paying | Self::Confirmed | Self::Gone)
            | (Self::Pending, Self::Paying | Self::Confirmed | Self::Gone)
            | (Self::Paying, Self::Confirmed | Self::Gone)
            | (Self::Waiting, Self::Offered | Self::Gone)
            | (Self::Confirmed, Self::Gone) => true,
            (Self::Gone | Self::Pending | Self::Paying | Self::Confirmed | Self::Waiting | Self::Offered, _) => false,
        }
    }
}

impl Entry {
    pub(super) fn new(requested: &Requested, position: Position) -> Result<Self, Fault> {
        Ok(Self {
            account: requested.person.account.ok_or("nobody was invited")?,
            ticket: requested.ticket.clone(),
            seats: requested.seats.into(),
            priority: requested.priority,
            came: position.0,
            at: At::Gone,
            total: requested.quote.total.amount,
            payments: HashMap::new(),
            refunded: 0,
            owed: 0,
        })
    }

    pub(super) const fn turn(&self) -> (Reverse<u8>, i64) {
        (Reverse(self.priority), self.came)
    }

    /// What came in and was not given back.
    pub(super) fn kept(&self) -> i64 {
        self.came_in() - self.refunded
    }

    pub(super) fn came_in(&self) -> i64 {
        self.payments.values().filter(|(_, came_in)| *came_in).map(|(amount, _)| amount).sum()
    }
}
