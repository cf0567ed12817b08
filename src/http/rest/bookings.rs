//! What the routes of runs and registrations turn down.

use axum::http::StatusCode;
use domain::{Rejection, booking::BookingRejection};

use super::problem::Problem;

/// What is not there for who asks.
pub(super) fn gone() -> Problem {
    BookingRejection::RegistrationNotFound.into()
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
            | No::NothingDue
            | No::PaymentDiffers => StatusCode::CONFLICT,
            No::Flawed(_)
            | No::TicketNotForPlan
            | No::InvitationNeeded
            | No::CodeNeeded
            | No::CodeInvalid
            | No::CheckInCodeInvalid
            | No::SeatsInvalid { .. }
            | No::SubjectsMixed
            | No::PaymentNotFound
            | No::RefundTooLarge { .. }
            | No::Money(_) => StatusCode::UNPROCESSABLE_ENTITY,
        };
        let field = match &rejection {
            No::Flawed(flaws) => flaws.first().map(|flaw| flaw.at.clone()),
            other => other.field().map(ToOwned::to_owned),
        };
        let problem = Self::new(status, &rejection.code(), rejection.to_string());
        match field {
            Some(field) => problem.at(&field),
            None => problem,
        }
    }
}
