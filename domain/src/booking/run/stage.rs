use serde::{Deserialize, Serialize};

use crate::kernel::Timestamp;

/// How far a registration is, as its events have it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    PendingApproval { holds_place: bool },
    AwaitingPayment { until: Timestamp },
    Confirmed,
    Waitlisted,
    Offered { until: Timestamp },
    Rejected,
    Expired,
    Withdrawn,
    Cancelled,
    Attended,
    NoShow,
}

impl Stage {
    /// Whether a place is taken meanwhile.
    #[must_use]
    pub const fn takes_place(self) -> bool {
        match self {
            Self::PendingApproval { holds_place } => holds_place,
            Self::AwaitingPayment { .. } | Self::Confirmed | Self::Offered { .. } | Self::Attended | Self::NoShow => true,
            Self::Waitlisted | Self::Rejected | Self::Expired | Self::Withdrawn | Self::Cancelled => false,
        }
    }

    /// Whether it counts as a registration of its person: they cannot make another meanwhile.
    #[must_use]
    pub const fn is_live(self) -> bool {
        self.takes_place() || matches!(self, Self::PendingApproval { .. } | Self::Waitlisted)
    }

    /// Whether the person was there, or was not.
    #[must_use]
    pub const fn is_past(self) -> bool {
        matches!(self, Self::Attended | Self::NoShow)
    }

    /// Until when a place is held, where it is for a time.
    #[must_use]
    pub const fn until(self) -> Option<Timestamp> {
        match self {
            Self::AwaitingPayment { until } | Self::Offered { until } => Some(until),
            _ => None,
        }
    }

    /// As it is called in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::PendingApproval { .. } => "pending approval",
            Self::AwaitingPayment { .. } => "awaiting payment",
            Self::Confirmed => "confirmed",
            Self::Waitlisted => "waitlisted",
            Self::Offered { .. } => "offered",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Withdrawn => "withdrawn",
            Self::Cancelled => "cancelled",
            Self::Attended => "attended",
            Self::NoShow => "no show",
        }
    }
}
