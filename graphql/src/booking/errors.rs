//! Why `booking` turned something down.

use async_graphql::{Enum, SimpleObject};
use domain::{
    Rejection,
    booking::{BookingRejection, Flaw},
    kernel::{MoneyError, Timestamp},
};

use crate::{decided::Errors, identity::PlanLimitReached, input::number};

/// Fields that are told of at once: who sends thousands that are wrong is not sent thousands of errors.
const TOLD: usize = 100;

/// Why `booking` turned something down.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BookingErrorCode {
    /// There is no such run, or it is not the caller's to see to.
    NotFound,
    /// There is no such workshop, or it is not published.
    WorkshopNotFound,
    /// The run is a draft, published, cancelled or completed, and this is for another of these.
    WrongState,
    /// A field is not as expected; there is an error for each.
    Invalid,
    /// More places are taken than there would be; `taken` says how many.
    CapacityBelowTaken,
    /// More places of a ticket are taken than there would be; `taken` says how many.
    QuotaBelowTaken,
    /// Registrations have another currency, or tickets that would be gone.
    SoldAlready,
    /// The run has not ended yet.
    NotEnded,
    /// The organiser has as many runs that are not over as their plan allows; `limitReached` says how many.
    RunsExceeded,
    /// There is no such registration, or it is not the caller's to see to.
    RegistrationNotFound,
    RegistrationTaken,
    /// The registration is past this, or not yet there.
    WrongStage,
    /// People cannot register now: not yet, or not any more. Of who is approved: the run has begun, and they would have to pay, or to wait.
    NotOpen,
    /// This person has a registration for the run already.
    AlreadyRegistered,
    /// There is no place left, and whoever asks does not want to wait or cannot.
    Full,
    TicketNotFound,
    /// The ticket is for accounts on a higher plan.
    TicketNotForPlan,
    InvitationNeeded,
    InvitationNotFound,
    CodeNeeded,
    CodeInvalid,
    CodeUsedUp,
    CodeTaken,
    CheckInCodeInvalid,
    /// The run starts in more than a day; `possibleFrom` says from when on people are checked in.
    CheckInTooEarly,
    GuestLinkInvalid,
    /// There are too few names, too many, or some that are none.
    SeatsInvalid,
    SubjectsMixed,
    /// Whoever's registration it was has been erased.
    Erased,
    /// Whoever's registration it is must not be erased for now.
    OnHold,
    /// Money is to be given back for the registration, or would be: nobody is erased before.
    MoneyOwed,
    /// Something is to be paid for the registration: nobody is erased before.
    MoneyDue,
    /// Nothing is to be paid for the registration.
    NothingDue,
    /// Something else was told of this payment before.
    PaymentDiffers,
    PaymentNotFound,
    /// It was taken back already that the payment came in.
    PaymentUndone,
    /// Money of the payment went back.
    PaymentRefunded,
    RefundNotFound,
    RefundUndone,
    RefundByProvider,
    /// Whoever moves money has told of the payment, or it is not known to be recorded by hand.
    PaymentByProvider,
    /// Whoever moves money does not take the payment.
    PaymentRefused,
    /// Whoever moves money has not answered: nobody knows yet what became of the payment.
    PaymentUnknown,
    /// More would go back than came in.
    RefundTooLarge,
    CurrenciesMixed,
    AmountTooLarge,
}

/// Why `booking` turned something down.
#[derive(SimpleObject)]
pub(crate) struct BookingError {
    code: BookingErrorCode,
    /// For people; do not parse it.
    message: String,
    /// The input field it is about, such as `tickets[0].price`.
    field: Option<String>,
    /// How many places are taken, where there would be fewer.
    taken: Option<i32>,
    /// From when on it can be done, where it is too early.
    possible_from: Option<Timestamp>,
    /// The limit of the plan that would have been exceeded, if it was that.
    limit_reached: Option<PlanLimitReached>,
}

impl BookingErrorCode {
    const fn of(rejection: &BookingRejection) -> Self {
        match rejection {
            BookingRejection::NotFound => Self::NotFound,
            BookingRejection::WorkshopNotFound => Self::WorkshopNotFound,
            // Beginning sessions has errors of its own.
            BookingRejection::WrongState { .. } | BookingRejection::SessionNotNow { .. } | BookingRejection::SessionsTaken { .. } => {
                Self::WrongState
            }
            BookingRejection::Flawed(_) => Self::Invalid,
            BookingRejection::CapacityBelowTaken { .. } => Self::CapacityBelowTaken,
            BookingRejection::QuotaBelowTaken { .. } => Self::QuotaBelowTaken,
            BookingRejection::SoldAlready => Self::SoldAlready,
            BookingRejection::NotEnded => Self::NotEnded,
            BookingRejection::RunsExceeded { .. } => Self::RunsExceeded,
            BookingRejection::RegistrationNotFound => Self::RegistrationNotFound,
            BookingRejection::RegistrationTaken => Self::RegistrationTaken,
            BookingRejection::WrongStage { .. } => Self::WrongStage,
            BookingRejection::NotOpen => Self::NotOpen,
            BookingRejection::AlreadyRegistered { .. } => Self::AlreadyRegistered,
            BookingRejection::Full => Self::Full,
            BookingRejection::TicketNotFound => Self::TicketNotFound,
            BookingRejection::TicketNotForPlan => Self::TicketNotForPlan,
            BookingRejection::InvitationNeeded => Self::InvitationNeeded,
            BookingRejection::InvitationNotFound => Self::InvitationNotFound,
            BookingRejection::CodeNeeded => Self::CodeNeeded,
            BookingRejection::CodeInvalid => Self::CodeInvalid,
            BookingRejection::CodeUsedUp => Self::CodeUsedUp,
            BookingRejection::CodeTaken => Self::CodeTaken,
            BookingRejection::CheckInCodeInvalid => Self::CheckInCodeInvalid,
            BookingRejection::CheckInTooEarly { .. } => Self::CheckInTooEarly,
            BookingRejection::GuestLinkInvalid => Self::GuestLinkInvalid,
            BookingRejection::SeatsInvalid { .. } => Self::SeatsInvalid,
            BookingRejection::SubjectsMixed => Self::SubjectsMixed,
            BookingRejection::Erased => Self::Erased,
            BookingRejection::OnHold => Self::OnHold,
            BookingRejection::MoneyOwed { .. } => Self::MoneyOwed,
            BookingRejection::MoneyDue { .. } => Self::MoneyDue,
            BookingRejection::NothingDue => Self::NothingDue,
            BookingRejection::PaymentDiffers => Self::PaymentDiffers,
            BookingRejection::PaymentNotFound => Self::PaymentNotFound,
            BookingRejection::PaymentUndone => Self::PaymentUndone,
            BookingRejection::PaymentRefunded => Self::PaymentRefunded,
            BookingRejection::RefundNotFound => Self::RefundNotFound,
            BookingRejection::RefundUndone => Self::RefundUndone,
            BookingRejection::RefundByProvider => Self::RefundByProvider,
            BookingRejection::PaymentByProvider => Self::PaymentByProvider,
            BookingRejection::PaymentRefused => Self::PaymentRefused,
            BookingRejection::PaymentUnknown => Self::PaymentUnknown,
            BookingRejection::RefundTooLarge { .. } => Self::RefundTooLarge,
            BookingRejection::Money(MoneyError::CurrenciesMixed) => Self::CurrenciesMixed,
            BookingRejection::Money(MoneyError::TooLarge) => Self::AmountTooLarge,
        }
    }
}

impl Errors<BookingError> for BookingRejection {
    fn errors(self) -> Vec<BookingError> {
        let code = BookingErrorCode::of(&self);
        if let Self::Flawed(flaws) = self {
            let each = |Flaw { at, expected }| {
                let message = format!("expected {expected}");
                BookingError { code, message, field: Some(at), taken: None, possible_from: None, limit_reached: None }
            };
            return flaws.into_iter().take(TOLD).map(each).collect();
        }
        let taken = match &self {
            Self::CapacityBelowTaken { taken } | Self::QuotaBelowTaken { taken, .. } => Some(number(*taken)),
            _ => None,
        };
        let possible_from = match &self {
            Self::CheckInTooEarly { from } => Some(*from),
            _ => None,
        };
        let limit_reached = match &self {
            Self::RunsExceeded { limit, used, plan } => Some(PlanLimitReached::runs(*plan, *limit, *used)),
            _ => None,
        };
        let (message, field) = (self.to_string(), self.field().map(Into::into));
        vec![BookingError { code, message, field, taken, possible_from, limit_reached }]
    }
}
