//! Which plan an account is on. Its stream has the account's id.

use serde::{Deserialize, Serialize};

use super::IdentityRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{Plan, Timestamp},
};

/// Which plan an account is on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Membership {
    pub plan: Plan,
}

#[derive(Debug)]
pub enum MembershipCommand {
    Assign { plan: Plan },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum MembershipEvent {
    Assigned { plan: Plan },
}

impl Decider for Membership {
    const STREAM: &'static str = "membership";
    type Command = MembershipCommand;
    type Event = MembershipEvent;
    type Rejection = Rejection;

    fn decide(&self, command: MembershipCommand, _now: Timestamp) -> Result<Vec<MembershipEvent>, Rejection> {
        let MembershipCommand::Assign { plan } = command;
        Ok(if plan == self.plan { vec![] } else { vec![MembershipEvent::Assigned { plan }] })
    }

    fn evolve(&mut self, event: &MembershipEvent) {
        let MembershipEvent::Assigned { plan } = event;
        self.plan = *plan;
    }
}

impl Event for MembershipEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Assigned { .. } => "PlanAssigned",
        }
    }
}

#[cfg(test)]
mod tests;
