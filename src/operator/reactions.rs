//! Reactions.

use chrono::{DateTime, Utc};
use commands::reactions::{
    self,
    operator::{self, Aside},
};
use journal::{Journal, Parked, StreamId};
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
    /// Whether it is still tried by itself.
    pub retrying: bool,
}

impl From<Aside> for ParkedStream {
    fn from(Aside { reaction: _, parked, retrying }: Aside) -> Self {
        let Parked { stream, position, reason, attempts, at } = parked;
        Self { stream: stream.to_string(), position: position.0, reason, attempts, at, retrying }
    }
}

pub(super) async fn list(parts: &Parts) -> Result<Answer, OperatorError> {
    let journal = &parts.stores.journal;
    let head = journal.head().await.map_err(OperatorError::failed)?;
    let mut states = Vec::new();
    for reaction in reactions::all() {
        let position = journal.checkpoint(reaction.name()).await.map_err(OperatorError::failed)?;
        states.push(ReactionState { name: reaction.name().to_owned(), position: position.0, parked: Vec::new() });
    }
    for aside in operator::list(journal.as_ref()).await.map_err(OperatorError::failed)? {
        if let Some(state) = states.iter_mut().find(|state| state.name == aside.reaction) {
            state.parked.push(aside.into());
        }
    }
    Ok(Answer::Reactions { head: head.0, reactions: states })
}

pub(super) async fn retry(parts: &Parts, reaction: &str, stream: &str) -> Result<Answer, OperatorError> {
    let (journal, stream) = aside(parts, reaction, stream).await?;
    operator::retry(journal, reaction, &stream).await.map_err(OperatorError::failed)?;
    Ok(Answer::Done)
}

pub(super) async fn skip(parts: &Parts, reaction: &str, stream: &str) -> Result<Answer, OperatorError> {
    let (journal, stream) = aside(parts, reaction, stream).await?;
    operator::skip(journal, reaction, &stream).await.map_err(OperatorError::failed)?;
    Ok(Answer::Done)
}

/// A stream by its name, if the reaction has set it aside.
async fn aside<'a>(parts: &'a Parts, reaction: &str, stream: &str) -> Result<(&'a dyn Journal, StreamId), OperatorError> {
    let known: Vec<String> = reactions::all().iter().map(|reaction| reaction.name().to_owned()).collect();
    if !known.iter().any(|name| name == reaction) {
        return Err(OperatorError::unknown("reaction", reaction, known));
    }
    let journal = parts.stores.journal.as_ref();
    let parked = journal.parked(reaction).await.map_err(OperatorError::failed)?;
    if let Some(found) = parked.iter().find(|parked| parked.stream.to_string() == stream) {
        return Ok((journal, found.stream.clone()));
    }
    Err(OperatorError::unknown("stream set aside", stream, parked.iter().map(|parked| parked.stream.to_string()).collect()))
}
