//! Who may come: what is looked at before somebody has a registration, or another's.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    super::{Admission, Audience, BookingRejection as Rejection, Discount, Flaw, Invitation, Plan, Question, Quote, Ticket, Visibility},
    Applicant, Application, Caller, Entry, Life, Person, RunEvent as Did, Scheduled, Stage,
    event::Requested,
    places::Play,
    registrations::wrong,
};
use crate::kernel::{Digest, Plan as AccountPlan, RegistrationId, Timestamp};

impl Play {
    pub(super) fn register(&mut self, application: Application) -> Result<(), Rejection> {
        let Application { registration, applicant, owner, ticket, code, priority, wait } = application;
        if self.run.life == Life::Draft {
            // Nobody was told of it yet.
            return Err(Rejection::NotFound);
        }
        if !self.gives_places() || !self.run.plan.is_open(self.now) {
            return Err(Rejection::NotOpen);
        }
        self.expect_new(registration, &applicant.person)?;
        self.expect_shown(&applicant.person, code.as_deref())?;
        let plan = Arc::clone(&self.run.plan);
        let ticket = plan.ticket(&ticket).ok_or(Rejection::TicketNotFound)?;
        let seats = expect_sound(&plan, &applicant, most(&plan, ticket))?;
        self.expect_nobody(&applicant.person, registration)?;
        if let Some(registration) = owner.and_then(|owner| self.run.registration_of(owner)) {
            return Err(Rejection::AlreadyRegistered { registration });
        }
        let invitation = self.run.invitation(&applicant.person.address).filter(|invitation| invitation.is_for(&ticket.key, self.now));
        let by_link = |invitation: &Invitation| invitation.registration == registration;
        if applicant.person.account.is_none() && !invitation.is_some_and(by_link) {
            return Err(Rejection::InvitationNeeded);
        }
        let code = code.as_deref().map(Discount::folded);
        let discount = code.as_deref().map(|code| self.discount(code, &ticket.key)).transpose()?;
        let is_invited = invitation.is_some();
        let is_admitted = is_invited || discount.is_some_and(|discount| discount.admits);
        if plan.visibility == Visibility::Code && !is_admitted {
            return Err(Rejection::CodeNeeded);
        }
        expect_among(ticket.audience, applicant.plan, is_invited, is_admitted)?;
        let quote = self.quote(ticket, seats, discount)?;
        let priority = invitation.map_or(priority, |invitation| invitation.priority.max(priority));
        let (ticket, number) = (ticket.key.clone(), self.run.count + 1);
        let Applicant { person, members, .. } = applicant;
        let requested = Requested { registration, person, members, ticket, seats, priority, number, code, quote };
        self.push(Did::RegistrationRequested(Box::new(requested)));
        self.admit(registration, wait)
    }

    /// An id is for one registration. A guest has that of their invitation, and may come by it again: then it is theirs already, or it
    /// was, and they come by another invitation, or once they are reinstated.
    fn expect_new(&self, registration: RegistrationId, person: &Person) -> Result<(), Rejection> {
        let Some(entry) = self.run.registration(registration) else { return Ok(()) };
        if person.account.is_some() || entry.person != *person {
            return Err(Rejection::RegistrationTaken);
        }
        Err(if entry.stage.is_live() { Rejection::AlreadyRegistered { registration } } else { wrong(entry) })
    }

    /// What is asked, and for how many it is, is told to nobody to whom the run is not shown.
    fn expect_shown(&self, person: &Person, code: Option<&str>) -> Result<(), Rejection> {
        if self.run.is_shown(code, self.now) || self.run.is_shown_to_invited(&person.address, self.now) {
            return Ok(());
        }
        let known = code.and_then(|code| self.run.codes.get(&Discount::folded(code)));
        let is_good = known.is_some_and(|known| known.until.is_none_or(|until| self.now < until));
        Err(if code.is_none() || is_good { Rejection::CodeNeeded } else { Rejection::CodeInvalid })
    }

    /// A code that may be used once more.
    fn discount(&self, code: &str, ticket: &str) -> Result<&Discount, Rejection> {
        let discount = self.run.codes.get(code).filter(|discount| discount.is_for(ticket, self.now)).ok_or(Rejection::CodeInvalid)?;
        let uses = self.run.uses.get(code).copied().unwrap_or_default();
        if discount.uses.is_some_and(|most| uses >= most) { Err(Rejection::CodeUsedUp) } else { Ok(discount) }
    }

    /// Whether the code of a registration that did not count may be used for it again. One that was revoked stays good for who had it.
    pub(super) fn expect_code(&self, entry: &Entry) -> Result<(), Rejection> {
        let Some(code) = &entry.code else { return Ok(()) };
        let most = self.run.codes.get(code).and_then(|discount| discount.uses);
        let uses = self.run.uses.get(code).copied().unwrap_or_default();
        if most.is_some_and(|most| uses >= most) { Err(Rejection::CodeUsedUp) } else { Ok(()) }
    }

    fn quote(&self, ticket: &Ticket, seats: u16, discount: Option<&Discount>) -> Result<Quote, Rejection> {
        ticket.quote(self.now, self.run.taken_of(&ticket.key), seats, discount, self.run.plan.taxation)
    }

    /// Nobody has two registrations that count, but `except` may be theirs.
    pub(super) fn expect_nobody(&self, person: &Person, except: RegistrationId) -> Result<(), Rejection> {
        let mut others = person.keys().filter_map(|key| self.run.people.get(&key).copied());
        let other = others.find(|other| *other != except);
        other.map_or(Ok(()), |registration| Err(Rejection::AlreadyRegistered { registration }))
    }

    /// Somebody else comes instead. Where organisers approve each, they approve whoever that is, too, also if whoever had the place came
    /// before they did.
    pub(super) fn transfer(&mut self, by: &Caller, registration: RegistrationId, to: &Applicant) -> Result<(), Rejection> {
        let plan = Arc::clone(&self.run.plan);
        let entry = self.theirs(by, registration)?;
        let (stage, approved) = (entry.stage, entry.approved);
        let is_theirs_to_give = matches!(stage, Stage::PendingApproval { .. } | Stage::AwaitingPayment { .. } | Stage::Confirmed);
        if !is_theirs_to_give || !self.gives_places() {
            return Err(wrong(entry));
        }
        if entry.person == to.person {
            return Ok(());
        }
        // As many as there were, also if so many could not come any more.
        if expect_sound(&plan, to, entry.seats)? != entry.seats {
            return Err(Rejection::SeatsInvalid { most: entry.seats });
        }
        let is_staff = matches!(by, Caller::Staff(_));
        let is_invited =
            self.run.invitation(&to.person.address).is_some_and(|invitation| invitation.is_for(&entry.ticket, self.now)) || is_staff;
        if let Some(ticket) = plan.ticket(&entry.ticket) {
            // Who has the ticket had what admits to it.
            expect_among(ticket.audience, to.plan, is_invited, true)?;
        }
        // Last: of whom it is not for, it is not told that they are there already.
        self.expect_nobody(&to.person, registration)?;
        let (person, members) = (to.person.clone(), to.members.clone());
        self.push(Did::RegistrationTransferred { registration, person, members });
        let is_pending = matches!(stage, Stage::PendingApproval { .. });
        if !is_staff && !is_pending && plan.admission != Admission::Automatic {
            if approved {
                self.push(Did::ApprovalWithdrawn { registration });
            }
            self.await_approval(registration, true);
        }
        Ok(())
    }

    /// The registration, if it is theirs to act on.
    pub(super) fn theirs(&self, by: &Caller, registration: RegistrationId) -> Result<&Entry, Rejection> {
        let entry = self.entry(registration)?;
        let Person { account, address } = &entry.person;
        let is_theirs = match by {
            Caller::Account(caller) => *account == Some(*caller),
            Caller::Guest(caller) => account.is_none() && address == caller,
            Caller::Staff(by) => return self.expect_staff(*by).map(|()| entry),
        };
        if is_theirs { Ok(entry) } else { Err(Rejection::RegistrationNotFound) }
    }
}

impl Scheduled {
    /// What a guest may choose from at `now`, by the invitation that a registration is to come of; once there is one, its ticket alone, as
    /// long as it counts.
    #[must_use]
    pub fn tickets_for_guest(&self, registration: RegistrationId, address: &Digest, now: Timestamp) -> Vec<&Ticket> {
        let invitation = self.invitation(address).filter(|invitation| invitation.registration == registration);
        let registered = self.registration(registration);
        let may = |ticket: &&Ticket| {
            if let Some(entry) = registered {
                return entry.stage.is_live() && entry.ticket == ticket.key;
            }
            let is_invited = invitation.is_some_and(|invitation| invitation.is_for(&ticket.key, now));
            is_invited && expect_among(ticket.audience, None, true, true).is_ok()
        };
        self.plan.tickets.iter().filter(may).collect()
    }
}

/// The most seats of one registration: for more than all there are, somebody would wait in vain.
fn most(plan: &Plan, ticket: &Ticket) -> u16 {
    let all = ticket.quota.map_or(plan.capacity, |quota| quota.min(plan.capacity));
    u16::try_from(all).unwrap_or(u16::MAX).min(plan.group)
}

/// What is said of those who come is complete; for how many it is, `most` at most.
fn expect_sound(plan: &Plan, applicant: &Applicant, most: u16) -> Result<u16, Rejection> {
    let seats = u16::try_from(applicant.attendees.len()).unwrap_or(u16::MAX);
    let is_name = |name: &String| (1..=120).contains(&name.trim().chars().count()) && !name.contains(char::is_control);
    if !(1..=most).contains(&seats) || !applicant.attendees.iter().all(is_name) {
        return Err(Rejection::SeatsInvalid { most });
    }
    let members: BTreeSet<&str> = applicant.members.iter().map(Digest::as_str).collect();
    if members.len() < applicant.members.len() || members.len() > usize::from(seats) {
        return Err(Flaw::new("memberEmails", "at most an address of each who comes, each once").into());
    }
    let flaws = Question::flaws_of(&plan.questions, &applicant.answers);
    if flaws.is_empty() { Ok(seats) } else { Err(Rejection::Flawed(flaws)) }
}

fn expect_among(audience: Audience, plan: Option<AccountPlan>, is_invited: bool, is_admitted: bool) -> Result<(), Rejection> {
    match audience {
        Audience::Plan(least) if plan.is_none_or(|plan| plan < least) => Err(Rejection::TicketNotForPlan),
        Audience::Code if !is_admitted => Err(Rejection::CodeNeeded),
        Audience::Invited if !is_invited => Err(Rejection::InvitationNeeded),
        Audience::Everyone | Audience::Plan(_) | Audience::Code | Audience::Invited => Ok(()),
    }
}
