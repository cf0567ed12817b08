//! People who are invited. Whoever has no account comes by an invitation alone.

use domain::{
    booking::{
        BookingRejection as Rejection, Invitation,
        registrant::{Registrant, RegistrantCommand},
        run::{Run, RunCommand},
    },
    kernel::{Personal, RegistrationId, RunId, Timestamp},
};
use serde_json::json;
use uuid::Uuid;

use super::{Booking, staff};
use crate::{
    Fault, Outcome, Request,
    authorization::acts,
    dispatch::{Halt, Operation, Transaction},
};

/// Who is invited to what.
#[derive(Clone, Debug)]
pub struct Guest {
    pub run: RunId,
    pub email: String,
    pub name: String,
    pub ticket: Option<String>,
    pub priority: u8,
    pub until: Option<Timestamp>,
}

impl Booking {
    /// Invites somebody to a run by their address. It is the id of their registration that is given, should they have no account.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn invite(&self, request: &Request, guest: &Guest) -> Result<Outcome<RegistrationId, Rejection>, Fault> {
        let by = staff(request, &acts::GUEST_INVITE)?;
        let registration = RegistrationId(Uuid::now_v7());
        let Guest { run, email, name, ticket, priority, until } = guest;
        let input = json!({ "run": run, "email": email, "name": name, "ticket": ticket, "priority": priority, "until": until });
        let work = |transaction: Transaction| async move {
            let known = self.addressee(email, name).await?.map_err(Halt::Rejected)?;
            let (address, ticket) = (known.person.address.clone(), ticket.clone());
            let invitation = Invitation { address, registration, ticket, priority: *priority, until: *until };
            transaction.decide::<Run>((*run).into(), RunCommand::Invite { by, invitation }).await?;
            let email = Personal::new(known.subject, known.email);
            transaction.decide::<Registrant>(registration.into(), RegistrantCommand::Invite { run: *run, email }).await?;
            Ok(registration)
        };
        self.dispatcher.execute(request, Operation::new(acts::GUEST_INVITE, input), work).await
    }
}
