//! Some notes of one node that were written together. Each such batch is a stream of its own, so that no stream grows, and no node
//! waits for another.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::AuditRejection as Rejection;
use crate::{
    Decider, Event,
    kernel::{Personal, Timestamp},
};

/// Some notes that were written together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Trail {
    #[default]
    Absent,
    Written,
}

#[derive(Debug)]
pub enum TrailCommand {
    /// Doing it again, because it was not known whether it was done, writes nothing twice.
    Write(Vec<Box<Note>>),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TrailEvent {
    Noted(Box<Note>),
}

/// What was asked, by whom, and what came of it. Who is named as events' metadata names them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Note {
    /// Drawn anew for each.
    pub entry: Uuid,
    /// When it was answered. It is recorded a moment later.
    pub at: Timestamp,
    pub actor: String,
    /// By which sign-in or token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_behalf_of: Option<String>,
    /// As the API names it, such as `roleGrant`.
    pub operation: String,
    pub verdict: Verdict,
    /// Why it was refused, or what came in the way: a code such as `FORBIDDEN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What it was about: ids in the API's form.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
    pub correlation: Uuid,
    /// The network address, where it is known whose it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Personal<String>>,
    /// A keyed digest of the network address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address_digest: Option<String>,
    /// What the program called itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<Personal<String>>,
    /// How often, if the note stands for several.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub times: u32,
}

/// What came of something that was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It was done, or read.
    Accepted,
    /// It may not be.
    Refused,
    /// It could not be done; nobody forbade it.
    Failed,
}

const fn once() -> u32 {
    1
}

#[allow(clippy::trivially_copy_pass_by_ref)] // serde asks for a reference.
const fn is_once(times: &u32) -> bool {
    *times == 1
}

impl Decider for Trail {
    const STREAM: &'static str = "audit_trail";
    type Command = TrailCommand;
    type Event = TrailEvent;
    type Rejection = Rejection;

    fn decide(&self, command: TrailCommand, _now: Timestamp) -> Result<Vec<TrailEvent>, Rejection> {
        let TrailCommand::Write(notes) = command;
        match self {
            Self::Absent => Ok(notes.into_iter().map(TrailEvent::Noted).collect()),
            Self::Written => Ok(vec![]),
        }
    }

    fn evolve(&mut self, event: &TrailEvent) {
        *self = match event {
            TrailEvent::Noted(_) => Self::Written,
        };
    }
}

impl Event for TrailEvent {
    fn name(&self) -> &'static str {
        match self {
            Self::Noted(_) => "AuditNoted",
        }
    }
}

#[cfg(test)]
mod tests;
