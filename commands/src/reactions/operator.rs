//! What an operator can do about streams that a reaction has set aside. Works on the journal alone, from any process; the node
//! that does the reaction's work sees to it within a second.

use journal::{Advance, Journal, JournalError, ParkChange, Parked, Position, StreamId};

/// How often an event is tried, over about half a minute, before its stream waits for an operator or a new start.
pub const TRIES: u32 = 8;

/// A stream that a reaction has set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// The reaction's name.
    pub reaction: &'static str,
    /// The stream, the event that failed, why, how often it was tried and since when.
    pub parked: Parked,
    /// Whether it is still tried by itself.
    pub retrying: bool,
}

/// Why an operator's wish was not taken.
#[derive(Debug, thiserror::Error)]
pub enum OperatorError {
    /// There is no such rule.
    #[error("there is no reaction {0:?}")]
    NoReaction(String),
    /// Nothing is set aside.
    #[error("{reaction} has not set {stream} aside")]
    NotParked {
        /// The reaction's name.
        reaction: String,
        /// The stream, as `kind/id`.
        stream: StreamId,
    },
    /// The event may yet succeed.
    #[error("{reaction} still tries the event of {stream} by itself; skip it once that has been given up")]
    Retrying {
        /// The reaction's name.
        reaction: String,
        /// The stream, as `kind/id`.
        stream: StreamId,
    },
    /// The journal could not do it.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// What all reactions have set aside, the longest first within each.
///
/// # Errors
/// The journal could not be read.
pub async fn list(journal: &dyn Journal) -> Result<Vec<Aside>, OperatorError> {
    let mut all = Vec::new();
    for reaction in super::all() {
        let reaction = reaction.name();
        let parked = journal.parked(reaction).await?;
        all.extend(parked.into_iter().map(|parked| Aside { reaction, retrying: parked.attempts < TRIES, parked }));
    }
    Ok(all)
}

/// Has a stream tried again, from the event that failed on.
///
/// # Errors
/// The reaction has not set it aside, or a fault.
pub async fn retry(journal: &dyn Journal, reaction: &str, stream: &StreamId) -> Result<(), OperatorError> {
    let parked = parked(journal, reaction, stream).await?;
    put(journal, reaction, Parked { attempts: 0, ..parked }).await
}

/// Passes over the one event that failed; the stream's later ones are taken.
///
/// # Errors
/// The reaction has not set it aside or still tries, or a fault.
pub async fn skip(journal: &dyn Journal, reaction: &str, stream: &StreamId) -> Result<(), OperatorError> {
    let parked = parked(journal, reaction, stream).await?;
    if parked.attempts < TRIES {
        return Err(OperatorError::Retrying { reaction: reaction.to_owned(), stream: stream.clone() });
    }
    let position = Position(parked.position.0 + 1);
    put(journal, reaction, Parked { position, attempts: 0, ..parked }).await
}

async fn parked(journal: &dyn Journal, reaction: &str, stream: &StreamId) -> Result<Parked, OperatorError> {
    let parked = journal.parked(reaction).await?.into_iter().find(|parked| parked.stream == *stream);
    match parked {
        Some(parked) => Ok(parked),
        None if super::all().iter().all(|known| known.name() != reaction) => Err(OperatorError::NoReaction(reaction.to_owned())),
        None => Err(OperatorError::NotParked { reaction: reaction.to_owned(), stream: stream.clone() }),
    }
}

/// Whoever does the work takes up streams without attempts at once.
async fn put(journal: &dyn Journal, reaction: &str, parked: Parked) -> Result<(), OperatorError> {
    let change = ParkChange::Park(parked);
    Ok(journal.advance(Advance { subscriber: reaction.to_owned(), parked: vec![change], ..Advance::default() }).await?)
}
