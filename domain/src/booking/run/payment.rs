use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::RefundId;

/// Money that somebody sent, or tried to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub status: PaymentStatus,
    /// In minor units of the run's currency.
    pub amount: i64,
    /// What was given back of it.
    pub refunds: BTreeMap<RefundId, Refund>,
    /// That it came in was recorded by hand, and nobody who moves money said so.
    pub by_hand: bool,
}

/// Money that went back, as somebody said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refund {
    /// In minor units, as the rest is.
    pub amount: i64,
    pub status: RefundStatus,
    /// What whoever moves money knows it by, where it was recorded by hand before they told of it.
    pub told_as: Option<RefundId>,
    /// How much of it was owed.
    pub(super) of_owed: i64,
    /// How much of it nobody is asked for since.
    pub(super) forgiven: i64,
}

/// What is known of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefundStatus {
    /// It was recorded by hand, and nobody who moves money said so.
    ByHand,
    /// Whoever moves money told of it, or it is not known to be recorded by hand.
    Told,
    /// It was recorded by hand, and taken back.
    Undone,
}

impl Refund {
    /// Whether it went back, as far as is known.
    #[must_use]
    pub fn stands(&self) -> bool {
        self.status != RefundStatus::Undone
    }
}

/// What is known of a payment. That it takes long says nothing: it is `Unknown` then, and not failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentStatus {
    Pending,
    Unknown,
    Succeeded,
    Failed,
    /// That it came in was recorded by hand, and taken back.
    Undone,
}

/// How far a payment is, with what was given back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    Pending,
    Unknown,
    Succeeded,
    Failed,
    PartlyRefunded,
    Refunded,
    /// That it came in was taken back.
    Undone,
}

impl Payment {
    /// What was given back, in minor units.
    #[must_use]
    pub fn refunded(&self) -> i64 {
        self.refunds.values().filter(|refund| refund.stands()).map(|refund| refund.amount).sum()
    }

    /// What came in and was not given back, in minor units.
    #[must_use]
    pub fn kept(&self) -> i64 {
        if self.status == PaymentStatus::Succeeded { self.amount - self.refunded() } else { 0 }
    }

    /// Whether it came in, as somebody recorded by hand.
    #[must_use]
    pub fn came_by_hand(&self) -> bool {
        self.by_hand && self.status == PaymentStatus::Succeeded
    }

    /// Whether it may still succeed by itself.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        matches!(self.status, PaymentStatus::Pending | PaymentStatus::Unknown)
    }

    /// How far it is.
    #[must_use]
    pub fn state(&self) -> PaymentState {
        PaymentState::of(self.status, self.amount, self.refunded())
    }
}

impl PaymentState {
    /// How far a payment is of which so much was given back, both in minor units.
    #[must_use]
    pub const fn of(status: PaymentStatus, amount: i64, refunded: i64) -> Self {
        match status {
            PaymentStatus::Pending => Self::Pending,
            PaymentStatus::Unknown => Self::Unknown,
            PaymentStatus::Failed => Self::Failed,
            PaymentStatus::Undone => Self::Undone,
            PaymentStatus::Succeeded if refunded == 0 => Self::Succeeded,
            PaymentStatus::Succeeded if refunded < amount => Self::PartlyRefunded,
            PaymentStatus::Succeeded => Self::Refunded,
        }
    }
}
