//! Forgetting guests: the key is destroyed that what they said of themselves is sealed under.

use chrono::TimeDelta;
use domain::{
    booking::{
        BookingRejection as Rejection,
        registrant::{Registrant, RegistrantCommand},
        run::{Run, RunCommand},
    },
    identity::{
        Email, IdentityRejection,
        account::Account,
        legal_hold::{LegalHold, LegalHoldCommand},
    },
    kernel::{AccountId, Personal, RegistrationId, Timestamp},
};
use secrecy::SecretString;
use serde_json::json;

use super::Booking;
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

/// Who forgets guests whose run is over.
const RETENTION: &str = "retention";

impl Booking {
    /// Erases a guest who asks for it by their link, or somebody who has handed over what it was for: what counts is given up, the
    /// invitation is gone, and their key is destroyed; if the vault cannot do that at once, the reaction to the event does.
    ///
    /// # Errors
    /// A fault.
    pub async fn guest_erase(&self, request: &Request, token: &SecretString) -> Result<Outcome<(), Rejection>, Fault> {
        request.allowed(&acts::GUEST_ERASE)?;
        let Some((registration, guest)) = self.linked(token).await? else { return Ok(Outcome::Rejected(Rejection::GuestLinkInvalid)) };
        Ok(match self.forget(request, registration, guest, None).await? {
            // Whoever it is of, by now the link is worth nothing.
            Outcome::Rejected(Rejection::RegistrationNotFound | Rejection::Erased) => Outcome::Rejected(Rejection::GuestLinkInvalid),
            outcome => outcome,
        })
    }

    /// Erases the guests who have a registration, or had it before, if its run was called off, or was over so long ago; how many. Doing it
    /// twice does no more.
    ///
    /// # Errors
    /// The journal or the vault could not be read or written.
    pub async fn retain_guests(&self, kept_for: TimeDelta, registration: RegistrationId) -> Result<u64, Fault> {
        let (request, over_by) = (Request::system(RETENTION), self.dispatcher.now() - kept_for);
        let guests = |registrant: &Registrant| registrant.guests().map(Personal::subject).collect::<Vec<_>>();
        let mut erased = 0;
        for guest in self.dispatcher.look(registration.into(), guests).await? {
            if !self.dispatcher.look(guest.into(), has_no_account).await? {
                continue;
            }
            match self.forget(&request, registration, guest, Some(over_by)).await? {
                Outcome::Accepted(_) => erased += 1,
                Outcome::Rejected(rejection) => tracing::info!(%registration, %rejection, "a guest whose run is over is not erased"),
            }
        }
        Ok(erased)
    }

    async fn forget(
        &self,
        request: &Request,
        registration: RegistrationId,
        guest: AccountId,
        over_by: Option<Timestamp>,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let input = json!({ "registration": registration, "guest": guest });
        let operation = Operation { subject: Some(guest), ..Operation::new(acts::GUEST_ERASE, input) };
        let work = |transaction: Transaction| async move {
            let no = |rejection| Err(Halt::Rejected(rejection));
            // Who has an account is erased with it.
            if !self.dispatcher.look(guest.into(), has_no_account).await? {
                return no(Rejection::RegistrationNotFound);
            }
            // What they have may be handed over meanwhile.
            let registrant = transaction.rely_on(registration.into(), Registrant::clone).await?;
            let Some(run) = registrant.run() else { return no(Rejection::RegistrationNotFound) };
            if let Some(email) = registrant.guest(guest) {
                let address = match self.dispatcher.open::<String>(email).await?.and_then(|email| Email::try_new(&email).ok()) {
                    Some(email) => Some(self.digest(&email).await?),
                    None => None,
                };
                let has_it = registrant.reached().is_some_and(|(_, now, _)| now == guest);
                let forget = RunCommand::Forget { registration, address, has_it, over_by };
                transaction.decide::<Run>(run.into(), forget).await?;
                transaction.decide::<LegalHold>(guest.into(), LegalHoldCommand::Close).await.map_err(held)?;
            }
            transaction.decide::<Registrant>(registration.into(), RegistrantCommand::Forget { subject: guest }).await.map(drop)
        };
        let outcome = self.dispatcher.execute(request, operation, work).await?;
        if matches!(outcome, Outcome::Accepted(_))
            && let Err(fault) = self.dispatcher.vault().erase_subject(guest.into()).await
        {
            tracing::error!(%registration, %fault, "a guest is erased, but their key is not destroyed yet; a reaction tries again");
        }
        Ok(outcome)
    }
}

const fn has_no_account(account: &Account) -> bool {
    matches!(account, Account::Absent)
}

/// Why nobody who is held is forgotten, as bookings say it.
fn held(halt: Halt<IdentityRejection>) -> Halt<Rejection> {
    match halt {
        Halt::Rejected(IdentityRejection::OnHold) => Halt::Rejected(Rejection::OnHold),
        Halt::Rejected(_) => Halt::Rejected(Rejection::Erased),
        Halt::Fault(fault) => Halt::Fault(fault),
    }
}
