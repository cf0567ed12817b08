//! Who is told that they are invited, and when: with the invitation, or when the run is published, if that comes later. It is decided by the
//! order of the run's events, so that it comes to the same however late they are looked at.

use std::collections::BTreeMap;

use domain::{
    Event,
    booking::{
        Invitation,
        run::{Life, Run, RunEvent, Scheduled},
    },
    fact,
    identity::mail::Booked,
    kernel::{MailId, RunId},
};
use journal::Recorded;

use super::Booking;
use crate::Fault;

impl Booking {
    /// Whether a run was published before an event of its.
    ///
    /// # Errors
    /// The journal could not be read.
    pub(crate) async fn was_published_before(&self, event: &Recorded) -> Result<bool, Fault> {
        let is_draft = |run: &Scheduled| Some(run.life == Life::Draft);
        if self.look(RunId(event.stream.id), is_draft).await?.unwrap_or(true) {
            return Ok(false);
        }
        let published = RunEvent::Published {}.name();
        let events = self.dispatcher.journal().load(&event.stream, 0).await?;
        Ok(events.iter().take_while(|before| before.sequence < event.sequence).any(|before| before.name == published))
    }

    /// Whether somebody is told that they are invited because they were: to a draft, it is that it is published which tells them.
    ///
    /// # Errors
    /// The journal could not be read.
    pub(crate) async fn is_told_of(&self, event: &Recorded, invitation: &Invitation) -> Result<bool, Fault> {
        let seen = |run: &Scheduled| Some((run.life, run.invitation(&invitation.address) == Some(invitation)));
        match self.look(RunId(event.stream.id), seen).await? {
            None | Some((Life::Draft, _)) => Ok(false),
            // It stood when the run was published, whichever came first, and the mail is the same.
            Some((Life::Published, true)) => Ok(true),
            Some(_) => self.was_published_before(event).await,
        }
    }

    /// The mails to those who were invited before a run was published by an event, and were so still: each under the id of their
    /// invitation's event, so that nobody is told twice.
    ///
    /// # Errors
    /// The journal could not be read.
    pub(crate) async fn invited_before(&self, published: &Recorded) -> Result<Vec<(MailId, Booked)>, Fault> {
        let mut invited = BTreeMap::new();
        for event in self.dispatcher.journal().load(&published.stream, 0).await? {
            if event.sequence >= published.sequence {
                break;
            }
            match fact::read::<Run>(&event.name, event.version, event.payload.as_str())? {
                Some(RunEvent::InvitationIssued { invitation }) => {
                    let Invitation { address, registration, until, .. } = invitation;
                    let booked = Booked { until, ..Booked::of(registration) };
                    invited.insert(address.as_str().to_owned(), (MailId(event.event_id), booked));
                }
                Some(RunEvent::InvitationWithdrawn { address, .. }) => drop(invited.remove(address.as_str())),
                _ => {}
            }
        }
        let is_good = |(_, booked): &(MailId, Booked)| booked.until.is_none_or(|until| published.recorded_at < until);
        Ok(invited.into_values().filter(is_good).collect())
    }
}
