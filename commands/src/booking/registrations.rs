//! What becomes of registrations.

use domain::{
    booking::{
        Answers, BookingRejection as Rejection,
        registrant::{Registrant, RegistrantCommand},
        run::{By, Caller, Run, RunCommand, Scheduled},
    },
    kernel::{RegistrationId, RunId},
};
use serde_json::{Value, json};

use super::{Booking, staff};
use crate::{
    Fault, Outcome, Request,
    authorization::{Act, acts},
    dispatch::{Halt, Operation, Transaction},
};

/// Who comes instead.
#[derive(Clone, Debug)]
pub struct Transferee {
    pub email: String,
    pub name: String,
    /// Names of all who come; none: theirs.
    pub attendees: Vec<String>,
    /// Addresses of those among them who are written to, and begin a session by an account of their own.
    pub members: Vec<String>,
    pub answers: Answers,
}

impl Transferee {
    /// What a registration is transferred by.
    pub(super) fn given(&self, registration: RegistrationId) -> Value {
        let Self { email, name, attendees, members, answers } = self;
        json!({ "registration": registration, "email": email, "name": name, "attendees": attendees, "members": members, "answers": answers })
    }
}

impl Booking {
    /// Lets a registration in that waits for it.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn approve(&self, request: &Request, registration: RegistrationId) -> Result<Outcome<(), Rejection>, Fault> {
        self.manage(request, acts::REGISTRATION_APPROVE, registration, |by| RunCommand::Approve { by, registration }).await
    }

    /// Takes an approval back while nobody has paid.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn withdraw_approval(&self, request: &Request, registration: RegistrationId) -> Result<Outcome<(), Rejection>, Fault> {
        let command = |by| RunCommand::WithdrawApproval { by, registration };
        self.manage(request, acts::REGISTRATION_WITHDRAW_APPROVAL, registration, command).await
    }

    /// Turns a registration down.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn reject(&self, request: &Request, registration: RegistrationId, why: &str) -> Result<Outcome<(), Rejection>, Fault> {
        let command = |by| RunCommand::Reject { by, registration, reason: why.to_owned() };
        self.manage(request, acts::REGISTRATION_REJECT, registration, command).await
    }

    /// Takes back that a registration was rejected, ran out, was withdrawn or cancelled.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn reinstate(&self, request: &Request, registration: RegistrationId) -> Result<Outcome<(), Rejection>, Fault> {
        let act = acts::REGISTRATION_REINSTATE;
        let by = staff(request, &act)?;
        let Some(run) = self.run_of(registration).await? else { return Ok(Outcome::Rejected(Rejection::RegistrationNotFound)) };
        let work = |transaction: Transaction| async move {
            transaction.decide::<Run>(run.into(), RunCommand::Reinstate { by, registration }).await?;
            // Nobody is left who could come by it.
            let is_gone = |registrant: &Registrant| matches!(registrant, Registrant::Forgotten { .. });
            let is_gone = transaction.rely_on(registration.into(), is_gone).await?;
            if is_gone { Err(Halt::Rejected(Rejection::Erased)) } else { Ok(()) }
        };
        self.dispatcher.execute(request, Operation::new(act, json!({ "registration": registration })), work).await
    }

    /// Moves somebody up or down in line.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn prioritise(&self, request: &Request, registration: RegistrationId, priority: u8) -> Result<Outcome<(), Rejection>, Fault> {
        let command = |by| RunCommand::Prioritise { by, registration, priority };
        self.manage(request, acts::REGISTRATION_PRIORITISE, registration, command).await
    }

    /// Cancels somebody's registration. All that came in for it is owed.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn cancel_registration(
        &self,
        request: &Request,
        registration: RegistrationId,
        why: &str,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let command = |by| RunCommand::CancelRegistration { by, registration, reason: why.to_owned() };
        self.manage(request, acts::REGISTRATION_CANCEL, registration, command).await
    }

    /// Says that somebody has come: at the door of a run, if it is said which.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn check_in(
        &self,
        request: &Request,
        registration: RegistrationId,
        door: Option<RunId>,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        request.allowed(&acts::REGISTRATION_CHECK_IN)?;
        if door.is_some() && self.run_of(registration).await? != door {
            return Ok(Outcome::Rejected(Rejection::RegistrationNotFound));
        }
        self.manage(request, acts::REGISTRATION_CHECK_IN, registration, |by| RunCommand::CheckIn { by, registration }).await
    }

    /// Takes back that somebody has come.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn undo_check_in(&self, request: &Request, registration: RegistrationId) -> Result<Outcome<(), Rejection>, Fault> {
        self.manage(request, acts::REGISTRATION_UNDO_CHECK_IN, registration, |by| RunCommand::UndoCheckIn { by, registration }).await
    }

    /// Says that somebody has not come, or takes that back.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn record_no_show(
        &self,
        request: &Request,
        registration: RegistrationId,
        came: bool,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let command = |by| if came { RunCommand::UndoNoShow { by, registration } } else { RunCommand::RecordNoShow { by, registration } };
        self.manage(request, acts::REGISTRATION_RECORD_NO_SHOW, registration, command).await
    }

    /// Gives up a place, an offer, or a place in line: one's own, or somebody's whose run it is.
    ///
    /// # Errors
    /// A fault, such as not being signed in.
    pub async fn withdraw(&self, request: &Request, registration: RegistrationId) -> Result<Outcome<(), Rejection>, Fault> {
        self.does(request, acts::REGISTRATION_WITHDRAW, registration, |by, registration| RunCommand::Withdraw { by, registration }).await
    }

    /// Lets somebody else come instead.
    ///
    /// # Errors
    /// A fault, such as not being signed in.
    pub async fn transfer(
        &self,
        request: &Request,
        registration: RegistrationId,
        to: &Transferee,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let act = acts::REGISTRATION_TRANSFER;
        request.allowed(&act)?;
        // What is wrong with it is said first, so that it does not tell whether there is such a registration.
        if let Err(rejection) = self.addressee(&to.email, &to.name).await? {
            return Ok(Outcome::Rejected(rejection));
        }
        let Some((run, by)) = self.caller(request, &act, registration).await? else {
            return Ok(Outcome::Rejected(Rejection::RegistrationNotFound));
        };
        self.transfer_by(request, Operation::new(act, to.given(registration)), run, registration, &by, to).await
    }

    pub(super) async fn transfer_by(
        &self,
        request: &Request,
        operation: Operation,
        run: RunId,
        registration: RegistrationId,
        by: &Caller,
        to: &Transferee,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let Transferee { email, name, attendees, members, answers } = to;
        let named_by = if let Caller::Account(account) = by { Some(*account) } else { None };
        let work = |transaction: Transaction| async move {
            let known = self.addressee(email, name).await?.map_err(Halt::Rejected)?;
            let plan = match known.person.account {
                Some(account) => Some(self.plans.of(account).await?.0),
                None => None,
            };
            let members = self.members(members, named_by).await?.map_err(Halt::Rejected)?;
            let (applicant, details) = known.applies(plan, attendees, members, answers);
            let transfer = RunCommand::Transfer { by: by.clone(), registration, to: Box::new(applicant) };
            let is_news = transaction.decide::<Run>(run.into(), transfer).await?;
            let has_it = |run: &Scheduled| run.registration(registration).map(|entry| entry.person == known.person);
            if is_news && !self.look(run, has_it).await?.unwrap_or_default() {
                transaction.decide::<Registrant>(registration.into(), RegistrantCommand::Replace { details }).await?;
            }
            Ok(())
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Something that whoever's registration it is does about it, or who runs the run.
    pub(super) async fn does(
        &self,
        request: &Request,
        act: Act,
        registration: RegistrationId,
        command: impl Fn(Caller, RegistrationId) -> RunCommand + Send + Sync,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let Some((run, by)) = self.caller(request, &act, registration).await? else {
            return Ok(Outcome::Rejected(Rejection::RegistrationNotFound));
        };
        let operation = Operation::new(act, json!({ "registration": registration }));
        self.dispatcher.command::<Run>(request, operation, run.into(), || command(by.clone(), registration)).await
    }

    /// Something that who runs the run does about a registration.
    async fn manage(
        &self,
        request: &Request,
        act: Act,
        registration: RegistrationId,
        command: impl Fn(By) -> RunCommand + Send + Sync,
    ) -> Result<Outcome<(), Rejection>, Fault> {
        let by = staff(request, &act)?;
        let Some(run) = self.run_of(registration).await? else { return Ok(Outcome::Rejected(Rejection::RegistrationNotFound)) };
        let input: Value = match command(by) {
            RunCommand::Reject { reason, .. } | RunCommand::CancelRegistration { reason, .. } => {
                json!({ "registration": registration, "reason": reason })
            }
            RunCommand::Prioritise { priority, .. } => json!({ "registration": registration, "priority": priority }),
            RunCommand::UndoNoShow { .. } => json!({ "registration": registration, "came": true }),
            _ => json!({ "registration": registration }),
        };
        self.dispatcher.command::<Run>(request, Operation::new(act, input), run.into(), || command(by)).await
    }
}
