//! Reactions.

use chrono::{DateTime, Utc};
use commands::reactions;
use journal::Parked;
use serde::{Deserialize, Serialize};

use super::{Answer, OperatorError, Parts};

/// How far a reaction is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ReactionState {
    pub name: String,
    /// The last event up to which it has taken all but what is set aside.
    pub position: i64,
    /// What it set aside, the longest first.
    pub parked: Vec<ParkedStream>,
}

/// A stream that a reaction set aside, because one of its events failed again and again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ParkedStream {
    /// As `kind/id`.
    pub stream: String,
    /// The first event of it that was not taken.
    pub position: i64,
    pub reason: String,
    pub attempts: u32,
    pub at: DateTime<Utc>,
}

impl From<Parked> for ParkedStream {
    fn from(parked: Parked) -> Self {
        let Parked { stream, position, reason, attempts, at } = parked;
        Self { stream: stream.to_string(), position: position.0, reason, attempts, at }
    }
}

pub(super) async fn list(parts: &Parts) -> Result<Answer, OperatorError> {
    let journal = &parts.stores.journal;
    let head = journal.head().await.map_err(OperatorError::failed)?;
    let mut states = Vec::new();
    for reaction in reactions::all() {
        let position = journal.checkpoint(reaction.name()).await.map_err(OperatorError::failed)?;
        let parked = journal.parked(reaction.name()).await.map_err(OperatorError::failed)?;
        let parked = parked.into_iter().map(ParkedStream::from).collect();
        states.push(ReactionState { name: reaction.name().to_owned(), position: position.0, parked });
    }
    Ok(Answer::Reactions { head: head.0, reactions: states })
}
