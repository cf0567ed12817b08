//! A workshop at a time and a place. Whoever wants in meets in its stream, so that it never has more people than places, however many
//! come at once and on however many nodes.

mod command;
mod decide;
mod event;
mod evolve;
mod forgetting;
mod invited;
mod organise;
mod payment;
mod payments;
mod places;
mod refunds;
mod registrations;
mod requests;
mod seen;
mod sessions;
mod stage;
mod state;

pub use command::{Applicant, Application, By, Caller, PaymentReport, RefundReport, RunCommand, Teller};
pub use event::{RefundReason, Requested, RunEvent};
pub use payment::{Payment, PaymentState, PaymentStatus, Refund, RefundStatus};
pub use sessions::Begun;
pub use stage::Stage;
pub use state::{Entry, Life, Person, Run, Scheduled};

use super::BookingRejection as Rejection;
use crate::{Decider, kernel::Timestamp};

impl Decider for Run {
    const STREAM: &'static str = "run";
    const STATE_VERSION: u32 = 4;
    type Command = RunCommand;
    type Event = RunEvent;
    type Rejection = Rejection;

    fn decide(&self, command: RunCommand, now: Timestamp) -> Result<Vec<RunEvent>, Rejection> {
        decide::decide(self, command, now)
    }

    fn evolve(&mut self, event: &RunEvent) {
        evolve::evolve(self, event);
    }
}

#[cfg(test)]
mod tests;
