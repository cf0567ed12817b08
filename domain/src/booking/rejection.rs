use serde::{Deserialize, Serialize};

use crate::{
    Rejection,
    kernel::{Money, MoneyError, Plan, RegistrationId, Timestamp},
};

/// Something in a plan, a ticket or an answer that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{at}: expected {expected}")]
pub struct Flaw {
    /// Where, in the API's spelling, such as `tickets[0].price`.
    pub at: String,
    pub expected: String,
}

impl Flaw {
    #[must_use]
    pub fn new(at: &str, expected: &str) -> Self {
        Self { at: at.to_owned(), expected: expected.to_owned() }
    }
}

/// Why `booking` turns a command down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum BookingRejection {
    #[error("there is no such run")]
    NotFound,
    #[error("there is no such workshop, or it is not published")]
    WorkshopNotFound,
    #[error("the run is {state}, and cannot do this any more or not yet")]
    WrongState { state: String },
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Flawed(Vec<Flaw>),
    #[error("{taken} places are taken; expected a capacity of as many or more")]
    CapacityBelowTaken { taken: u32 },
    #[error("{taken} places of the ticket {ticket} are taken; expected a quota of as many or more")]
    QuotaBelowTaken { ticket: String, taken: u32 },
    #[error("there are registrations; expected the same currency, and all tickets that they have")]
    SoldAlready,
    #[error("the run has not ended yet")]
    NotEnded,
    #[error("the {plan} plan allows {limit} runs at once, and you have {used}; call one off, or wait until one is over")]
    RunsExceeded { limit: u32, used: u32, plan: Plan },
    #[error("the run's sessions begin from {from} on and before {until}")]
    SessionNotNow { from: Timestamp, until: Timestamp },
    #[error("the registration is for {seats}, and as many have begun a session")]
    SessionsTaken { seats: u16 },
    #[error("there is no such registration")]
    RegistrationNotFound,
    #[error("there is a registration of this id")]
    RegistrationTaken,
    #[error("the registration is {stage}, and cannot do this any more or not yet")]
    WrongStage { stage: String },
    #[error("registration is not open at this time")]
    NotOpen,
    #[error("this person has a registration")]
    AlreadyRegistered { registration: RegistrationId },
    #[error("there is no place left")]
    Full,
    #[error("there is no such ticket")]
    TicketNotFound,
    #[error("this ticket is for accounts on a higher plan")]
    TicketNotForPlan,
    #[error("expected an invitation to this address: without an account, and for some tickets, there is no other way in")]
    InvitationNeeded,
    #[error("there is no such invitation")]
    InvitationNotFound,
    #[error("this run, or this ticket, needs a code; expected one that admits to it")]
    CodeNeeded,
    #[error("there is no such code, or it is not for this ticket or this time")]
    CodeInvalid,
    #[error("the code was used as often as it may be")]
    CodeUsedUp,
    #[error("there is a code of this name")]
    CodeTaken,
    #[error("expected 1 to {most} names of 1 to 120 characters, one for each seat")]
    SeatsInvalid { most: u16 },
    #[error("expected all of a registration to be one person's")]
    SubjectsMixed,
    #[error("this is no code of a registration by which somebody can be checked in, or it is of another time, person or run")]
    CheckInCodeInvalid,
    #[error("people are checked in from {from} on")]
    CheckInTooEarly { from: Timestamp },
    #[error("this link is not good, or not any more")]
    GuestLinkInvalid,
    #[error("whoever's registration this was has been erased")]
    Erased,
    #[error("whoever's registration this is must not be erased for now")]
    OnHold,
    #[error("{owed} is to be given back for this registration, or would be; nobody is erased before")]
    MoneyOwed { owed: Money },
    #[error("{due} is to be paid for this registration; nobody is erased before")]
    MoneyDue { due: Money },
    #[error("nothing is to be paid for this registration")]
    NothingDue,
    #[error("expected what was told before of this id: the same registration, payment and amount")]
    PaymentDiffers,
    #[error("there is no such payment, or it did not succeed")]
    PaymentNotFound,
    #[error("the payment was taken back already")]
    PaymentUndone,
    #[error("money of this payment went back: it did come in")]
    PaymentRefunded,
    #[error("this payment is not known to be recorded by hand; expected one that is")]
    PaymentByProvider,
    #[error("there is no such refund")]
    RefundNotFound,
    #[error("the refund was taken back already")]
    RefundUndone,
    #[error("this refund is not known to be recorded by hand; expected one that is")]
    RefundByProvider,
    #[error("whoever moves money does not take this payment; ask again to open another")]
    PaymentRefused,
    #[error("whoever moves money has not answered, so that nobody knows yet what became of the payment; ask again, and it is the same")]
    PaymentUnknown,
    #[error("at most {most} can be refunded")]
    RefundTooLarge { most: Money },
    #[error("{0}")]
    Money(MoneyError),
}

impl Rejection for BookingRejection {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound
            | Self::WrongState { .. }
            | Self::NotOpen
            | Self::NotEnded
            | Self::Full
            | Self::SessionNotNow { .. }
            | Self::SessionsTaken { .. } => Some("runId"),
            Self::WorkshopNotFound => Some("workshopId"),
            Self::Flawed(_) | Self::RunsExceeded { .. } => None,
            Self::CapacityBelowTaken { .. } => Some("capacity"),
            Self::QuotaBelowTaken { .. } | Self::SoldAlready => Some("tickets"),
            Self::RegistrationNotFound
            | Self::RegistrationTaken
            | Self::WrongStage { .. }
            | Self::CheckInTooEarly { .. }
            | Self::AlreadyRegistered { .. }
            | Self::Erased
            | Self::OnHold
            | Self::MoneyOwed { .. }
            | Self::MoneyDue { .. }
            | Self::NothingDue
            | Self::PaymentRefused
            | Self::PaymentUnknown => Some("registrationId"),
            Self::TicketNotFound | Self::TicketNotForPlan => Some("ticket"),
            Self::InvitationNeeded | Self::InvitationNotFound => Some("email"),
            Self::CodeNeeded | Self::CodeInvalid | Self::CodeUsedUp | Self::CodeTaken | Self::CheckInCodeInvalid => Some("code"),
            Self::GuestLinkInvalid => Some("token"),
            Self::SeatsInvalid { .. } | Self::SubjectsMixed => Some("attendees"),
            Self::PaymentDiffers | Self::PaymentNotFound | Self::PaymentUndone | Self::PaymentRefunded | Self::PaymentByProvider => {
                Some("paymentId")
            }
            Self::RefundNotFound | Self::RefundUndone | Self::RefundByProvider => Some("refundId"),
            Self::RefundTooLarge { .. } | Self::Money(_) => Some("amount"),
        }
    }
}

impl From<MoneyError> for BookingRejection {
    fn from(error: MoneyError) -> Self {
        Self::Money(error)
    }
}

impl From<Flaw> for BookingRejection {
    fn from(flaw: Flaw) -> Self {
        Self::Flawed(vec![flaw])
    }
}
