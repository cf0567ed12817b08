//! Takes facts in.

use std::{collections::BTreeMap, sync::Arc};

use imbl::{OrdMap, OrdSet};

use super::{
    Entry, Life, Payment, PaymentStatus, Refund, RefundStatus, Run, RunEvent as Did, Scheduled, Stage, event::Requested, state::Held,
};
use crate::kernel::{PaymentId, RefundId, RegistrationId};

pub(super) fn evolve(run: &mut Run, event: &Did) {
    match (run, event) {
        (run @ Run::Absent, Did::Scheduled { organiser, series, plan }) => {
            *run = Run::Scheduled(Box::new(Scheduled {
                organiser: *organiser,
                series: *series,
                plan: Arc::from(plan.clone()),
                life: Life::Draft,
                called_off: None,
                revision: 0,
                registrations: OrdMap::new(),
                people: OrdMap::new(),
                invitations: OrdMap::new(),
                lines: BTreeMap::new(),
                held: OrdSet::new(),
                taken: 0,
                taken_of: BTreeMap::new(),
                codes: Arc::default(),
                uses: OrdMap::new(),
                count: 0,
                moved_for: 0,
            }));
        }
        (Run::Absent, _) => {}
        (Run::Scheduled(scheduled), event) => scheduled.evolve(event),
    }
}

impl Scheduled {
    pub(super) fn evolve(&mut self, event: &Did) {
        let is_for_calendars = matches!(event, Did::Revised { .. } | Did::Published {} | Did::Rescheduled { .. } | Did::Cancelled { .. });
        self.revision = self.revision.saturating_add(is_for_calendars.into());
        match event {
            Did::Scheduled { .. } => {}
            Did::Revised { plan, .. } => self.plan = Arc::from(plan.clone()),
            Did::Published {} => self.life = Life::Published,
            Did::Rescheduled { starts_at, ends_at, closes_at, time_zone, from: _ } => {
                let plan = Arc::make_mut(&mut self.plan);
                // Of old, this was told as well where only registration closes at another time.
                if (plan.starts_at, plan.ends_at) != (*starts_at, *ends_at) {
                    self.moved_for = self.count;
                }
                *plan = plan.moved_to(*starts_at, *ends_at, *closes_at, time_zone.as_deref());
            }
            Did::Cancelled { reason } => {
                self.life = Life::Cancelled;
                self.called_off = Some(reason.clone());
            }
            Did::Completed { .. } => self.life = Life::Completed,
            Did::DiscountCreated { discount } => drop(Arc::make_mut(&mut self.codes).insert(discount.code.clone(), discount.clone())),
            Did::DiscountRevoked { code } => drop(Arc::make_mut(&mut self.codes).remove(code)),
            Did::InvitationIssued { invitation } => {
                self.invitations.insert(invitation.address.as_str().to_owned(), invitation.clone());
            }
            Did::InvitationWithdrawn { address, .. } => drop(self.invitations.remove(address.as_str())),
            Did::RegistrationRequested(requested) => self.request(requested),
            Did::RegistrationApproved { registration } => self.change(*registration, |entry| entry.approved = true),
            Did::ApprovalWithdrawn { registration } => self.change(*registration, |entry| {
                entry.approved = false;
                if entry.kept() == 0 {
                    entry.forgive_nothing();
                }
            }),
            Did::RegistrationReinstated { registration, number } => {
                self.count = self.count.max(*number);
                self.change(*registration, |entry| {
                    (entry.number, entry.confirmed) = (*number, false);
                    entry.forgive_nothing();
                });
            }
            Did::RegistrationPrioritised { registration, priority } => self.prioritise(*registration, *priority),
            Did::RegistrationTransferred { registration, person, members } => {
                self.forget_person(*registration);
                self.change(*registration, |entry| {
                    (entry.person, entry.members) = (person.clone(), members.clone());
                    entry.revision = entry.revision.saturating_add(1);
                    for (account, held) in &mut entry.sessions {
                        held.stands = person.account == Some(*account);
                    }
                });
                self.know_person(*registration);
            }
            Did::PaymentReported { .. }
            | Did::PaymentVouchedFor { .. }
            | Did::PaymentUndone { .. }
            | Did::RefundOwed { .. }
            | Did::RefundRecorded { .. }
            | Did::RefundVouchedFor { .. }
            | Did::RefundUndone { .. } => self.pay(event),
            Did::SessionBegun { registration, account, session } => self.change(*registration, |entry| {
                entry.sessions.insert(*account, Held { session: *session, stands: true });
            }),
            _ => {
                if let Some((registration, stage)) = moved(event) {
                    self.move_to(registration, stage);
                }
            }
        }
    }

    /// Takes in what is told of money.
    fn pay(&mut self, event: &Did) {
        match event {
            Did::PaymentReported { registration, payment, status, amount, by_hand, .. } => self.change(*registration, |entry| {
                let new = Payment { status: *status, amount: amount.amount, refunds: BTreeMap::new(), by_hand: *by_hand };
                let known = entry.payments.entry(*payment).or_insert(new);
                (known.status, known.by_hand) = (*status, *by_hand);
            }),
            Did::PaymentVouchedFor { registration, payment } => self.change(*registration, |entry| {
                if let Some(known) = entry.payments.get_mut(payment) {
                    known.by_hand = false;
                }
            }),
            Did::PaymentUndone { registration, payment, owed, .. } => self.change(*registration, |entry| {
                entry.owed = owed.amount;
                if let Some(known) = entry.payments.get_mut(payment) {
                    known.status = PaymentStatus::Undone;
                }
            }),
            Did::RefundOwed { registration, owed, .. } => self.change(*registration, |entry| entry.owed = owed.amount),
            _ => self.give_back(event),
        }
    }

    /// Takes in what is told of money that went back.
    fn give_back(&mut self, event: &Did) {
        match event {
            Did::RefundRecorded { registration, payment, refund, amount, owed, by_hand, .. } => self.change(*registration, |entry| {
                let had_paid = entry.has_place() && entry.due() == 0;
                let of_owed = entry.owed - owed.amount;
                entry.owed = owed.amount;
                let status = if *by_hand { RefundStatus::ByHand } else { RefundStatus::Told };
                let new = Refund { amount: amount.amount, status, told_as: None, of_owed, forgiven: 0 };
                if let Some(payment) = entry.payments.get_mut(payment) {
                    payment.refunds.insert(*refund, new);
                }
                let forgiven = if had_paid { entry.due() } else { 0 };
                entry.forgiven += forgiven;
                entry.change_refund(*payment, *refund, |known| known.forgiven = forgiven);
            }),
            Did::RefundVouchedFor { registration, payment, refund, told_as } => self.change(*registration, |entry| {
                entry.change_refund(*payment, *refund, |known| {
                    (known.status, known.told_as) = (RefundStatus::Told, Some(*told_as).filter(|told| told != refund));
                });
            }),
            Did::RefundUndone { registration, payment, refund, owed, forgiven, .. } => self.change(*registration, |entry| {
                (entry.owed, entry.forgiven) = (owed.amount, forgiven.amount);
                entry.change_refund(*payment, *refund, |known| known.status = RefundStatus::Undone);
            }),
            _ => {}
        }
    }

    fn request(&mut self, requested: &Requested) {
        let Requested { registration, person, members, ticket, seats, priority, number, code, quote } = requested;
        let entry = Entry {
            person: person.clone(),
            members: members.clone(),
            ticket: ticket.clone(),
            seats: *seats,
            priority: *priority,
            number: *number,
            code: code.clone(),
            quote: quote.clone(),
            approved: false,
            confirmed: false,
            // What it becomes is the next event.
            stage: Stage::Withdrawn,
            payments: BTreeMap::new(),
            owed: 0,
            forgiven: 0,
            sessions: BTreeMap::new(),
            revision: 0,
        };
        self.registrations.insert(*registration, Arc::new(entry));
        self.count = self.count.max(*number);
    }

    fn change(&mut self, registration: RegistrationId, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.registrations.get_mut(&registration) {
            change(Arc::make_mut(entry));
        }
    }

    fn prioritise(&mut self, registration: RegistrationId, priority: u8) {
        let Some(entry) = self.registrations.get_mut(&registration).map(Arc::make_mut) else { return };
        let before = entry.turn(registration);
        entry.priority = priority;
        if entry.stage == Stage::Waitlisted
            && let Some(line) = self.lines.get_mut(&entry.ticket)
        {
            line.remove(&before);
            line.insert(entry.turn(registration));
        }
    }

    /// Moves a registration on, and all that is found by its stage.
    fn move_to(&mut self, registration: RegistrationId, stage: Stage) {
        let Some(entry) = self.registrations.get_mut(&registration).map(Arc::make_mut) else { return };
        let before = std::mem::replace(&mut entry.stage, stage);
        entry.revision = entry.revision.saturating_add(1);
        entry.confirmed |= stage == Stage::Confirmed;
        let (ticket, seats, turn, code) = (entry.ticket.clone(), u32::from(entry.seats), entry.turn(registration), entry.code.clone());
        if before == Stage::Waitlisted
            && let Some(line) = self.lines.get_mut(&ticket)
        {
            line.remove(&turn);
        }
        if stage == Stage::Waitlisted {
            self.lines.entry(ticket.clone()).or_default().insert(turn);
        }
        if let Some(until) = before.until() {
            self.held.remove(&(until, registration));
        }
        if let Some(until) = stage.until() {
            self.held.insert((until, registration));
        }
        let of_ticket = self.taken_of.entry(ticket).or_default();
        if before.takes_place() {
            (self.taken, *of_ticket) = (self.taken.saturating_sub(seats), of_ticket.saturating_sub(seats));
        }
        if stage.takes_place() {
            (self.taken, *of_ticket) = (self.taken.saturating_add(seats), of_ticket.saturating_add(seats));
        }
        match (before.is_live(), stage.is_live()) {
            (false, true) => {
                self.know_person(registration);
                self.use_code(code, |uses| uses.saturating_add(1));
            }
            (true, false) => {
                self.forget_person(registration);
                self.use_code(code, |uses| uses.saturating_sub(1));
            }
            _ => {}
        }
    }

    fn use_code(&mut self, code: Option<String>, how: impl FnOnce(u32) -> u32) {
        if let Some(code) = code {
            let uses = self.uses.get(&code).copied().unwrap_or_default();
            self.uses.insert(code, how(uses));
        }
    }

    fn know_person(&mut self, registration: RegistrationId) {
        let keys: Vec<_> = self.registrations.get(&registration).into_iter().flat_map(|entry| entry.person.keys()).collect();
        for key in keys {
            self.people.insert(key, registration);
        }
    }

    fn forget_person(&mut self, registration: RegistrationId) {
        let keys: Vec<_> = self.registrations.get(&registration).into_iter().flat_map(|entry| entry.person.keys()).collect();
        for key in keys {
            if self.people.get(&key) == Some(&registration) {
                self.people.remove(&key);
            }
        }
    }
}

impl Entry {
    fn change_refund(&mut self, payment: PaymentId, refund: RefundId, change: impl FnOnce(&mut Refund)) {
        if let Some(known) = self.payments.get_mut(&payment).and_then(|payment| payment.refunds.get_mut(&refund)) {
            change(known);
        }
    }
}

/// Which registration an event moves, and to what.
fn moved(event: &Did) -> Option<(RegistrationId, Stage)> {
    let (registration, stage) = match event {
        Did::ApprovalAwaited { registration, holds_place, .. } => (registration, Stage::PendingApproval { holds_place: *holds_place }),
        Did::PaymentAwaited { registration, until, .. } => (registration, Stage::AwaitingPayment { until: *until }),
        Did::RegistrationConfirmed { registration, .. } | Did::CheckInUndone { registration } | Did::NoShowUndone { registration } => {
            (registration, Stage::Confirmed)
        }
        Did::RegistrationWaitlisted { registration, .. } => (registration, Stage::Waitlisted),
        Did::PlaceOffered { registration, until, .. } => (registration, Stage::Offered { until: *until }),
        Did::OfferDeclined { registration, .. } | Did::RegistrationWithdrawn { registration, .. } => (registration, Stage::Withdrawn),
        Did::OfferLapsed { registration, .. } | Did::RegistrationExpired { registration, .. } => (registration, Stage::Expired),
        Did::RegistrationRejected { registration, .. } => (registration, Stage::Rejected),
        Did::RegistrationCancelled { registration, .. } => (registration, Stage::Cancelled),
        Did::CheckedIn { registration, .. } => (registration, Stage::Attended),
        Did::NoShowRecorded { registration } => (registration, Stage::NoShow),
        _ => return None,
    };
    Some((*registration, stage))
}
