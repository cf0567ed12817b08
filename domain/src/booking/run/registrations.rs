//! What people and organisers do about registrations.

use super::{
    super::{Admission, BookingRejection as Rejection, Discount, Question, Quote, Ticket, Visibility},
    Application, By, Entry, Person, RefundReason, Registrant, RunCommand as Do, RunEvent as Did, Stage,
    event::Requested,
    places::Play,
};
use crate::kernel::{Personal, RegistrationId};

impl Play {
    pub(super) fn register(&mut self, application: Application) -> Result<(), Rejection> {
        if !self.gives_places() || !self.run.plan.is_open(self.now) {
            return Err(Rejection::NotOpen);
        }
        let plan = self.run.plan.clone();
        let ticket = plan.ticket(&application.ticket).ok_or(Rejection::TicketNotFound)?;
        let seats = u16::try_from(application.attendees.len()).unwrap_or(u16::MAX);
        let is_name = |name: &String| (1..=120).contains(&name.trim().chars().count());
        if !(1..=plan.group).contains(&seats) || !application.attendees.iter().all(is_name) {
            return Err(Rejection::SeatsInvalid { most: plan.group });
        }
        let flaws = Question::flaws_of(&plan.questions, &application.answers);
        if !flaws.is_empty() {
            return Err(Rejection::Flawed(flaws));
        }
        self.expect_nobody(&application.person, application.registration)?;
        let code = application.code.as_deref().map(Discount::folded);
        let quote = self.quote(ticket, seats, code.as_deref())?;
        let Application { registration, person, name, email, attendees, subject, answers, priority, wait, .. } = application;
        let (attendees, answers) = (Personal::new(subject, attendees), Personal::new(subject, answers));
        let (ticket, number) = (ticket.key.clone(), self.number());
        let requested =
            Requested { registration, person, name, email, attendees, answers, ticket, seats, priority, number, code, quote };
        self.push(Did::RegistrationRequested(Box::new(requested)));
        self.admit(registration, wait)
    }

    /// What it costs, with the code that was given.
    fn quote(&self, ticket: &Ticket, seats: u16, code: Option<&str>) -> Result<Quote, Rejection> {
        let plan = &self.run.plan;
        let discount = match code {
            Some(code) => {
                let discount = self.run.codes.get(code).filter(|discount| discount.is_for(&ticket.key, self.now));
                let discount = discount.ok_or(Rejection::CodeInvalid)?;
                let uses = self.run.uses.get(code).copied().unwrap_or_default();
                if discount.uses.is_some_and(|most| uses >= most) {
                    return Err(Rejection::CodeUsedUp);
                }
                Some(discount)
            }
            None => None,
        };
        if (ticket.needs_code || plan.visibility == Visibility::Code) && !discount.is_some_and(|discount| discount.admits) {
            return Err(Rejection::CodeNeeded);
        }
        ticket.quote(ticket.price(self.now, self.run.taken_of(&ticket.key)), seats, discount, plan.taxation)
    }

    /// Nobody has two registrations that count, but `except` may be theirs.
    fn expect_nobody(&self, person: &Person, except: RegistrationId) -> Result<(), Rejection> {
        let other = person.keys().find_map(|key| self.run.people.get(&key).copied()).filter(|other| *other != except);
        other.map_or(Ok(()), |registration| Err(Rejection::AlreadyRegistered { registration }))
    }

    /// What the organiser does about a registration.
    pub(super) fn manage(&mut self, by: By, command: Do) -> Result<(), Rejection> {
        self.expect_organiser(by)?;
        match command {
            Do::Approve { registration, .. } => self.approve(registration),
            Do::WithdrawApproval { registration, .. } => self.withdraw_approval(registration),
            Do::Reject { registration, reason, .. } => self.reject(registration, reason),
            Do::Reinstate { registration, .. } => self.reinstate(registration),
            Do::CancelRegistration { registration, reason, .. } => self.cancel(registration, reason, RefundReason::CancelledByOrganiser),
            Do::CheckIn { registration, .. } => {
                let event = Did::CheckedIn { registration, at: self.now };
                self.step(registration, Stage::Confirmed, event)
            }
            Do::UndoCheckIn { registration, .. } => self.step(registration, Stage::Attended, Did::CheckInUndone { registration }),
            Do::RecordNoShow { registration, .. } if self.now < self.run.plan.starts_at => {
                Err(wrong(self.entry(registration)?))
            }
            Do::RecordNoShow { registration, .. } => self.step(registration, Stage::Confirmed, Did::NoShowRecorded { registration }),
            Do::UndoNoShow { registration, .. } => self.step(registration, Stage::NoShow, Did::NoShowUndone { registration }),
            _ => Ok(()),
        }
    }

    pub(super) fn expect_organiser(&self, by: By) -> Result<(), Rejection> {
        match by {
            By::Organiser(organiser) if organiser != self.run.organiser => Err(Rejection::NotFound),
            By::Organiser(_) | By::Manager => Ok(()),
        }
    }

    /// The registration, if it is theirs to act on.
    pub(super) fn theirs(&self, by: Registrant, registration: RegistrationId) -> Result<&Entry, Rejection> {
        let entry = self.entry(registration)?;
        match by {
            Registrant::Account(account) if entry.person.account != Some(account) => Err(Rejection::RegistrationNotFound),
            Registrant::Account(_) => Ok(entry),
            Registrant::Staff(by) => self.expect_organiser(by).map(|()| entry),
        }
    }

    fn step(&mut self, registration: RegistrationId, from: Stage, event: Did) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        if entry.stage != from {
            return Err(wrong(entry));
        }
        self.push(event);
        Ok(())
    }

    fn approve(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        match entry.stage {
            _ if entry.approved && entry.stage.is_live() => {}
            Stage::PendingApproval { holds_place } => {
                self.push(Did::RegistrationApproved { registration });
                if holds_place {
                    self.seat(registration)?;
                } else {
                    self.admit(registration, true)?;
                }
            }
            Stage::Waitlisted | Stage::Offered { .. } => self.push(Did::RegistrationApproved { registration }),
            _ => return Err(wrong(entry)),
        }
        Ok(())
    }

    fn withdraw_approval(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        let stage = entry.stage;
        let is_unpaid = entry.kept() == 0;
        let holds_place = match self.run.plan.admission {
            Admission::Approval { holds_place } if entry.approved => holds_place,
            _ => return Err(wrong(entry)),
        };
        match stage {
            Stage::Waitlisted | Stage::Offered { .. } => self.push(Did::ApprovalWithdrawn { registration }),
            Stage::AwaitingPayment { .. } | Stage::Confirmed if is_unpaid => {
                self.push(Did::ApprovalWithdrawn { registration });
                let (left, _) = self.after(registration, Stage::PendingApproval { holds_place });
                self.push(Did::ApprovalAwaited { registration, holds_place, left });
            }
            _ => return Err(wrong(entry)),
        }
        Ok(())
    }

    fn reject(&mut self, registration: RegistrationId, reason: String) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        match entry.stage {
            Stage::PendingApproval { .. } | Stage::Waitlisted => {}
            Stage::Rejected => return Ok(()),
            _ => return Err(wrong(entry)),
        }
        let (left, waiting) = self.after(registration, Stage::Rejected);
        self.push(Did::RegistrationRejected { registration, reason, left, waiting });
        self.owe(registration, RefundReason::Rejected, i64::MAX);
        Ok(())
    }

    fn reinstate(&mut self, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        if entry.stage.is_live() || !self.gives_places() {
            return Err(wrong(entry));
        }
        let person = entry.person.clone();
        self.expect_nobody(&person, registration)?;
        self.admit(registration, true)
    }

    pub(super) fn cancel(&mut self, registration: RegistrationId, reason: String, refund: RefundReason) -> Result<(), Rejection> {
        let entry = self.entry(registration)?;
        match entry.stage {
            Stage::Cancelled => return Ok(()),
            stage if !stage.is_live() || matches!(stage, Stage::Attended | Stage::NoShow) => return Err(wrong(entry)),
            _ => {}
        }
        let (left, waiting) = self.after(registration, Stage::Cancelled);
        self.push(Did::RegistrationCancelled { registration, reason, left, waiting });
        self.owe(registration, refund, i64::MAX);
        Ok(())
    }

    pub(super) fn withdraw(&mut self, by: Registrant, registration: RegistrationId) -> Result<(), Rejection> {
        let entry = self.theirs(by, registration)?;
        let stage = entry.stage;
        let paid = self.money(entry.kept() - entry.owed);
        match stage {
            Stage::Withdrawn => return Ok(()),
            _ if !stage.is_live() || !self.gives_places() => return Err(wrong(entry)),
            _ => {}
        }
        let (left, waiting) = self.after(registration, Stage::Withdrawn);
        self.push(Did::RegistrationWithdrawn { registration, left, waiting });
        // Who never had a place of their own loses nothing.
        let share = if stage == Stage::Confirmed { self.run.plan.refund_share(self.now) } else { 10_000 };
        self.owe(registration, RefundReason::Withdrawn, paid.share(share.into(), 10_000).amount);
        Ok(())
    }

    pub(super) fn transfer(
        &mut self,
        by: Registrant,
        registration: RegistrationId,
        (person, name, email): (Person, Personal<String>, Personal<String>),
    ) -> Result<(), Rejection> {
        let entry = self.theirs(by, registration)?;
        if !entry.stage.is_live() || !self.gives_places() {
            return Err(wrong(entry));
        }
        if entry.person == person {
            return Ok(());
        }
        self.expect_nobody(&person, registration)?;
        self.push(Did::RegistrationTransferred { registration, person, name, email });
        Ok(())
    }

    pub(super) fn answer_offer(&mut self, by: Registrant, registration: RegistrationId, accepts: bool) -> Result<(), Rejection> {
        let entry = self.theirs(by, registration)?;
        if !matches!(entry.stage, Stage::Offered { .. }) {
            return Err(wrong(entry));
        }
        if accepts {
            return self.seat(registration);
        }
        let (left, _) = self.after(registration, Stage::Withdrawn);
        self.push(Did::OfferDeclined { registration, left });
        Ok(())
    }
}

pub(super) fn wrong(entry: &Entry) -> Rejection {
    Rejection::WrongStage { stage: entry.stage.name().to_owned() }
}
