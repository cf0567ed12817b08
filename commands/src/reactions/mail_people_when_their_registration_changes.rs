use chrono::TimeDelta;
use domain::{
    booking::run::{Life, Run, RunEvent, Scheduled, Stage},
    fact::Fact,
    identity::mail::{Booked, Occasion},
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
        let Fact::Run(happened) = fact else { return Ok(vec![]) };
        if commands.identity.now() - event.recorded_at > NEWS {
            return Ok(vec![]);
        }
        let (run, request, at) = (RunId(event.stream.id), Request::because_of(self.name(), event), event.recorded_at);
        if let RunEvent::Rescheduled { from, .. } = happened {
            let Run::Scheduled(state) = commands.booking.run(run).await? else { return Ok(vec![]) };
            for registration in moved(&state, *from) {
                // One for each, and the same if this is done again.
                let mail = MailId(Uuid::new_v5(&event.event_id, registration.0.as_bytes()));
                let booked = Booked { before: Some(*from), ..Booked::of(registration) };
                commands.identity.queue_about(&request, mail, Occasion::RunMoved, booked, at).await?;
            }
            return Ok(vec![]);
        }
        let told = match happened {
            // These are told by what has become of the run, or of the registration.
            RunEvent::RegistrationCancelled { .. } | RunEvent::RegistrationTransferred { .. } => match commands.booking.run(run).await? {
                Run::Scheduled(state) => by_state(happened, &state),
                Run::Absent => None,
            },
            happened => by_itself(happened),
        };
        if let Some((occasion, booked)) = told {
            commands.identity.queue_about(&request, MailId(event.event_id), occasion, booked, at).await?;
        }
        Ok(vec![])
    }
}

/// Who had registered for another time than the run has now.
fn moved(state: &Scheduled, from: Timestamp) -> Vec<RegistrationId> {
    let is_told = |stage: Stage| stage.is_live() && !stage.is_past();
    // Where the end alone has changed, it is said to all.
    let is_moved = state.plan.starts_at != from;
    let all = state.registrations().filter(|(_, entry)| is_told(entry.stage) && (!is_moved || state.was_moved_since(entry)));
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
        RunEvent::RegistrationExpired { registration, .. } => (Occasion::RegistrationExpired, Booked::of(*registration)),
        RunEvent::RegistrationRejected { registration, reason, .. } => (Occasion::RegistrationRejected, because(*registration, reason)),
        RunEvent::RegistrationWithdrawn { registration, .. } | RunEvent::OfferDeclined { registration, .. } => {
            (Occasion::RegistrationWithdrawn, Booked::of(*registration))
        }
        RunEvent::RefundRecorded { registration, amount, .. } => {
            (Occasion::Refunded, Booked { amount: Some(*amount), ..Booked::of(*registration) })
        }
        _ => return None,
    })
}

fn by_state(happened: &RunEvent, state: &Scheduled) -> Option<(Occasion, Booked)> {
    match happened {
        RunEvent::RegistrationCancelled { registration, .. } if state.life == Life::Cancelled => {
            let reason = state.called_off.as_deref().unwrap_or_default();
            Some((Occasion::RunCancelled, because(*registration, reason)))
        }
        RunEvent::RegistrationCancelled { registration, reason, .. } => {
            Some((Occasion::RegistrationCancelled, because(*registration, reason)))
        }
        // Whoever comes instead. Where something else becomes of it besides, that is told by itself.
        RunEvent::RegistrationTransferred { registration, .. } => {
            let entry = state.registration(*registration)?;
            match entry.stage {
                Stage::Confirmed => Some((Occasion::RegistrationConfirmed, Booked::of(*registration))),
                Stage::AwaitingPayment { until } => {
                    let due = Money::new(entry.due(), state.plan.currency);
                    Some((Occasion::PaymentAwaited, Booked { until: Some(until), amount: Some(due), ..Booked::of(*registration) }))
                }
                _ => None,
            }
        }
        _ => None,
    }
}

fn because(registration: RegistrationId, reason: &str) -> Booked {
    let reason = reason.trim();
    Booked { reason: (!reason.is_empty()).then(|| reason.to_owned()), ..Booked::of(registration) }
}
