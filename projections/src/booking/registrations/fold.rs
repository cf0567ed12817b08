//! Takes events into a registration's row.

use domain::{
    booking::run::{PaymentStatus, Requested, RunEvent},
    kernel::{PaymentId, RefundId, Timestamp},
};
use sea_orm::prelude::Uuid;

use super::{Model, Payment, Refund, RegistrationState as State};
use crate::{
    column::{Json, Word},
    read_model::{MissingRow, Recorded},
};

pub(super) fn fold(registration: Uuid, row: Option<Model>, fact: &RunEvent, event: &Recorded) -> Result<Model, MissingRow> {
    if let RunEvent::RegistrationRequested(requested) = fact {
        return Ok(Model::requested(registration, event.stream.id, requested, event.at));
    }
    Ok(Model { updated_at: event.at, ..row.ok_or(MissingRow)?.with(fact, event.at) })
}

impl Model {
    fn requested(registration: Uuid, run: Uuid, requested: &Requested, at: Timestamp) -> Self {
        let Requested { registration: _, person, members: _, ticket, seats, priority, number, code, quote } = requested;
        Self {
            registration,
            run,
            account: person.account.map(Into::into),
            number: (*number).into(),
            priority: (*priority).into(),
            ticket: ticket.clone(),
            seats: (*seats).into(),
            places: 0,
            // What it becomes is the next event.
            state: Word(State::Withdrawn),
            held_until: None,
            approved: false,
            code: code.clone(),
            currency: quote.total.currency.code().to_owned(),
            total: quote.total.amount,
            kept: 0,
            owed: 0,
            forgiven: 0,
            owed_for: None,
            reason: None,
            requested_at: at,
            updated_at: at,
            checked_in_at: None,
            quote: Json(quote.clone()),
            payments: Json(vec![]),
        }
    }

    /// At a state in which it takes a place.
    fn taking(self, state: State, held_until: Option<Timestamp>) -> Self {
        Self { places: self.seats, state: Word(state), held_until, reason: None, ..self }
    }

    /// At a state in which it takes none.
    fn without(self, state: State) -> Self {
        Self { places: 0, state: Word(state), held_until: None, reason: None, ..self }
    }

    fn with(self, fact: &RunEvent, at: Timestamp) -> Self {
        match fact {
            RunEvent::ApprovalAwaited { holds_place: true, .. } => self.taking(State::PendingApproval, None),
            RunEvent::ApprovalAwaited { holds_place: false, .. } => self.without(State::PendingApproval),
            RunEvent::PaymentAwaited { until, .. } => self.taking(State::AwaitingPayment, Some(*until)),
            RunEvent::RegistrationConfirmed { .. } | RunEvent::NoShowUndone { .. } => self.taking(State::Confirmed, None),
            RunEvent::CheckInUndone { .. } => Self { checked_in_at: None, ..self.taking(State::Confirmed, None) },
            RunEvent::RegistrationWaitlisted { .. } => self.without(State::Waitlisted),
            RunEvent::PlaceOffered { until, .. } => self.taking(State::Offered, Some(*until)),
            RunEvent::OfferDeclined { .. } | RunEvent::RegistrationWithdrawn { .. } => self.without(State::Withdrawn),
            RunEvent::OfferLapsed { .. } | RunEvent::RegistrationExpired { .. } => self.without(State::Expired),
            RunEvent::RegistrationRejected { reason, .. } => Self { reason: Some(reason.clone()), ..self.without(State::Rejected) },
            RunEvent::RegistrationCancelled { reason, .. } => {
                Self { reason: Some(reason.clone()).filter(|reason| !reason.is_empty()), ..self.without(State::Cancelled) }
            }
            RunEvent::CheckedIn { at, .. } => Self { checked_in_at: Some(*at), ..self.taking(State::Attended, None) },
            RunEvent::NoShowRecorded { .. } => self.taking(State::NoShow, None),
            RunEvent::RegistrationApproved { .. } => Self { approved: true, ..self },
            RunEvent::ApprovalWithdrawn { .. } => {
                // Who has paid nothing any more and is decided on anew pays as anybody.
                Self { approved: false, forgiven: if self.kept == 0 { 0 } else { self.forgiven }, ..self }
            }
            RunEvent::RegistrationReinstated { number, .. } => Self { number: (*number).into(), forgiven: 0, ..self },
            RunEvent::RegistrationPrioritised { priority, .. } => Self { priority: (*priority).into(), ..self },
            RunEvent::RegistrationTransferred { person, .. } => Self { account: person.account.map(Into::into), ..self },
            RunEvent::PaymentReported { .. }
            | RunEvent::PaymentVouchedFor { .. }
            | RunEvent::PaymentUndone { .. }
            | RunEvent::RefundOwed { .. }
            | RunEvent::RefundRecorded { .. }
            | RunEvent::RefundVouchedFor { .. }
            | RunEvent::RefundUndone { .. } => self.with_money(fact, at),
            RunEvent::Scheduled { .. }
            | RunEvent::Revised { .. }
            | RunEvent::Published {}
            | RunEvent::Rescheduled { .. }
            | RunEvent::Cancelled { .. }
            | RunEvent::Completed { .. }
            | RunEvent::DiscountCreated { .. }
            | RunEvent::DiscountRevoked { .. }
            | RunEvent::InvitationIssued { .. }
            | RunEvent::InvitationWithdrawn { .. }
            | RunEvent::RegistrationRequested(_)
            | RunEvent::SessionBegun { .. } => self,
        }
    }

    /// With what is told of its money.
    fn with_money(self, fact: &RunEvent, at: Timestamp) -> Self {
        match fact {
            RunEvent::PaymentReported { payment, status, amount, kept, by_hand, .. } => {
                let mut payments = self.payments.0.clone();
                let new = Payment {
                    payment: *payment,
                    status: *status,
                    amount: amount.amount,
                    refunds: vec![],
                    by_hand: *by_hand,
                    undone_for: None,
                    opened_at: at,
                    updated_at: at,
                };
                match find(&mut payments, *payment) {
                    Some(known) => *known = Payment { refunds: known.refunds.clone(), opened_at: known.opened_at, ..new },
                    None => payments.push(new),
                }
                Self { kept: kept.amount, payments: Json(payments), ..self }
            }
            RunEvent::PaymentVouchedFor { payment, .. } => self.with_payment(*payment, at, |known| known.by_hand = false),
            RunEvent::PaymentUndone { payment, reason, kept, owed, .. } => {
                let undone = self.with_payment(*payment, at, |known| {
                    known.status = PaymentStatus::Undone;
                    known.undone_for = Some(reason.clone()).filter(|reason| !reason.is_empty());
                });
                Self { kept: kept.amount, owed: owed.amount, ..undone }
            }
            RunEvent::RefundOwed { reason, owed, .. } => Self { owed: owed.amount, owed_for: Some(Word(*reason)), ..self },
            RunEvent::RefundRecorded { payment, refund, amount, kept, owed, by_hand, .. } => {
                let new = Refund { refund: *refund, amount: amount.amount, by_hand: *by_hand, is_undone: false, undone_for: None, at };
                let refunded = self.with_payment(*payment, at, |known| {
                    known.refunds.retain(|known| known.refund != *refund);
                    known.refunds.push(new);
                });
                refunded.with_so_much_left(kept.amount, owed.amount)
            }
            RunEvent::RefundVouchedFor { payment, refund, .. } => self.with_refund(*payment, *refund, at, |known| known.by_hand = false),
            RunEvent::RefundUndone { payment, refund, reason, kept, owed, forgiven, .. } => {
                let undone = self.with_refund(*payment, *refund, at, |known| {
                    known.is_undone = true;
                    known.undone_for = Some(reason.clone()).filter(|reason| !reason.is_empty());
                });
                Self { kept: kept.amount, owed: owed.amount, forgiven: forgiven.amount, ..undone }
            }
            _ => self,
        }
    }

    /// After something of it was given back. Who has the place and had paid for it has nothing to pay for that.
    fn with_so_much_left(self, kept: i64, owed: i64) -> Self {
        let had_paid = self.has_place() && self.missing() == 0;
        let left = Self { kept, owed, ..self };
        let forgiven = left.forgiven + if had_paid { left.missing() } else { 0 };
        Self { forgiven, ..left }
    }

    /// With something that happened to a payment of it.
    fn with_payment(self, payment: PaymentId, at: Timestamp, change: impl FnOnce(&mut Payment)) -> Self {
        let mut payments = self.payments.0.clone();
        if let Some(known) = find(&mut payments, payment) {
            change(known);
            known.updated_at = at;
        }
        Self { payments: Json(payments), ..self }
    }

    /// With something that happened to a refund of one of its payments.
    fn with_refund(self, payment: PaymentId, refund: RefundId, at: Timestamp, change: impl FnOnce(&mut Refund)) -> Self {
        self.with_payment(payment, at, |known| {
            if let Some(known) = known.refunds.iter_mut().find(|known| known.refund == refund) {
                change(known);
            }
        })
    }
}

fn find(payments: &mut [Payment], payment: PaymentId) -> Option<&mut Payment> {
    payments.iter_mut().find(|known| known.payment == payment)
}
