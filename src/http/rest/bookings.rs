//! What the routes of runs and registrations have in common.

use std::time::Duration;

use axum::http::StatusCode;
use commands::{Accepted, Fault, Outcome, Request};
use domain::{Rejection, booking::BookingRejection};

use super::{Answer, problem::Problem};
use crate::http::Shared;

/// How long an answer waits for what was done to be readable.
const LEVEL: Duration = Duration::from_secs(2);

/// What is not there for who asks.
pub(super) fn gone() -> Problem {
    BookingRejection::RegistrationNotFound.into()
}

/// What was decided, once it can be seen.
pub(super) async fn done<T>(shared: &Shared, asked: &Request, outcome: Result<Outcome<T, BookingRejection>, Fault>) -> Answer<T> {
    match outcome.map_err(|fault| Problem::fault(&fault, asked.correlation))? {
        Outcome::Accepted(Accepted { value, position }) => {
            let _ = shared.services.projections.reached(position, LEVEL).await;
            Ok(value)
        }
        Outcome::Rejected(rejection) => Err(rejection.into()),
    }
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
