//! What people have who are erased: nobody is left who could come, or give it up.

use domain::{
    booking::{
        BookingRejection as Rejection,
        registrant::Registrant,
        run::{Caller, Entry, Life, Run, RunCommand, Scheduled},
    },
    identity::account::Account,
    kernel::{AccountId, Digest, RegistrationId, RunId, Timestamp},
};
use serde_json::{Value, json};

use super::Booking;
use crate::{Fault, Outcome, Request, authorization::acts, dispatch::Operation};

impl Booking {
    /// Has an account that is erased give up what it has of the runs that a rule has timers for. It goes on where it broke off: what is
    /// given up already stays so.
    ///
    /// # Errors
    /// A fault: try again.
    pub(crate) async fn give_up_all(&self, request: &Request, account: AccountId, rule: &str) -> Result<(), Fault> {
        let timers = self.dispatcher.journal().due_timers(rule, Timestamp::MAX_UTC, u32::MAX).await?;
        let runs: Vec<RunId> = timers.iter().filter_map(|timer| timer.key.parse().ok()).collect();
        for run in runs {
            if self.look(run, move |run: &Scheduled| run.registration_of(account)).await?.is_some() {
                self.give_up(request, run, account).await?;
            }
        }
        Ok(())
    }

    /// When a run starts that people may have places of; none, if it is a draft or is over.
    ///
    /// # Errors
    /// The journal could not be read.
    pub(crate) async fn starts_at(&self, run: RunId) -> Result<Option<Timestamp>, Fault> {
        self.look(run, |run: &Scheduled| (run.life == Life::Published).then_some(run.plan.starts_at)).await
    }

    /// Has whoever is erased by now give up a registration for a run, or all of them.
    ///
    /// # Errors
    /// A fault: try again.
    pub(crate) async fn give_up_of_erased(&self, request: &Request, run: RunId, registration: Option<RegistrationId>) -> Result<(), Fault> {
        let accounts = move |run: &Scheduled| -> Option<Vec<AccountId>> {
            Some(match registration {
                Some(registration) => run.registration(registration).and_then(|entry| entry.person.account).into_iter().collect(),
                None => {
                    run.registrations().filter(|(_, entry)| entry.stage.is_live()).filter_map(|(_, entry)| entry.person.account).collect()
                }
            })
        };
        if registration.is_none() {
            self.give_up_of_forgotten(request, run).await?;
        }
        for account in self.look(run, accounts).await?.unwrap_or_default() {
            let is_erased = |account: &Account| matches!(account, Account::Erased);
            if self.dispatcher.look::<Account, _>(account.into(), is_erased).await? {
                self.give_up(request, run, account).await?;
            }
        }
        Ok(())
    }

    /// Has guests give up what they have of a run that is yet to come, who were erased when it seemed to be over.
    async fn give_up_of_forgotten(&self, request: &Request, run: RunId) -> Result<(), Fault> {
        let now = self.dispatcher.now();
        let guests = move |run: &Scheduled| -> Option<Vec<(RegistrationId, Digest)>> {
            let is_open = |entry: &Entry| entry.person.account.is_none() && entry.stage.is_live() && !entry.stage.is_past();
            let open = run.registrations().filter(|(_, entry)| is_open(entry));
            let is_ahead = run.life == Life::Published && now < run.plan.starts_at;
            is_ahead.then(|| open.map(|(registration, entry)| (registration, entry.person.address.clone())).collect())
        };
        for (registration, address) in self.look(run, guests).await?.unwrap_or_default() {
            let is_gone = |registrant: &Registrant| matches!(registrant, Registrant::Forgotten { .. });
            if self.dispatcher.look(registration.into(), is_gone).await? {
                let withdraw = || RunCommand::Withdraw { by: Caller::Guest(address.clone()), registration };
                self.give_up_by(request, run, json!({ "run": run, "registration": registration }), withdraw).await?;
            }
        }
        Ok(())
    }

    async fn give_up(&self, request: &Request, run: RunId, account: AccountId) -> Result<(), Fault> {
        self.give_up_by(request, run, json!({ "run": run, "account": account }), || RunCommand::GiveUp { account }).await
    }

    async fn give_up_by(
        &self,
        request: &Request,
        run: RunId,
        who: Value,
        command: impl Fn() -> RunCommand + Send + Sync,
    ) -> Result<(), Fault> {
        // Without a receipt: asked again, it may be a registration that was reinstated meanwhile.
        let asked = Request { key: None, ..request.clone() };
        let operation = Operation::new(acts::REGISTRATION_GIVE_UP, who);
        let given_up: Outcome<(), Rejection> = self.dispatcher.command::<Run>(&asked, operation, run.into(), command).await?;
        match given_up {
            Outcome::Accepted(_) => Ok(()),
            Outcome::Rejected(rejection) => Err(Fault::Outside(format!("somebody erased is still registered for {run}: {rejection}"))),
        }
    }
}
