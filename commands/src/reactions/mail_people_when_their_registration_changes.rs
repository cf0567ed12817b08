use chrono::TimeDelta;
use domain::{
    booking::{
        PlaceBefore, Plan,
        registrant::RegistrantEvent,
        run::{Life, PaymentStatus, RunEvent, Scheduled, Stage},
    },
    fact::Fact,
    identity::mail::{Booked, Missed, Occasion},
    kernel::{MailId, Money, RegistrationId, RunId, Timestamp},
};
use journal::{Recorded, TimerChange};
use uuid::Uuid;

use super::Reaction;
use crate::{Commands, Fault, Request};

/// What is older is no news to anybody.
const NEWS: TimeDelta = TimeDelta::days(7);

/// People are written to, with an account or without, when something becomes of their registration.
pub(super) struct MailPeopleWhenTheirRegistrationChanges;

#[async_trait::async_trait]
impl Reaction for MailPeopleWhenTheirRegistrationChanges {
    fn name(&self) -> &'static str {
        "mail_people_when_their_registration_changes"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        if commands.identity.now() - event.recorded_at > NEWS {
            return Ok(vec![]);
        }
        let (request, at) = (Request::because_of(self.name(), event), event.recorded_at);
        if let Fact::Registrant(replaced @ RegistrantEvent::Replaced { details }) = fact {
            commands.identity.queue_handed_over(&request, event, &details.email).await?;
            commands.identity.queue_along_handed_over(&request, event, replaced).await?;
        }
        let Fact::Run(happened) = fact else { return Ok(vec![]) };
        let run = RunId(event.stream.id);
        if matches!(happened, RunEvent::Rescheduled { .. } | RunEvent::Revised { .. }) {
            let changed = commands.booking.look(run, |state| changed(happened, state)).await?;
            let Some((occasion, before, all)) = changed else { return Ok(vec![]) };
            for registration in all {
                // One for each, and the same if this is done again.
                let mail = MailId(Uuid::new_v5(&event.event_id, registration.0.as_bytes()));
                let booked = Booked { before, ..Booked::of(registration) };
                commands.identity.queue_about(&request, mail, occasion, booked.clone(), at).await?;
                commands.identity.queue_along(&request, event, Occasion::CompanionMoved, booked).await?;
            }
            return Ok(vec![]);
        }
        if let RunEvent::Published {} = happened {
            for (mail, booked) in commands.booking.invited_before(event).await? {
                commands.identity.queue_about(&request, mail, Occasion::GuestInvited, booked, at).await?;
            }
            return Ok(vec![]);
        }
        let told = match happened {
            RunEvent::InvitationIssued { invitation } if !commands.booking.is_told_of(event, invitation).await? => None,
            // This is told by what has become of the run.
            RunEvent::RegistrationCancelled { registration, reason, .. } => {
                commands.booking.look(run, |state| Some(cancelled(*registration, reason, state))).await?
            }
            RunEvent::ApprovalWithdrawn { registration } => commands.booking.look(run, |state| unapproved(*registration, state)).await?,
            happened => by_itself(happened),
        };
        if let Some((occasion, booked)) = told {
            commands.identity.queue_about(&request, MailId(event.event_id), occasion, booked, at).await?;
        }
        if let Some((occasion, registration)) = along(happened) {
            commands.identity.queue_along(&request, event, occasion, Booked::of(registration)).await?;
        }
        Ok(vec![])
    }
}

/// What is told of a run that has changed, when it was to start before, and whom it is told.
fn changed(happened: &RunEvent, state: &Scheduled) -> Option<(Occasion, Option<Timestamp>, Vec<RegistrationId>)> {
    Some(match happened {
        RunEvent::Rescheduled { from, .. } => (Occasion::RunMoved, Some(*from), moved(state)),
        RunEvent::Revised { plan, from: Some(from) } => (Occasion::RunRelocated, None, relocated(state, plan, from)),
        _ => return None,
    })
}

/// Who had been told another place. The way in online was told to who is confirmed alone.
fn relocated(state: &Scheduled, plan: &Plan, from: &PlaceBefore) -> Vec<RegistrationId> {
    let is_elsewhere = plan.format.venue() != from.format.venue();
    let is_told = |stage: Stage| stage == Stage::Confirmed || is_elsewhere && stage.is_live() && !stage.is_past();
    let all = state.registrations().filter(|(_, entry)| entry.number <= from.count && is_told(entry.stage));
    all.map(|(registration, _)| registration).collect()
}

/// Who waits goes on waiting; to all others it is told by what they have come to.
fn unapproved(registration: RegistrationId, state: &Scheduled) -> Option<(Occasion, Booked)> {
    let entry = state.registration(registration).filter(|entry| !entry.approved)?;
    let waits = matches!(entry.stage, Stage::Waitlisted | Stage::Offered { .. });
    waits.then(|| (Occasion::ApprovalWithdrawn, Booked::of(registration)))
}

/// Who had registered for another time than the run has now.
fn moved(state: &Scheduled) -> Vec<RegistrationId> {
    let is_told = |stage: Stage| stage.is_live() && !stage.is_past();
    let all = state.registrations().filter(|(_, entry)| is_told(entry.stage) && state.was_moved_since(entry));
    all.map(|(registration, _)| registration).collect()
}

fn by_itself(happened: &RunEvent) -> Option<(Occasion, Booked)> {
    let held = |registration: RegistrationId, until: Timestamp, amount: Option<Money>| Booked {
        until: Some(until),
        amount,
        ..Booked::of(registration)
    };
    Some(match happened {
        RunEvent::InvitationIssued { invitation } => {
            (Occasion::GuestInvited, Booked { until: invitation.until, ..Booked::of(invitation.registration) })
        }
        RunEvent::ApprovalAwaited { registration, .. } => (Occasion::RegistrationRequested, Booked::of(*registration)),
        RunEvent::RegistrationApproved { registration } => (Occasion::RegistrationApproved, Booked::of(*registration)),
        RunEvent::PaymentAwaited { registration, due, until, .. } => (Occasion::PaymentAwaited, held(*registration, *until, Some(*due))),
        RunEvent::RegistrationConfirmed { registration, .. } => (Occasion::RegistrationConfirmed, Booked::of(*registration)),
        RunEvent::RegistrationWaitlisted { registration, .. } => (Occasion::RegistrationWaitlisted, Booked::of(*registration)),
        RunEvent::PlaceOffered { registration, until, .. } => (Occasion::PlaceOffered, held(*registration, *until, None)),
        RunEvent::OfferLapsed { registration, .. } => (Occasion::OfferLapsed, Booked::of(*registration)),
        RunEvent::RegistrationExpired { registration, from, .. } => {
            (Occasion::RegistrationExpired, Booked { missed: missed(*from), ..Booked::of(*registration) })
        }
        RunEvent::RegistrationRejected { registration, reason, .. } => (Occasion::RegistrationRejected, because(*registration, reason)),
        RunEvent::RegistrationWithdrawn { registration, .. } | RunEvent::OfferDeclined { registration, .. } => {
            (Occasion::RegistrationWithdrawn, Booked::of(*registration))
        }
        RunEvent::PaymentReported { registration, status: PaymentStatus::Succeeded, amount, .. } => {
            (Occasion::PaymentReceived, money(*registration, *amount))
        }
        RunEvent::PaymentReported { registration, status: PaymentStatus::Failed, amount, .. } => {
            (Occasion::PaymentFailed, money(*registration, *amount))
        }
        RunEvent::PaymentUndone { registration, amount, reason, .. } => {
            (Occasion::PaymentUndone, Booked { amount: Some(*amount), ..because(*registration, reason) })
        }
        RunEvent::RefundRecorded { registration, amount, .. } => (Occasion::Refunded, money(*registration, *amount)),
        RunEvent::RefundUndone { registration, amount, reason, .. } => {
            (Occasion::RefundUndone, Booked { amount: Some(*amount), ..because(*registration, reason) })
        }
        // What is asked for, taken back or reinstated is told by the event that follows, and what is handed over by that of who has it now.
        // Who comes, and who does not, was there or knows it.
        _ => return None,
    })
}

/// What who comes along is told: that there is a place for them, and that it is gone. The rest is whoever's who registered.
const fn along(happened: &RunEvent) -> Option<(Occasion, RegistrationId)> {
    match happened {
        RunEvent::RegistrationConfirmed { registration, .. } => Some((Occasion::CompanionNamed, *registration)),
        // Who was confirmed may have come to wait for a place once more.
        RunEvent::RegistrationWithdrawn { registration, .. }
        | RunEvent::OfferDeclined { registration, .. }
        | RunEvent::OfferLapsed { registration, .. }
        | RunEvent::RegistrationCancelled { registration, .. }
        | RunEvent::RegistrationRejected { registration, .. }
        | RunEvent::RegistrationExpired { registration, .. } => Some((Occasion::CompanionDropped, *registration)),
        _ => None,
    }
}

/// A registration is cancelled with its run, or alone.
fn cancelled(registration: RegistrationId, reason: &str, state: &Scheduled) -> (Occasion, Booked) {
    if state.life == Life::Cancelled {
        return (Occasion::RunCancelled, because(registration, state.called_off.as_deref().unwrap_or_default()));
    }
    (Occasion::RegistrationCancelled, because(registration, reason))
}

/// What else than money was missing.
const fn missed(from: Option<Stage>) -> Option<Missed> {
    match from {
        Some(Stage::Waitlisted) => Some(Missed::Place),
        Some(Stage::PendingApproval { .. }) => Some(Missed::Approval),
        _ => None,
    }
}

fn money(registration: RegistrationId, amount: Money) -> Booked {
    Booked { amount: Some(amount), ..Booked::of(registration) }
}

fn because(registration: RegistrationId, reason: &str) -> Booked {
    let reason = reason.trim();
    Booked { reason: (!reason.is_empty()).then(|| reason.to_owned()), ..Booked::of(registration) }
}
