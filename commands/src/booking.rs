//! Runs of workshops: scheduling them, registering, waiting, paying, coming.

mod appointments;
mod check_ins;
mod given_up;
mod guest_erasure;
mod guest_links;
mod guest_sights;
mod guests;
mod invitations;
mod laboratory;
mod money;
mod offers;
mod payments;
mod people;
mod programmes;
mod registrations;
mod requests;
mod runs;
mod withdrawn_invitations;

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use domain::{
    booking::{
        Flaw,
        registrant::Registrant,
        run::{By, Caller, Run, Scheduled},
    },
    identity::Permission,
    kernel::{RegistrationId, RunId},
};
use tokio::sync::RwLock;

pub(crate) use appointments::appointment;
pub use appointments::{Appointment, Certainty};
pub use check_ins::Arrived;
pub(crate) use guest_links::guest_token;
pub use guest_sights::{GuestRegistered, GuestSight, GuestTicket};
pub use guests::{Guest, GuestWanted};
pub use laboratory::{Lead, Need};
use payments::Cashier;
pub use payments::{Checkout, Due, Heard, LONGEST_EVENT, Message, News, Opened, PaymentProvider, Unheard, Unopened};
pub(crate) use people::verified_address;
pub use registrations::Transferee;
pub use requests::Wanted;
pub use runs::{DiscountDraft, RunDraft};

use crate::{Dispatcher, Fault, Request, authorization::Act, identity::CheckInCodes, plans::Plans};

/// Commands of the context `booking`.
#[derive(Clone)]
pub struct Booking {
    dispatcher: Dispatcher,
    plans: Plans,
    lead: Lead,
    codes: CheckInCodes,
    /// How long before a run who is confirmed is reminded; none: they are not.
    reminded_before: Option<TimeDelta>,
    /// Whoever moves money; none: nobody does.
    payments: Option<Cashier>,
    /// Held for reading while somebody is asked for money, and what becomes of it is recorded.
    asking_for_money: Arc<RwLock<()>>,
}

impl Booking {
    pub(crate) fn new(dispatcher: Dispatcher, plans: Plans, codes: CheckInCodes) -> Self {
        Self { dispatcher, plans, lead: Lead::default(), codes, reminded_before: None, payments: None, asking_for_money: Arc::default() }
    }

    pub(crate) fn with_lead(self, lead: Lead) -> Self {
        Self { lead, ..self }
    }

    /// The same, with people reminded of their runs so long before they start.
    #[must_use]
    pub fn with_reminders(self, before: Option<TimeDelta>) -> Self {
        Self { reminded_before: before, ..self }
    }

    /// The same, with somebody who moves money, who is waited for no longer than `patience`.
    #[must_use]
    pub fn with_payments(self, provider: Arc<dyn PaymentProvider>, patience: Duration) -> Self {
        Self { payments: Some(Cashier { provider, patience }), ..self }
    }

    pub(crate) const fn reminded_before(&self) -> Option<TimeDelta> {
        self.reminded_before
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
        Ok(self.dispatcher.state::<Registrant>(registration.into()).await?.run())
    }

    /// Looks at a run, of which a copy would be as large as it has registrations; none, if there is none, or nothing is seen.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn look<R>(&self, run: RunId, look: impl Fn(&Scheduled) -> Option<R> + Send) -> Result<Option<R>, Fault> {
        let seen = move |run: &Run| run.scheduled().and_then(&look);
        self.dispatcher.look::<Run, _>(run.into(), seen).await
    }

    /// For which run a registration is, and as whom somebody acts on it: for themselves if it is theirs, else as who runs the run. None, if
    /// there is no such registration; whoever may not do it at all is not told.
    async fn caller(&self, request: &Request, act: &Act, registration: RegistrationId) -> Result<Option<(RunId, Caller)>, Fault> {
        request.allowed(act)?;
        let Some(run) = self.run_of(registration).await? else { return Ok(None) };
        let Some(account) = request.actor.account() else {
            return Ok(Some((run, Caller::Staff(staff(request, act)?))));
        };
        let is_theirs = |run: &Scheduled| run.registration(registration).map(|entry| entry.person.account == Some(account));
        let theirs = self.look(run, is_theirs).await?.unwrap_or_default();
        let may = |permission| request.actor.may(permission);
        if theirs || !(may(Permission::ManageRuns) || may(Permission::OrganiseRuns)) {
            return Ok(Some((run, Caller::Account(account))));
        }
        Ok(Some((run, Caller::Staff(staff(request, act)?))))
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
