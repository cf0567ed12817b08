//! Runs of workshops: scheduling them, registering, waiting, paying, coming.

mod guests;
mod money;
mod offers;
mod people;
mod registrations;
mod requests;
mod runs;
mod withdrawn_invitations;

use domain::{
    booking::{
        Flaw,
        registrant::Registrant,
        run::{By, Caller, Run},
    },
    identity::Permission,
    kernel::{RegistrationId, RunId},
};

pub use guests::Guest;
pub use registrations::Transferee;
pub use requests::Wanted;
pub use runs::{DiscountDraft, RunDraft};

use crate::{Dispatcher, Fault, Request, authorization::Act, plans::Plans};

/// Commands of the context `booking`.
#[derive(Clone)]
pub struct Booking {
    dispatcher: Dispatcher,
    plans: Plans,
}

impl Booking {
    pub(crate) const fn new(dispatcher: Dispatcher, plans: Plans) -> Self {
        Self { dispatcher, plans }
    }

    /// A run's state.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn run(&self, run: RunId) -> Result<Run, Fault> {
        self.dispatcher.state(run.into()).await
    }

    /// The run that a registration is for, if there is one.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn run_of(&self, registration: RegistrationId) -> Result<Option<RunId>, Fault> {
        Ok(match self.dispatcher.state::<Registrant>(registration.into()).await? {
            Registrant::Absent => None,
            Registrant::Invited { run, .. } | Registrant::Known { run, .. } => Some(run),
        })
    }

    /// As whom somebody acts on a registration: for themselves if it is theirs, else as who runs the run.
    async fn caller(&self, request: &Request, act: &Act, run: RunId, registration: RegistrationId) -> Result<Caller, Fault> {
        request.allowed(act)?;
        let Some(account) = request.actor.account() else {
            return Ok(Caller::Staff(staff(request, act)?));
        };
        let is_theirs = |run: &Run| match run {
            Run::Scheduled(run) => run.registration(registration).is_some_and(|entry| entry.person.account == Some(account)),
            Run::Absent => false,
        };
        let may = |permission| request.actor.may(permission);
        let theirs = self.dispatcher.look::<Run, _>(run.into(), is_theirs).await?;
        if theirs || !(may(Permission::ManageRuns) || may(Permission::OrganiseRuns)) {
            return Ok(Caller::Account(account));
        }
        Ok(Caller::Staff(staff(request, act)?))
    }
}

/// As whom a request runs a run.
fn staff(request: &Request, act: &Act) -> Result<By, Fault> {
    Ok(request.own_unless(Permission::ManageRuns, act)?.map_or(By::Manager, By::Organiser))
}

/// A field that is not as expected.
fn flawed(at: &str, expected: &str) -> domain::booking::BookingRejection {
    Flaw::new(at, expected).into()
}
