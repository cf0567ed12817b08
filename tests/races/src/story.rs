//! What happened to a run, told from its events alone, and what has to hold after each append.

mod entry;
mod money;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::{
    Decider,
    booking::{
        Plan,
        run::{Run, RunEvent as Did},
    },
    kernel::{AccountId, RegistrationId, RunId},
};
use journal::{Journal, Position, StreamId};

use self::entry::{At, Entry};
use crate::Fault;

/// Events that are read at once.
const PAGE: u32 = 5000;

/// How much was told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    pub events: u64,
    /// After each of which all was as it has to be.
    pub appends: u64,
    /// Each to the first in line for whom there was room.
    pub offers: u64,
    /// What was held for too long.
    pub lapses: u64,
    pub payments: u64,
    pub refunds: u64,
}

/// A run, as its events have it.
#[derive(Default)]
pub(crate) struct Story {
    plan: Option<Box<Plan>>,
    entries: HashMap<RegistrationId, Entry>,
    /// Who waits: by priority, then by the position of what they came with.
    line: BTreeMap<(Reverse<u8>, i64), RegistrationId>,
    people: HashMap<AccountId, RegistrationId>,
    taken: u32,
    taken_of: HashMap<String, u32>,
    pub(crate) told: Told,
}

/// Tells what the journal has of a run since a position.
pub(crate) async fn told(journal: &Arc<dyn Journal>, begun: Position, run: RunId) -> Result<Story, Fault> {
    let (stream, mut story) = (StreamId::new(Run::STREAM, run.into()), Story::default());
    let (mut after, mut command) = (begun, None);
    loop {
        let page = journal.read(after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = last.position;
        for recorded in page.iter().filter(|recorded| recorded.stream == stream) {
            // All events of an append have its command.
            if command.is_some_and(|command| command != recorded.metadata.command) {
                story.rests()?;
            }
            command = Some(recorded.metadata.command);
            let event: Did = serde_json::from_str(recorded.payload.as_str())?;
            story.take(&event, recorded.position).map_err(|fault| format!("at position {}: {fault}", recorded.position))?;
        }
    }
    story.rests()?;
    Ok(story)
}

impl Story {
    pub(crate) const fn taken(&self) -> u32 {
        self.taken
    }

    pub(crate) fn waiting(&self) -> u64 {
        self.line.len() as u64
    }

    fn take(&mut self, event: &Did, position: Position) -> Result<(), Fault> {
        self.told.events += 1;
        match event {
            Did::Scheduled { plan, .. } => self.plan = Some(plan.clone()),
            Did::Published {} | Did::RegistrationApproved { .. } => {}
            Did::RegistrationRequested(requested) => {
                if self.entries.insert(requested.registration, Entry::new(requested, position)?).is_some() {
                    return Err("a registration twice".into());
                }
            }
            Did::RegistrationPrioritised { registration, priority } => self.prioritise(*registration, *priority)?,
            Did::ApprovalAwaited { registration, .. } => self.go(*registration, At::Pending)?,
            Did::PaymentAwaited { registration, .. } => self.go(*registration, At::Paying)?,
            Did::RegistrationConfirmed { registration, .. } => self.go(*registration, At::Confirmed)?,
            Did::RegistrationWaitlisted { registration, .. } => self.go(*registration, At::Waiting)?,
            Did::PlaceOffered { registration, .. } => {
                self.told.offers += 1;
                if self.first_in_line() != Some(*registration) {
                    return Err("a place was offered to somebody who is not the next".into());
                }
                self.go(*registration, At::Offered)?;
            }
            Did::OfferLapsed { registration, .. } | Did::RegistrationExpired { registration, .. } => {
                self.told.lapses += 1;
                self.go(*registration, At::Gone)?;
            }
            Did::OfferDeclined { registration, .. }
            | Did::RegistrationRejected { registration, .. }
            | Did::RegistrationWithdrawn { registration, .. } => self.go(*registration, At::Gone)?,
            Did::PaymentReported { .. } | Did::RefundOwed { .. } | Did::RefundRecorded { .. } => self.pay(event)?,
            other => return Err(format!("nobody asked for this: {other:?}").into()),
        }
        Ok(())
    }

    fn entry(&mut self, registration: RegistrationId) -> Result<&mut Entry, Fault> {
        self.entries.get_mut(&registration).ok_or_else(|| "a registration that nobody asked for".into())
    }

    /// Moves somebody on. Who comes from outside gets a place only if nobody waits who could have it.
    fn go(&mut self, registration: RegistrationId, to: At) -> Result<(), Fault> {
        let somebody_waits = self.first_in_line().is_some();
        let entry = self.entry(registration)?;
        let (from, seats, ticket, account, turn) = (entry.at, entry.seats, entry.ticket.clone(), entry.account, entry.turn());
        if !from.leads_to(to) {
            return Err(format!("from {from:?} to {to:?}").into());
        }
        entry.at = to;
        if from == At::Gone && to.takes_place() && somebody_waits {
            return Err("somebody was let in before those who wait".into());
        }
        let of_ticket = self.taken_of.entry(ticket).or_default();
        if from.takes_place() {
            (self.taken, *of_ticket) = (self.taken - seats, *of_ticket - seats);
        }
        if to.takes_place() {
            (self.taken, *of_ticket) = (self.taken + seats, *of_ticket + seats);
        }
        if from == At::Waiting {
            self.line.remove(&turn);
        }
        if to == At::Waiting {
            self.line.insert(turn, registration);
        }
        if from != At::Gone && to == At::Gone {
            self.people.remove(&account);
        }
        let is_back = from == At::Gone && to != At::Gone;
        if is_back && self.people.insert(account, registration).is_some() {
            return Err("two registrations of one person".into());
        }
        Ok(())
    }

    fn prioritise(&mut self, registration: RegistrationId, priority: u8) -> Result<(), Fault> {
        let entry = self.entry(registration)?;
        let before = entry.turn();
        entry.priority = priority;
        let after = entry.turn();
        if self.line.remove(&before).is_some() {
            self.line.insert(after, registration);
        }
        Ok(())
    }

    /// Places that may be taken with a ticket.
    fn free(&self, ticket: &str) -> u32 {
        let Some(plan) = &self.plan else { return 0 };
        let quota = plan.ticket(ticket).map_or(0, |ticket| ticket.quota.unwrap_or(u32::MAX));
        let of_ticket = quota.saturating_sub(self.taken_of.get(ticket).copied().unwrap_or_default());
        plan.capacity.saturating_sub(self.taken).min(of_ticket)
    }

    /// The first of those who wait for whom there is room.
    fn first_in_line(&self) -> Option<RegistrationId> {
        let capacity = self.plan.as_ref().map_or(0, |plan| plan.capacity);
        if self.taken >= capacity {
            return None;
        }
        let fits =
            |registration: &&RegistrationId| self.entries.get(*registration).is_some_and(|entry| entry.seats <= self.free(&entry.ticket));
        self.line.values().find(fits).copied()
    }

    /// What holds after each append: no place too many, and none idle while somebody waits for it.
    fn rests(&mut self) -> Result<(), Fault> {
        self.told.appends += 1;
        let Some(plan) = &self.plan else { return Err("a run that was not scheduled".into()) };
        let is_over =
            |(ticket, taken): (&String, &u32)| plan.ticket(ticket).and_then(|ticket| ticket.quota).is_some_and(|quota| *taken > quota);
        if self.taken > plan.capacity || self.taken_of.iter().any(is_over) {
            return Err(format!("{} places of {} are taken: {:?}", self.taken, plan.capacity, self.taken_of).into());
        }
        if self.first_in_line().is_some() {
            return Err("a place is idle while somebody waits for it".into());
        }
        Ok(())
    }
}
