//! What becomes of places that are offered to who waits.

use domain::{
    booking::{BookingRejection as Rejection, run::RunCommand},
    kernel::RegistrationId,
};

use super::Booking;
use crate::{Fault, Outcome, Request, authorization::acts};

impl Booking {
    /// Takes the place that was offered.
    ///
    /// # Errors
    /// A fault, such as not being signed in.
    pub async fn accept_offer(&self, request: &Request, registration: RegistrationId) -> Result<Outcome<(), Rejection>, Fault> {
        self.does(request, acts::OFFER_ACCEPT, registration, |by, registration| RunCommand::AcceptOffer { by, registration }).await
    }

    /// Lets the place go that was offered, and does not wait any longer.
    ///
    /// # Errors
    /// A fault, such as not being signed in.
    pub async fn decline_offer(&self, request: &Request, registration: RegistrationId) -> Result<Outcome<(), Rejection>, Fault> {
        self.does(request, acts::OFFER_DECLINE, registration, |by, registration| RunCommand::DeclineOffer { by, registration }).await
    }
}
