//! Where read models stand, for operators.

use std::time::Duration;

use journal::Position;

use super::{PAGE, Projections};
use crate::{
    ProjectionError,
    checkpoints::{self, Checkpoint},
    registry,
};

/// Where a read model stands.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadModelStatus {
    /// Its name.
    pub name: &'static str,
    /// The version of its fold.
    pub version: u32,
    /// How it does.
    pub state: ReadModelState,
    /// The last event it took.
    pub position: Position,
    /// The last event there is.
    pub head: Position,
    /// Events that it has not taken.
    pub behind: u64,
    /// Events taken in a second while it caught up last; 0 if it never had to.
    pub per_second: f64,
    /// How long it will take to catch up at that speed; none if it goes at no speed, or is there.
    pub remaining: Option<Duration>,
    /// Why it does not go on, if it does not.
    pub parked: Option<String>,
}

/// How a read model does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadModelState {
    /// It takes events as they come.
    Following,
    /// It was level once and is more than a page behind.
    Behind,
    /// It is being built from the beginning.
    Rebuilding,
    /// It met an event that it cannot take.
    Parked,
}

impl ReadModelState {
    /// In one word, in lower case.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Following => "following",
            Self::Behind => "behind",
            Self::Rebuilding => "rebuilding",
            Self::Parked => "parked",
        }
    }
}

impl ReadModelStatus {
    pub(crate) fn of(name: &'static str, version: u32, checkpoint: &Checkpoint, head: Position) -> Self {
        let behind = u64::try_from(head.0 - checkpoint.position.0).unwrap_or(0);
        let state = match checkpoint {
            Checkpoint { parked: Some(_), .. } => ReadModelState::Parked,
            _ if behind == 0 => ReadModelState::Following,
            Checkpoint { complete: false, .. } => ReadModelState::Rebuilding,
            _ if behind > PAGE.into() => ReadModelState::Behind,
            _ => ReadModelState::Following,
        };
        let goes_on = state != ReadModelState::Parked && behind > 0 && checkpoint.per_second > 0.0;
        #[allow(clippy::cast_precision_loss)] // An estimate.
        let seconds = behind as f64 / checkpoint.per_second;
        Self {
            name,
            version,
            state,
            position: checkpoint.position,
            head: head.max(checkpoint.position),
            behind,
            per_second: checkpoint.per_second,
            remaining: if goes_on { Duration::try_from_secs_f64(seconds).ok() } else { None },
            parked: checkpoint.parked.clone(),
        }
    }
}

impl Projections {
    /// Where each read model stands.
    #[must_use]
    pub fn status(&self) -> Vec<ReadModelStatus> {
        let head = self.head();
        let checkpoints = self.checkpoints();
        let status = self.models.iter().zip(checkpoints.iter());
        status.map(|(model, checkpoint)| ReadModelStatus::of(model.name(), model.version(), checkpoint, head)).collect()
    }

    /// Lets a parked read model try again, on whichever node folds; whether it was parked. Within a second it goes on, or is
    /// parked again.
    ///
    /// # Errors
    /// There is no read model of this name, or the database does not answer.
    pub async fn resume(&self, name: &str) -> Result<bool, ProjectionError> {
        if self.models.iter().all(|model| model.name() != name) {
            return Err(ProjectionError::Unknown { name: name.to_owned(), names: registry::names() });
        }
        Ok(checkpoints::resume(&self.store.writer, name).await?)
    }
}
