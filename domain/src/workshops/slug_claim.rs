//! The right to a slug. Its stream's id follows from the slug, so that two drafts of one slug meet in one stream.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::WorkshopRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{Timestamp, WorkshopId},
};

/// Who holds a slug.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub enum SlugClaim {
    #[default]
    Free,
    Held {
        workshop: WorkshopId,
    },
}

#[derive(Debug)]
pub enum SlugClaimCommand {
    Claim { slug: String, workshop: WorkshopId },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SlugClaimEvent {
    Claimed { slug: String, workshop: WorkshopId },
}

impl SlugClaim {
    /// The stream in which this slug is claimed.
    #[must_use]
    pub fn stream_id(slug: &str) -> Uuid {
        const NAMESPACE: Uuid = Uuid::from_u128(0x6e61_6c61_626f_4573_8c75_675f_636c_6169);
        Uuid::new_v5(&NAMESPACE, slug.as_bytes())
    }
}

impl Decider for SlugClaim {
    const STREAM: &'static str = "slug_claim";
    type Command = SlugClaimCommand;
    type Event = SlugClaimEvent;
    type Rejection = Rejection;

    fn decide(&self, command: SlugClaimCommand, _now: Timestamp) -> Result<Vec<SlugClaimEvent>, Rejection> {
        let SlugClaimCommand::Claim { slug, workshop } = command;
        match self {
            Self::Free if super::defects::is_key(&slug) => Ok(vec![SlugClaimEvent::Claimed { slug, workshop }]),
            Self::Free => Err(Rejection::SlugInvalid),
            Self::Held { .. } => Err(Rejection::SlugTaken),
        }
    }

    fn evolve(&mut self, event: &SlugClaimEvent) {
        let SlugClaimEvent::Claimed { workshop, .. } = event;
        *self = Self::Held { workshop: *workshop };
    }
}

impl Event for SlugClaimEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Claimed { .. } => "SlugClaimed",
        }
    }
}

#[cfg(test)]
mod tests;
