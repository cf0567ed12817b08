//! What people have who are erased: nobody is left who could come, or give it up.

use domain::{
    booking::{
        BookingRejection as Rejection,
        run::{Life, Run, RunCommand, Scheduled},
    },
    identity::account::Account,
    kernel::{AccountId, RegistrationId, RunId, Timestamp},
};
use serde_json::json;

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
        for account in self.look(run, accounts).await?.unwrap_or_default() {
            let is_erased = |account: &Account| matches!(account, Account::Erased);
            if self.dispatcher.look::<Account, _>(account.into(), is_erased).await? {
                self.give_up(request, run, account).await?;
            }
        }
        Ok(())
    }

    async fn give_up(&self, request: &Request, run: RunId, account: AccountId) -> Result<(), Fault> {
        // Without a receipt: asked again, it may be a registration that was reinstated meanwhile.
        let asked = Request { key: None, ..request.clone() };
        let operation = Operation::new(acts::REGISTRATION_GIVE_UP, json!({ "run": run, "account": account }));
        let given_up: Outcome<(), Rejection> =
            self.dispatcher.command::<Run>(&asked, operation, run.into(), || RunCommand::GiveUp { account }).await?;
        match given_up {
            Outcome::Accepted(_) => Ok(()),
            Outcome::Rejected(rejection) => Err(Fault::Outside(format!("{account} is still registered for {run}: {rejection}"))),
        }
    }
}
