//! What becomes of places that are offered to who waits.

use domain::{
    booking::{
        BookingRejection as Rejection,
        run::{Run, RunCommand},
    },
    kernel::RegistrationId,
};
use serde_json::json;

use super::Booking;
use crate::{
    Fault, Outcome, Request,
    authorization::{Act, acts},
    dispatch::Operation,
};

impl Booking {
    /// Takes the place that was offered.
    ///
    /// # Errors
    /// A fault, such as not being signed in.
    pub async fn accept_offer(&self, request: &Request, registration: RegistrationId) -> Result<Outcome<(), Rejection>, Fault> {
        self.answer(request, acts::OFFER_ACCEPT, registration, true).await
    }

    /// Lets the place go that was offered, and does not wait any longer.
    ///
    /// # Errors
    /// A fault, such as not being signed in.
    pub async fn decline_offer(&self, request: &Request, registration: RegistrationId) -> Result<Outcome<(), Rejection>, Fault> {
        self.answer(request, acts::OFFER_DECLINE, registration, false).await
    }

    async fn answer(
        &self,
        request: &Request,
        act: Act,
        registration: RegistrationId,
        accepts: bool,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        request.allowed(&act)?;
        let Some(run) = self.run_of(registration).await? else { return Ok(Outcome::Rejected(Rejection::RegistrationNotFound)) };
        let by = self.caller(request, &act, run, registration).await?;
        let command = || {
            let by = by.clone();
            if accepts { RunCommand::AcceptOffer { by, registration } } else { RunCommand::DeclineOffer { by, registration } }
        };
        let operation = Operation::new(act, json!({ "registration": registration }));
        self.dispatcher.command::<Run>(request, operation, run.into(), command).await
    }
}
