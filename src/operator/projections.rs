//! Read models.

use ::projections::ProjectionError;
use serde::{Deserialize, Serialize};

use super::{Answer, OperatorError, Parts};

/// How far a read model is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectionState {
    pub name: String,
    /// Of its fold.
    pub version: u32,
    /// `following`, `behind`, `rebuilding` or `parked`.
    pub state: String,
    /// The last event that it took.
    pub position: i64,
    /// Events that it has not taken.
    pub behind: u64,
    /// Events taken in a second while it caught up last; 0 if it never had to.
    pub per_second: u64,
    /// How many seconds it will take to catch up at that speed, if it catches up.
    pub remaining_seconds: Option<u64>,
    /// Why it does not go on, if it does not.
    pub parked: Option<String>,
}

pub(super) async fn status(parts: &Parts) -> Result<Answer, OperatorError> {
    let head = parts.stores.journal.head().await.map_err(OperatorError::failed)?;
    let states = parts.projections.status().into_iter().map(|model| ProjectionState {
        name: model.name.to_owned(),
        version: model.version,
        state: model.state.word().to_owned(),
        position: model.position.0,
        behind: model.behind,
        per_second: rounded(model.per_second),
        remaining_seconds: model.remaining.map(|remaining| rounded(remaining.as_secs_f64())),
        parked: model.parked,
    });
    Ok(Answer::Projections { head: head.0, models: states.collect() })
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Of what is neither negative nor large.
fn rounded(value: f64) -> u64 {
    value.max(0.0).round() as u64
}

pub(super) async fn resume(parts: &Parts, name: &str) -> Result<Answer, OperatorError> {
    match parts.projections.resume(name).await {
        Ok(parked) => Ok(Answer::Resumed { parked }),
        Err(ProjectionError::Unknown { name, names }) => {
            Err(OperatorError::unknown("read model", &name, names.into_iter().map(ToOwned::to_owned).collect()))
        }
        Err(error) => Err(OperatorError::failed(error)),
    }
}
