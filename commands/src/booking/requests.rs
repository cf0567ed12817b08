//! Registering for a run.

use domain::{
    booking::{
        Answers, BookingRejection as Rejection,
        registrant::{Registrant, RegistrantCommand},
        run::{Applicant, Application, Run, RunCommand},
    },
    kernel::{RegistrationId, RunId},
};
use serde_json::json;
use uuid::Uuid;

use super::Booking;
use crate::{
    Fault, Outcome, Request,
    authorization::{Act, acts},
    dispatch::{Halt, Operation, Transaction},
};

/// What somebody registers with.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub run: RunId,
    pub ticket: String,
    /// Names of all who come; none: whoever asks.
    pub attendees: Vec<String>,
    /// Addresses of those among them who are written to, and begin a session by an account of their own.
    pub members: Vec<String>,
    pub answers: Answers,
    pub code: Option<String>,
    /// Wait, if there is no place.
    pub wait: bool,
}

impl Booking {
    /// Registers whoever asks for a run. That nobody has a place too many, and none two of them, holds by the run's own stream.
    ///
    /// # Errors
    /// A fault, such as not being signed in.
    pub async fn request(&self, request: &Request, wanted: &Wanted) -> Result<Outcome<RegistrationId, Rejection>, Fault> {
        self.register(request, acts::REGISTRATION_REQUEST, wanted).await
    }

    /// The same, of who takes a place in line if there is no other.
    ///
    /// # Errors
    /// As [`Self::request`].
    pub async fn join_waitlist(&self, request: &Request, wanted: &Wanted) -> Result<Outcome<RegistrationId, Rejection>, Fault> {
        self.register(request, acts::WAITLIST_JOIN, &Wanted { wait: true, ..wanted.clone() }).await
    }

    async fn register(&self, request: &Request, act: Act, wanted: &Wanted) -> Result<Outcome<RegistrationId, Rejection>, Fault> {
        let account = request.person(&act)?;
        let registration = RegistrationId(Uuid::now_v7());
        let Wanted { run, ticket, attendees, members, answers, code, wait } = wanted;
        // The receipt keeps a keyed digest of this, so nothing personal is in it.
        let input = json!({
            "run": run, "ticket": ticket, "attendees": attendees, "members": members, "answers": answers, "code": code, "wait": wait,
        });
        let work = |transaction: Transaction| async move {
            let known = self.asking(account).await?.ok_or(Fault::Unauthenticated)?;
            let members = self.members(members, Some(account)).await?.map_err(Halt::Rejected)?;
            let (applicant, details) = known.applies(None, attendees, members, answers);
            let (ticket, code, wait) = (ticket.clone(), code.clone(), *wait);
            let application = Application { registration, applicant, owner: None, ticket, code, priority: 0, wait };
            let request = |application| RunCommand::Request(Box::new(application));
            let requested = transaction.decide::<Run>((*run).into(), request(application.clone())).await;
            // What their account is on is looked up for the few tickets that ask for it.
            if matches!(requested, Err(Halt::Rejected(Rejection::TicketNotForPlan))) {
                let (plan, _) = self.plans.of(account).await?;
                let applicant = Applicant { plan: Some(plan), ..application.applicant };
                transaction.decide::<Run>((*run).into(), request(Application { applicant, ..application })).await?;
            } else {
                requested?;
            }
            transaction.decide::<Registrant>(registration.into(), RegistrantCommand::Register { run: *run, details }).await?;
            Ok(registration)
        };
        self.dispatcher.execute(request, Operation::new(act, input).going_ahead(), work).await
    }
}
