use chrono::TimeDelta;
use domain::{
    booking::run::{RunEvent, Scheduled},
    fact::Fact,
    identity::mail::{Booked, Occasion},
    kernel::{RegistrationId, RunId, Timestamp},
};
use journal::{Recorded, TimerChange};

use super::Reaction;
use crate::{Commands, Fault, Request};

/// What is older is no news to anybody. A day, and no more: a journal that is older than this reaction is gone through from its start, and
/// of what happened before nobody who was invited is told all at once.
const NEWS: TimeDelta = TimeDelta::days(1);

/// Who is invited to a run, and has not registered, is written to when it is moved or called off, and when they are not invited any more.
pub(super) struct MailPeopleWhenWhatTheyAreInvitedToChanges;

#[async_trait::async_trait]
impl Reaction for MailPeopleWhenWhatTheyAreInvitedToChanges {
    fn name(&self) -> &'static str {
        "mail_people_when_what_they_are_invited_to_changes"
    }

    async fn react(&self, event: &Recorded, fact: &Fact, commands: &Commands) -> Result<Vec<TimerChange>, Fault> {
        let Fact::Run(happened) = fact else { return Ok(vec![]) };
        let now = commands.identity.now();
        let is_news = now - event.recorded_at <= NEWS;
        let Some((occasion, before, reason)) = told(happened).filter(|_| is_news) else { return Ok(vec![]) };
        let to = |state: &Scheduled| stands(happened, state).then(|| invited(happened, state, now));
        let to = commands.booking.look(RunId(event.stream.id), to).await?.unwrap_or_default();
        // Of a draft nobody was told.
        if to.is_empty() || !commands.booking.was_published_before(event).await? {
            return Ok(vec![]);
        }
        let request = Request::because_of(self.name(), event);
        for registration in to {
            let booked = Booked { before, reason: reason.map(ToOwned::to_owned), ..Booked::of(registration) };
            commands.identity.queue_to_invited(&request, event, occasion, booked).await?;
        }
        Ok(vec![])
    }
}

/// What is told, when the run was to start before, and the reason that was given.
fn told(happened: &RunEvent) -> Option<(Occasion, Option<Timestamp>, Option<&str>)> {
    Some(match happened {
        RunEvent::Rescheduled { from, .. } => (Occasion::RunMoved, Some(*from), None),
        RunEvent::Cancelled { reason } => (Occasion::RunCancelled, None, Some(reason.trim()).filter(|reason| !reason.is_empty())),
        RunEvent::InvitationWithdrawn { .. } => (Occasion::InvitationWithdrawn, None, None),
        _ => return None,
    })
}

/// Whether it is so still: of several moves only the last is told.
fn stands(happened: &RunEvent, state: &Scheduled) -> bool {
    match happened {
        RunEvent::Rescheduled { starts_at, ends_at, .. } => (*starts_at, *ends_at) == (state.plan.starts_at, state.plan.ends_at),
        _ => true,
    }
}

/// Whom it is told: what their registrations would be, if they had no account.
fn invited(happened: &RunEvent, state: &Scheduled, now: Timestamp) -> Vec<RegistrationId> {
    match happened {
        RunEvent::InvitationWithdrawn { address, registration } => {
            // By now they may be invited again.
            let is_told =
                |registration: &RegistrationId| state.invitation(address).is_none() && state.is_unanswered(address, *registration);
            registration.filter(is_told).into_iter().collect()
        }
        _ => state.unanswered(now).map(|invitation| invitation.registration).collect(),
    }
}
