//! The closed sets of words in which runs and registrations are described.

use async_graphql::Enum;
use domain::booking::{Audience, QuestionKind as Stored};

/// Who finds a run.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::booking::Visibility")]
pub(crate) enum RunVisibility {
    /// Listed for everybody.
    Public,
    /// Found by those who know its id.
    Unlisted,
    /// Found by those who know its id and have a code that admits, which they need to register.
    Code,
}

/// How far a run is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::booking::run::Life")]
pub(crate) enum RunState {
    Draft,
    Published,
    Cancelled,
    Completed,
}

/// Where people come to.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "projections::booking::runs::RunFormat")]
pub(crate) enum RunFormat {
    OnSite,
    Online,
    Hybrid,
}

/// Where a tax is rounded.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::booking::tax::Rounding")]
pub(crate) enum TaxRounding {
    /// On each line; sums are those of the lines.
    Line,
    /// Once, on the sum of net amounts; what is to be paid follows, and may differ from the sum of prices.
    SumByNet,
    /// Once, and what is to be paid stays the sum of prices.
    SumByNetKeepGross,
}

/// Who may take a ticket.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TicketAudience {
    Everyone,
    /// Accounts on a plan, or on one that allows more.
    Plan,
    /// Who has a code that admits, or is invited.
    Code,
    Invited,
}

/// Which answers a question takes.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum QuestionKind {
    Text,
    Number,
    YesNo,
    /// One of its choices.
    Choice,
    /// Some of its choices.
    Choices,
}

/// How far a registration is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "projections::booking::registrations::RegistrationState")]
pub(crate) enum RegistrationState {
    PendingApproval,
    AwaitingPayment,
    Confirmed,
    Waitlisted,
    /// A place is held for somebody who waited, until they take it or do not.
    Offered,
    Rejected,
    Expired,
    Withdrawn,
    Cancelled,
    Attended,
    NoShow,
}

/// How far a payment is.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::booking::run::PaymentState")]
pub(crate) enum PaymentState {
    Pending,
    /// It takes long, which says nothing.
    Unknown,
    Succeeded,
    Failed,
    PartlyRefunded,
    Refunded,
    /// It was recorded by hand, and that was taken back.
    Undone,
}

/// Why money is to be given back.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "domain::booking::run::RefundReason")]
pub(crate) enum RefundReason {
    RunCancelled,
    /// By the run's policy.
    Withdrawn,
    CancelledByOrganiser,
    Rejected,
    /// It came when there was no place any more, or no registration to pay for.
    CameTooLate,
    PaidTooMuch,
}

impl From<Audience> for TicketAudience {
    fn from(audience: Audience) -> Self {
        match audience {
            Audience::Everyone => Self::Everyone,
            Audience::Plan(_) => Self::Plan,
            Audience::Code => Self::Code,
            Audience::Invited => Self::Invited,
        }
    }
}

impl QuestionKind {
    /// The kind with its choices; none where there are choices and the kind takes none.
    pub(super) fn with(self, choices: Vec<String>) -> Option<Stored> {
        match self {
            Self::Choice => Some(Stored::Choice(choices)),
            Self::Choices => Some(Stored::Choices(choices)),
            _ if !choices.is_empty() => None,
            Self::Text => Some(Stored::Text),
            Self::Number => Some(Stored::Number),
            Self::YesNo => Some(Stored::YesNo),
        }
    }

    /// The kind, and its choices.
    pub(super) fn of(kind: &Stored) -> (Self, &[String]) {
        match kind {
            Stored::Text => (Self::Text, &[]),
            Stored::Number => (Self::Number, &[]),
            Stored::YesNo => (Self::YesNo, &[]),
            Stored::Choice(choices) => (Self::Choice, choices),
            Stored::Choices(choices) => (Self::Choices, choices),
        }
    }
}
