//! Taking invitations back.

use domain::{
    booking::{
        BookingRejection as Rejection,
        run::{Run, RunCommand},
    },
    identity::Email,
    kernel::RunId,
};
use serde_json::json;

use super::{Booking, flawed, staff};
use crate::{Fault, Outcome, Request, authorization::acts, dispatch::Operation};

impl Booking {
    /// Takes back that somebody is invited. Whoever has registered meanwhile stays.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn withdraw_invitation(&self, request: &Request, run: RunId, email: &str) -> Result<Outcome<(), Rejection>, Fault> {
        let act = acts::GUEST_WITHDRAW_INVITATION;
        let by = staff(request, &act)?;
        let Ok(email) = Email::try_new(email) else { return Ok(Outcome::Rejected(flawed("email", "an e-mail address"))) };
        let address = self.digest(&email).await?;
        let operation = Operation::new(act, json!({ "run": run, "email": email.as_str() }));
        let command = || RunCommand::WithdrawInvitation { by, address: address.clone() };
        self.dispatcher.command::<Run>(request, operation, run.into(), command).await
    }
}
