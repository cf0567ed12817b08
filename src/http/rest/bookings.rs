//! What the routes of runs and registrations show, and what they turn down.

use axum::http::StatusCode;
use commands::{Request as Asked, authorization::reads, booking::Appointment};
use domain::{
    Rejection,
    booking::BookingRejection,
    kernel::{MoneyError, RegistrationId},
};

use super::{Answer, problem::Problem, recorded};
use crate::http::Shared;

/// What is not there for who asks.
pub(super) fn gone() -> Problem {
    BookingRejection::RegistrationNotFound.into()
}

/// A registration of one's own, or of a run that one looks after. That it is somebody else's is in the audit before it is shown.
pub(super) async fn appointment(shared: &Shared, asked: &Asked, id: RegistrationId) -> Answer<Appointment> {
    let found = shared.services.commands.booking.appointment(asked, id).await;
    let found = found.map_err(|fault| Problem::fault(&fault, asked.correlation))?.ok_or_else(gone)?;
    if found.whose.is_none() || found.whose != asked.actor.account() {
        let subjects = std::iter::once(id.to_string()).chain(found.whose.map(|account| account.to_string())).collect();
        recorded(shared, asked, reads::REGISTRATION.name, subjects).await?;
    }
    Ok(found)
}

impl From<BookingRejection> for Problem {
    fn from(rejection: BookingRejection) -> Self {
        use BookingRejection as No;
        let status = match &rejection {
            No::NotFound | No::RegistrationNotFound | No::InvitationNotFound | No::WorkshopNotFound | No::TicketNotFound => {
                StatusCode::NOT_FOUND
            }
            No::GuestLinkInvalid => StatusCode::UNAUTHORIZED,
            No::WrongState { .. }
            | No::WrongStage { .. }
            | No::CheckInTooEarly { .. }
            | No::CapacityBelowTaken { .. }
            | No::QuotaBelowTaken { .. }
            | No::SoldAlready
            | No::NotEnded
            | No::RunsExceeded { .. }
            | No::SessionNotNow { .. }
            | No::SessionsTaken { .. }
            | No::RegistrationTaken
            | No::NotOpen
            | No::AlreadyRegistered { .. }
            | No::Full
            | No::CodeUsedUp
            | No::CodeTaken
            | No::Erased
            | No::OnHold
            | No::MoneyOwed { .. }
            | No::MoneyDue { .. }
            | No::NothingDue
            | No::PaymentDiffers
            | No::PaymentUndone
            | No::PaymentRefunded
            | No::RefundUndone
            | No::RefundByProvider
            | No::PaymentByProvider
            | No::PaymentRefused => StatusCode::CONFLICT,
            No::PaymentUnknown => StatusCode::GATEWAY_TIMEOUT,
            No::Flawed(_)
            | No::TicketNotForPlan
            | No::InvitationNeeded
            | No::CodeNeeded
            | No::CodeInvalid
            | No::CheckInCodeInvalid
            | No::SeatsInvalid { .. }
            | No::SubjectsMixed
            | No::PaymentNotFound
            | No::RefundNotFound
            | No::RefundTooLarge { .. }
            | No::Money(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let field = match &rejection {
            No::Flawed(flaws) => flaws.first().map(|flaw| flaw.at.clone()),
            other => other.field().map(ToOwned::to_owned),
        };
        // As GraphQL calls them.
        let code = match &rejection {
            No::Flawed(_) => "INVALID".to_owned(),
            No::Money(MoneyError::CurrenciesMixed) => "CURRENCIES_MIXED".to_owned(),
            No::Money(MoneyError::TooLarge) => "AMOUNT_TOO_LARGE".to_owned(),
            other => other.code(),
        };
        let problem = Self::new(status, &code, rejection.to_string());
        match field {
            Some(field) => problem.at(&field),
            None => problem,
        }
    }
}
