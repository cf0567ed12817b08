use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::kernel::RefundId;

/// Money that somebody sent, or tried to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    pub status: PaymentStatus,
    /// In minor units of the run's currency.
    pub amount: i64,
    /// What was given back of it, in minor units.
    pub refunds: BTreeMap<RefundId, i64>,
    /// That it came in was recorded by hand, and nobody who moves money said so.
    pub by_hand: bool,
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
        self.refunds.values().sum()
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
        match self.status {
            PaymentStatus::Pending => PaymentState::Pending,
            PaymentStatus::Unknown => PaymentState::Unknown,
            PaymentStatus::Failed => PaymentState::Failed,
            PaymentStatus::Undone => PaymentState::Undone,
            PaymentStatus::Succeeded if self.refunds.is_empty() => PaymentState::Succeeded,
            PaymentStatus::Succeeded if self.kept() > 0 => PaymentState::PartlyRefunded,
            PaymentStatus::Succeeded => PaymentState::Refunded,
        }
    }
}
