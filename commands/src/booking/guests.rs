//! People who are invited. Whoever has no account comes by an invitation alone, and goes on by the link in it.

use domain::{
    booking::{
        Answers, BookingRejection as Rejection, Invitation,
        registrant::{Registrant, RegistrantCommand},
        run::{Application, Caller, Person, Run, RunCommand, Scheduled},
    },
    kernel::{Personal, RegistrationId, RunId, Timestamp},
};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::{
    Appointment, Booking, Opened, Transferee,
    guest_links::Holder,
    people::{Known, named},
    staff,
};
use crate::{
    Fault, Outcome, Request,
    authorization::{Act, acts},
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

/// What somebody without an account registers with.
#[derive(Clone)]
pub struct GuestWanted {
    pub name: String,
    pub ticket: String,
    /// Names of all who come; none: theirs.
    pub attendees: Vec<String>,
    /// Addresses of those among them who are written to, and begin a session by an account of their own.
    pub members: Vec<String>,
    pub answers: Answers,
    pub code: Option<String>,
    /// Wait, if there is no place.
    pub wait: bool,
}

/// Shows what is wanted, never by whom.
impl std::fmt::Debug for GuestWanted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GuestWanted").field("ticket", &self.ticket).field("wait", &self.wait).finish_non_exhaustive()
    }
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

    /// What a guest sees by their link: the run, and their registration once there is one. None, if the link is not good, or the run is not
    /// theirs to see any more.
    ///
    /// # Errors
    /// The vault or the journal could not be read.
    pub async fn guest_appointment(&self, token: &SecretString) -> Result<Option<(RegistrationId, Appointment)>, Fault> {
        let Some(Holder { registration, run, address, .. }) = self.holder(token).await? else { return Ok(None) };
        let now = self.dispatcher.now();
        let seen = move |state: &Scheduled| {
            let is_shown = state.is_shown_by_link(registration, &address, now);
            is_shown.then(|| (registration, Appointment::by_now(run, registration, state)))
        };
        self.look(run, seen).await
    }

    /// The code by which a guest is checked in; none where nobody is let in by it.
    ///
    /// # Errors
    /// A fault.
    pub async fn guest_check_in_code(&self, token: &SecretString) -> Result<Option<SecretString>, Fault> {
        match self.guest_appointment(token).await? {
            Some((registration, appointment)) => self.code_of(registration, &appointment).await,
            None => Ok(None),
        }
    }

    /// Registers whoever comes by the link of an invitation.
    ///
    /// # Errors
    /// A fault.
    pub async fn guest_register(
        &self,
        request: &Request,
        token: &SecretString,
        wanted: &GuestWanted,
    ) -> Result<Outcome<RegistrationId, Rejection>, Fault> {
        let act = acts::GUEST_REGISTER;
        request.allowed(&act)?;
        let Some(holder) = self.holder(token).await? else { return Ok(Outcome::Rejected(Rejection::GuestLinkInvalid)) };
        let holder = &holder;
        let GuestWanted { name, ticket, attendees, members, answers, code, wait } = wanted;
        let name = match named(name) {
            Ok(name) => name,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let (registration, run) = (holder.registration, holder.run);
        let input = json!({
            "registration": registration, "name": name, "ticket": ticket, "attendees": attendees, "members": members, "answers": answers,
            "code": code, "wait": wait,
        });
        let work = |transaction: Transaction| async move {
            // They may have an account by now.
            let owner = self.addressee(holder.email.as_str(), name).await?.ok().and_then(|known| known.person.account);
            let person = Person { account: None, address: holder.address.clone() };
            let email = holder.email.as_str().to_owned();
            let known = Known { person, subject: holder.subject, name: name.to_owned(), email };
            let members = self.members(members, None).await?.map_err(Halt::Rejected)?;
            let (applicant, details) = known.applies(None, attendees, members, answers);
            let (ticket, code, wait) = (ticket.clone(), code.clone(), *wait);
            let application = Application { registration, applicant, owner, ticket, code, priority: 0, wait };
            transaction.decide::<Run>(run.into(), RunCommand::Request(Box::new(application))).await?;
            transaction.decide::<Registrant>(registration.into(), RegistrantCommand::Register { run, details }).await?;
            Ok(registration)
        };
        self.dispatcher.execute(request, theirs(act, holder, input), work).await
    }

    /// Gives up a guest's place, offer or place in line.
    ///
    /// # Errors
    /// A fault.
    pub async fn guest_withdraw(&self, request: &Request, token: &SecretString) -> Result<Outcome<(), Rejection>, Fault> {
        self.guest_does(request, acts::GUEST_WITHDRAW, token, |by, registration| RunCommand::Withdraw { by, registration }).await
    }

    /// Lets somebody else come instead of a guest, whose link is worth nothing from then on.
    ///
    /// # Errors
    /// A fault.
    pub async fn guest_transfer(&self, request: &Request, token: &SecretString, to: &Transferee) -> Result<Outcome<(), Rejection>, Fault> {
        let act = acts::GUEST_TRANSFER;
        request.allowed(&act)?;
        let Some(holder) = self.holder(token).await? else { return Ok(Outcome::Rejected(Rejection::GuestLinkInvalid)) };
        let (by, registration) = (Caller::Guest(holder.address.clone()), holder.registration);
        let operation = theirs(act, &holder, to.given(registration));
        self.transfer_by(request, operation, holder.run, registration, &by, to).await
    }

    /// Takes the place that was offered to a guest, or lets it go.
    ///
    /// # Errors
    /// A fault.
    pub async fn guest_answer_offer(
        &self,
        request: &Request,
        token: &SecretString,
        accepts: bool,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let command = |by, registration| {
            if accepts { RunCommand::AcceptOffer { by, registration } } else { RunCommand::DeclineOffer { by, registration } }
        };
        self.guest_does(request, acts::GUEST_ANSWER_OFFER, token, command).await
    }

    /// Opens a payment of what is due for a guest's registration, or finds the one that is open, and says how it is made.
    ///
    /// # Errors
    /// A fault.
    pub async fn guest_checkout(&self, request: &Request, token: &SecretString) -> Result<Outcome<Opened, Rejection>, Fault> {
        let act = acts::GUEST_PAYMENT_OPEN;
        request.allowed(&act)?;
        let Some(holder) = self.holder(token).await? else { return Ok(Outcome::Rejected(Rejection::GuestLinkInvalid)) };
        let (by, registration) = (Caller::Guest(holder.address.clone()), holder.registration);
        let operation = theirs(act, &holder, json!({ "registration": registration }));
        match self.open_payment_by(request, operation, holder.run, registration, &by).await? {
            Outcome::Accepted(opened) => self.paid_whoever_waits(request, registration, opened).await,
            Outcome::Rejected(rejection) => Ok(Outcome::Rejected(rejection)),
        }
    }

    async fn guest_does(
        &self,
        request: &Request,
        act: Act,
        token: &SecretString,
        command: impl Fn(Caller, RegistrationId) -> RunCommand + Send + Sync,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        request.allowed(&act)?;
        let Some(holder) = self.holder(token).await? else { return Ok(Outcome::Rejected(Rejection::GuestLinkInvalid)) };
        let operation = theirs(act, &holder, json!({ "registration": holder.registration }));
        let command = || command(Caller::Guest(holder.address.clone()), holder.registration);
        self.dispatcher.command::<Run>(request, operation, holder.run.into(), command).await
    }
}

/// Where a guest came from is sealed under their own key.
fn theirs(act: Act, holder: &Holder, input: serde_json::Value) -> Operation {
    Operation { subject: Some(holder.subject), ..Operation::new(act, input) }
}
