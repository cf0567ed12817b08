use serde::{Deserialize, Serialize};

use crate::{
    Rejection,
    kernel::{Money, MoneyError, RegistrationId},
};

/// Something in a plan, a ticket or an answer that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{at}: expected {expected}")]
pub struct Flaw {
    /// Where, in the API's spelling, such as `tickets[0].price`.
    pub at: String,
    pub expected: String,
}

/// Why `booking` turns a command down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum BookingRejection {
    #[error("there is no such run")]
    NotFound,
    #[error("the run is {state}, and cannot do this any more or not yet")]
    WrongState { state: String },
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Flawed(Vec<Flaw>),
    #[error("{taken} places are taken; expected a capacity of as many or more")]
    CapacityBelowTaken { taken: u32 },
    #[error("{taken} places of the ticket {ticket} are taken; expected a quota of as many or more")]
    QuotaBelowTaken { ticket: String, taken: u32 },
    #[error("there are registrations; expected the same currency, and all tickets that were taken")]
    SoldAlready,
    #[error("the run has not ended yet")]
    NotEnded,
    #[error("there is no such registration")]
    RegistrationNotFound,
    #[error("the registration is {stage}, and cannot do this any more or not yet")]
    WrongStage { stage: String },
    #[error("registration is not open at this time")]
    NotOpen,
    #[error("there is a registration of this person")]
    AlreadyRegistered { registration: RegistrationId },
    #[error("there is no place left")]
    Full,
    #[error("there is no such ticket")]
    TicketNotFound,
    #[error("this run, or this ticket, needs a code; expected one that admits to it")]
    CodeNeeded,
    #[error("there is no such code, or it is not for this ticket or this time")]
    CodeInvalid,
    #[error("the code was used as often as it may be")]
    CodeUsedUp,
    #[error("there is a code of this name")]
    CodeTaken,
    #[error("expected 1 to {most} seats, and as many names")]
    SeatsInvalid { most: u16 },
    #[error("the payment is for another registration or of another amount than was told before")]
    PaymentDiffers,
    #[error("there is no such payment, or it did not succeed")]
    PaymentNotFound,
    #[error("at most {most} can be refunded")]
    RefundTooLarge { most: Money },
    #[error("{0}")]
    Money(MoneyError),
}

impl Rejection for BookingRejection {
    fn field(&self) -> Option<&'static str> {
        match self {
            Self::NotFound | Self::WrongState { .. } | Self::NotOpen | Self::NotEnded | Self::Full => Some("runId"),
            Self::Flawed(_) => None,
            Self::CapacityBelowTaken { .. } => Some("capacity"),
            Self::QuotaBelowTaken { .. } | Self::SoldAlready => Some("tickets"),
            Self::RegistrationNotFound | Self::WrongStage { .. } | Self::AlreadyRegistered { .. } => Some("registrationId"),
            Self::TicketNotFound => Some("ticket"),
            Self::CodeNeeded | Self::CodeInvalid | Self::CodeUsedUp | Self::CodeTaken => Some("code"),
            Self::SeatsInvalid { .. } => Some("attendees"),
            Self::PaymentDiffers | Self::PaymentNotFound => Some("paymentId"),
            Self::RefundTooLarge { .. } | Self::Money(_) => Some("amount"),
        }
    }
}

impl From<MoneyError> for BookingRejection {
    fn from(error: MoneyError) -> Self {
        Self::Money(error)
    }
}
