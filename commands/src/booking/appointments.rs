//! What calendars, mails and whoever looks at the door are told of a run, and of somebody's registration for it.

use std::sync::Arc;

use domain::{
    booking::{
        Plan,
        run::{By, Caller, Entry, Life, Run, Scheduled, Stage},
    },
    identity::Permission,
    kernel::{AccountId, Money, RegistrationId, RunId},
};

use super::{Booking, verified_address};
use crate::{Dispatcher, Fault, Request, authorization::reads};

/// A run, or somebody's registration for it, as it is by now.
#[derive(Clone, Debug)]
pub struct Appointment {
    pub run: RunId,
    /// None: the run itself.
    pub registration: Option<RegistrationId>,
    /// Of the registration: whose it is, where they have an account.
    pub whose: Option<AccountId>,
    pub plan: Arc<Plan>,
    pub life: Life,
    /// Why the run was called off, if it was.
    pub called_off: Option<String>,
    /// Of the registration.
    pub stage: Option<Stage>,
    /// Of the registration: what is to be paid now.
    pub due: Option<Money>,
    /// Of the registration: what is still to be given back.
    pub owed: Option<Money>,
    /// Of the registration: how many come.
    pub seats: u16,
    /// Higher after each change that calendars show.
    pub sequence: u32,
}

/// How sure it is that it takes place, for whoever's it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    Tentative,
    Confirmed,
    Cancelled,
}

impl Appointment {
    fn of_run(id: RunId, run: &Scheduled) -> Self {
        Self {
            run: id,
            registration: None,
            whose: None,
            plan: Arc::clone(&run.plan),
            life: run.life,
            called_off: run.called_off.clone(),
            stage: None,
            due: None,
            owed: None,
            seats: 0,
            sequence: run.revision,
        }
    }

    fn of(id: RunId, registration: RegistrationId, run: &Scheduled, entry: &Entry) -> Self {
        let money = |amount| Some(Money::new(amount, run.plan.currency));
        Self {
            registration: Some(registration),
            whose: entry.person.account,
            stage: Some(entry.stage),
            due: money(entry.payable()),
            owed: money(entry.owed),
            seats: entry.seats,
            sequence: run.revision.saturating_add(entry.revision),
            ..Self::of_run(id, run)
        }
    }

    /// The registration as it is by now; the run, where nobody has registered under this id.
    pub(super) fn by_now(id: RunId, registration: RegistrationId, run: &Scheduled) -> Self {
        match run.registration(registration) {
            Some(entry) => Self::of(id, registration, run, entry),
            None => Self::of_run(id, run),
        }
    }

    /// As it is for who gave the registration to somebody else: as if they had withdrawn. What becomes of it is not theirs to know.
    #[must_use]
    pub fn given_away(self) -> Self {
        Self { whose: None, stage: Some(Stage::Withdrawn), due: None, owed: None, ..self }
    }

    /// What it is called by for ever, wherever it is shown.
    #[must_use]
    pub fn uid(&self) -> String {
        match self.registration {
            Some(registration) => format!("{registration}@nalabo"),
            None => format!("{}@nalabo", self.run),
        }
    }

    /// How sure it is.
    #[must_use]
    pub const fn certainty(&self) -> Certainty {
        use Stage::{
            Attended, AwaitingPayment, Cancelled, Confirmed, Expired, NoShow, Offered, PendingApproval, Rejected, Waitlisted, Withdrawn,
        };
        match (self.life, self.stage) {
            (Life::Cancelled, _) | (_, Some(Rejected | Expired | Withdrawn | Cancelled)) => Certainty::Cancelled,
            (Life::Draft, _) | (_, Some(PendingApproval { .. } | AwaitingPayment { .. } | Waitlisted | Offered { .. })) => {
                Certainty::Tentative
            }
            (Life::Published | Life::Completed, None | Some(Confirmed | Attended | NoShow)) => Certainty::Confirmed,
        }
    }

    /// Where it takes place online: told to who is confirmed alone.
    #[must_use]
    pub fn link(&self) -> Option<&str> {
        match self.stage {
            Some(Stage::Confirmed | Stage::Attended) if self.life != Life::Cancelled => self.plan.format.link(),
            _ => None,
        }
    }
}

impl Booking {
    /// A run as calendars have it, for who may see it, with the code that they have.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn run_appointment(&self, request: &Request, run: RunId, code: Option<&str>) -> Result<Option<Appointment>, Fault> {
        let (manages, account, now) = (request.actor.may(Permission::ManageRuns), request.actor.account(), self.dispatcher.now());
        let is_there =
            |state: &Scheduled| manages || state.is_shown(code, now) || account.is_some_and(|account| state.is_shown_to(account));
        let seen = self.look(run, |state: &Scheduled| is_there(state).then(|| Appointment::of_run(run, state))).await?;
        let Some(account) = account.filter(|_| seen.is_none()) else { return Ok(seen) };
        if !self.is_invited(account, run).await? {
            return Ok(None);
        }
        self.look(run, |state: &Scheduled| Some(Appointment::of_run(run, state))).await
    }

    /// Whether an account sees a run because it is invited to it, by an address that was verified to be its owner's.
    ///
    /// # Errors
    /// The journal or the vault could not be read.
    pub async fn is_invited(&self, account: AccountId, run: RunId) -> Result<bool, Fault> {
        let Some(address) = verified_address(&self.dispatcher, account).await? else { return Ok(false) };
        let now = self.dispatcher.now();
        let is_invited = self.look(run, |state: &Scheduled| Some(state.is_shown_to_invited(&address, now))).await?;
        Ok(is_invited.unwrap_or_default())
    }

    /// A registration as calendars have it: one's own, or one of a run that one looks after. Others are not there.
    ///
    /// # Errors
    /// [`Fault::Unauthenticated`], or the journal could not be read.
    pub async fn appointment(&self, request: &Request, registration: RegistrationId) -> Result<Option<Appointment>, Fault> {
        let Some((run, caller)) = self.caller(request, &reads::REGISTRATION, registration).await? else { return Ok(None) };
        self.seen_by(run, registration, move |run, entry| match &caller {
            Caller::Account(account) => entry.person.account == Some(*account),
            Caller::Guest(address) => entry.person.account.is_none() && entry.person.address == *address,
            Caller::Staff(By::Organiser(organiser)) => run.organiser == *organiser,
            Caller::Staff(By::Manager) => true,
        })
        .await
    }

    /// The registrations of somebody among these, as their calendar has them.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn appointments_of(&self, account: AccountId, registrations: &[RegistrationId]) -> Result<Vec<Appointment>, Fault> {
        let mut all = Vec::with_capacity(registrations.len());
        for registration in registrations {
            let Some(run) = self.run_of(*registration).await? else { continue };
            all.extend(self.seen_by(run, *registration, move |_, entry| entry.person.account == Some(account)).await?);
        }
        Ok(all)
    }

    pub(super) async fn seen_by(
        &self,
        run: RunId,
        registration: RegistrationId,
        may: impl Fn(&Scheduled, &Entry) -> bool + Send,
    ) -> Result<Option<Appointment>, Fault> {
        let found = move |state: &Scheduled| {
            let entry = state.registration(registration).filter(|entry| may(state, entry))?;
            Some(Appointment::of(run, registration, state, entry))
        };
        self.look(run, found).await
    }
}

/// A registration as it is by now, for what is written to whoever's it is. Of who was invited and has not registered, the run.
pub(crate) async fn appointment(dispatcher: &Dispatcher, run: RunId, registration: RegistrationId) -> Result<Option<Appointment>, Fault> {
    let found = move |state: &Run| state.scheduled().map(|state| Appointment::by_now(run, registration, state));
    dispatcher.look::<Run, _>(run.into(), found).await
}
