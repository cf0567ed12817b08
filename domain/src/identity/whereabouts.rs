//! From where and with what an account was signed in to, so that what is unusual is known from what is not. The stream has the account's
//! id. What was seen is sealed: whoever decides has it opened, and says on how much of it that was decided.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    IdentityRejection as Rejection,
    watch::{Sighting, Unusual},
};
use crate::{
    Decider, Event,
    kernel::{Personal, SignInId, Timestamp},
};

/// How many different sightings are remembered: what was not seen for the longest time is forgotten first.
const MOST: usize = 64;

/// From where and with what an account was signed in to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Whereabouts {
    /// How often it was looked at.
    looks: u64,
    seen: Vec<Seen>,
}

/// Something that was seen, once or more often.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The first sign-in of it.
    pub sign_in: SignInId,
    /// When it was seen last.
    pub at: Timestamp,
    pub sighting: Personal<Sighting>,
}

#[derive(Debug)]
pub enum WhereaboutsCommand {
    Look(Box<Look>),
}

/// What a sign-in was found to be.
#[derive(Clone, Debug)]
pub struct Look {
    pub sign_in: SignInId,
    /// When it was opened.
    pub at: Timestamp,
    pub sighting: Personal<Sighting>,
    /// The first sign-in of what is alike; absent, if nothing is.
    pub like: Option<SignInId>,
    pub unusual: BTreeSet<Unusual>,
    /// The first sign-in of what it is too far from.
    pub too_far_from: Option<SignInId>,
    /// How often it had been looked before. If that is not so any more, nothing follows: it is to be found out anew.
    pub looks: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum WhereaboutsEvent {
    /// As never before.
    Seen { sign_in: SignInId, at: Timestamp, sighting: Personal<Sighting> },
    /// As with an earlier sign-in.
    SeenAgain { sign_in: SignInId, at: Timestamp, like: SignInId },
    FoundUnusual {
        sign_in: SignInId,
        at: Timestamp,
        unusual: BTreeSet<Unusual>,
        sighting: Personal<Sighting>,
        /// What it is too far from.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        too_far_from: Option<Personal<Sighting>>,
    },
}

impl Whereabouts {
    /// How often it was looked at.
    #[must_use]
    pub const fn looks(&self) -> u64 {
        self.looks
    }

    /// All that is remembered.
    #[must_use]
    pub fn seen(&self) -> &[Seen] {
        &self.seen
    }

    fn first(&self, sign_in: SignInId) -> Option<&Seen> {
        self.seen.iter().find(|seen| seen.sign_in == sign_in)
    }

    /// Whether something was seen then, or later: there is nothing to add.
    #[must_use]
    pub fn is_known(&self, like: SignInId, at: Timestamp) -> bool {
        self.first(like).is_some_and(|seen| seen.at >= at)
    }
}

impl Decider for Whereabouts {
    const STREAM: &'static str = "whereabouts";
    type Command = WhereaboutsCommand;
    type Event = WhereaboutsEvent;
    type Rejection = Rejection;

    fn decide(&self, command: WhereaboutsCommand, _now: Timestamp) -> Result<Vec<WhereaboutsEvent>, Rejection> {
        let WhereaboutsCommand::Look(look) = command;
        let Look { sign_in, at, sighting, like, unusual, too_far_from, looks } = *look;
        if looks != self.looks || like.is_some_and(|like| self.is_known(like, at)) {
            return Ok(vec![]);
        }
        let seen = match like {
            Some(like) => WhereaboutsEvent::SeenAgain { sign_in, at, like },
            None => WhereaboutsEvent::Seen { sign_in, at, sighting: sighting.clone() },
        };
        let too_far_from = too_far_from.and_then(|first| self.first(first)).map(|seen| seen.sighting.clone());
        let found = (!unusual.is_empty()).then_some(WhereaboutsEvent::FoundUnusual { sign_in, at, unusual, sighting, too_far_from });
        Ok(std::iter::once(seen).chain(found).collect())
    }

    fn evolve(&mut self, event: &WhereaboutsEvent) {
        match event {
            WhereaboutsEvent::Seen { sign_in, at, sighting } => {
                self.looks += 1;
                self.seen.push(Seen { sign_in: *sign_in, at: *at, sighting: sighting.clone() });
                if self.seen.len() > MOST {
                    let oldest = self.seen.iter().enumerate().min_by_key(|(_, seen)| seen.at).map(|(place, _)| place);
                    if let Some(place) = oldest {
                        self.seen.remove(place);
                    }
                }
            }
            WhereaboutsEvent::SeenAgain { at, like, .. } => {
                self.looks += 1;
                if let Some(seen) = self.seen.iter_mut().find(|seen| seen.sign_in == *like) {
                    seen.at = *at;
                }
            }
            WhereaboutsEvent::FoundUnusual { .. } => {}
        }
    }
}

impl Event for WhereaboutsEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Seen { .. } => "SignInSeen",
            Self::SeenAgain { .. } => "SignInSeenAgain",
            Self::FoundUnusual { .. } => "SignInFoundUnusual",
        }
    }
}

#[cfg(test)]
mod tests;
