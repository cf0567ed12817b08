//! Who waits, and what becomes of places that are offered to them.

use domain::{
    booking::{BookingRejection as Rejection, run::RunCommand},
    kernel::RegistrationId,
};

use super::Booking;
use crate::{Fault, Outcome, Request, authorization::acts};

impl Booking {
    /// Leaves the line. Who has come to a place meanwhile keeps it, and is told so.
    ///
    /// # Errors
    /// A fault, such as not being signed in.
    pub async fn leave_waitlist(&self, request: &Request, registration: RegistrationId) -> Result<Outcome<(), Rejection>, Fault> {
        self.does(request, acts::WAITLIST_LEAVE, registration, |by, registration| RunCommand::LeaveWaitlist { by, registration }).await
    }

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
