//! What guests see by their links: what they may choose from, and what has become of their registration.

use domain::{
    booking::{
        Quote, Ticket,
        run::{Life, Scheduled},
    },
    kernel::{Digest, Money, RegistrationId, RunId, Timestamp},
};
use secrecy::SecretString;

use super::{Appointment, Booking, guest_links::Holder};
use crate::Fault;

/// What a guest sees, all of it at one moment.
#[derive(Clone, Debug)]
pub struct GuestSight {
    pub registration: RegistrationId,
    pub appointment: Appointment,
    /// Whether they may register now: people may, and they have not.
    pub is_open: bool,
    /// What they may choose from; once they have registered, the ticket that they have, and none once they have it no more.
    pub tickets: Vec<GuestTicket>,
    /// Once they have registered.
    pub registered: Option<GuestRegistered>,
}

/// A ticket, as it is had now.
#[derive(Clone, Debug)]
pub struct GuestTicket {
    pub ticket: Ticket,
    /// What a seat costs now.
    pub price: Money,
    /// Places that nobody has and that may be taken with it.
    pub left: u32,
}

/// What a guest registered for.
#[derive(Clone, Debug)]
pub struct GuestRegistered {
    /// The ticket's key.
    pub ticket: String,
    pub quote: Quote,
    /// What came in and was not given back.
    pub paid: Money,
    /// Their place in line, from 1, where they wait.
    pub position: Option<u32>,
}

impl GuestSight {
    fn of(run: RunId, registration: RegistrationId, address: &Digest, state: &Scheduled, now: Timestamp) -> Self {
        let ticket = |ticket: &Ticket| GuestTicket {
            price: ticket.price(now, state.taken_of(&ticket.key)),
            left: state.left_of(&ticket.key),
            ticket: ticket.clone(),
        };
        let registered = state.registration(registration).map(|entry| GuestRegistered {
            ticket: entry.ticket.clone(),
            quote: entry.quote.clone(),
            paid: Money::new(entry.kept(), state.plan.currency),
            position: state.ahead_of(registration).map(|ahead| ahead.saturating_add(1)),
        });
        Self {
            registration,
            appointment: Appointment::by_now(run, registration, state),
            is_open: registered.is_none() && state.life == Life::Published && state.plan.is_open(now),
            tickets: state.tickets_for_guest(registration, address, now).into_iter().map(ticket).collect(),
            registered,
        }
    }
}

impl Booking {
    /// What a guest sees by their link: the run, what they may choose from, and their registration once there is one. None, if the link is
    /// not good, or the run is not theirs to see any more.
    ///
    /// # Errors
    /// The vault or the journal could not be read.
    pub async fn guest_sight(&self, token: &SecretString) -> Result<Option<GuestSight>, Fault> {
        let Some(Holder { registration, run, address, .. }) = self.holder(token).await? else { return Ok(None) };
        let now = self.dispatcher.now();
        let seen = move |state: &Scheduled| {
            let is_shown = state.is_shown_by_link(registration, &address, now);
            is_shown.then(|| GuestSight::of(run, registration, &address, state, now))
        };
        self.look(run, seen).await
    }
}
