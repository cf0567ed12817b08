//! What people have who are erased: nobody is left who could come, or give it up.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use domain::{
    Decider,
    booking::{
        BookingRejection as Rejection,
        registrant::Registrant,
        run::{Run, RunCommand, Scheduled},
    },
    identity::account::Account,
    kernel::{AccountId, RegistrationId, RunId},
};
use journal::{JournalError, Position, RawEvent, Recorded, StreamId};
use serde_json::json;
use uuid::Uuid;

use super::Booking;
use crate::{Actor, Fault, Outcome, Request, authorization::acts, dispatch::Operation, identity::RETENTION};

/// Events looked through at once.
const PAGE: u32 = 1000;
/// Of an account that nobody used, no longer before it was erased it was known that it had nothing ahead.
const KNOWN_FOR: TimeDelta = TimeDelta::hours(1);

impl Booking {
    /// Has an account that is erased by an event give up what it had registered for until then. It goes on where it broke off: what is
    /// given up already stays so.
    ///
    /// # Errors
    /// A fault: try again.
    pub(crate) async fn give_up_all(&self, request: &Request, erased: &Recorded) -> Result<(), Fault> {
        let account = AccountId(erased.stream.id);
        for registration in self.named_before(erased, account).await? {
            if let Some(run) = self.run_of(registration).await? {
                self.give_up(request, run, account).await?;
            }
        }
        Ok(())
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

    /// Registrations that are or were an account's, or that it was invited to make, before it was erased by an event. The journal is gone
    /// through from where the account was opened, as for all that is known of a person: nothing is kept of it beside, and few are erased.
    /// Where many are, since nobody uses them, it was looked at before that they had nothing ahead.
    async fn named_before(&self, erased: &Recorded, account: AccountId) -> Result<BTreeSet<RegistrationId>, Fault> {
        let (journal, until) = (self.dispatcher.journal(), erased.position);
        let own = journal.load(&StreamId::new(Account::STREAM, account.into()), 0).await?;
        let mut at = own.first().map_or(until, |first| first.position);
        drop(own);
        if erased.metadata.actor == Actor::System(RETENTION).name() {
            at = at.max(journal.position_at(erased.recorded_at - KNOWN_FOR).await?);
        }
        // As it stands where something is sealed, and as it stands elsewhere.
        let (plain, typed) = (account.0.to_string(), account.to_string());
        let is_named = |event: &&RawEvent| {
            event.aggregate_type == Registrant::STREAM && (event.payload.contains(&plain) || event.payload.contains(&typed))
        };
        let mut found = BTreeSet::new();
        while at < until {
            let page = journal.read_raw(at, PAGE).await?;
            let Some(last) = page.last() else { break };
            at = Position(last.position);
            for event in page.iter().filter(is_named) {
                found.insert(registration(event)?);
            }
        }
        Ok(found)
    }
}

/// Whose stream an event is in.
fn registration(event: &RawEvent) -> Result<RegistrationId, Fault> {
    let malformed = |_| JournalError::Corrupt { at: format!("position {}", event.position), what: "malformed aggregate_id".to_owned() };
    Ok(RegistrationId(Uuid::try_parse(&event.aggregate_id).map_err(malformed)?))
}
