//! Read models.

use serde::{Deserialize, Serialize};

use super::{Answer, OperatorError, Parts};

/// How far a read model is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectionState {
    pub name: String,
    /// Of its fold.
    pub version: u32,
    /// The last event that it took.
    pub position: i64,
    /// Why it does not go on, if it does not.
    pub parked: Option<String>,
}

pub(super) async fn status(parts: &Parts) -> Result<Answer, OperatorError> {
    let head = parts.stores.journal.head().await.map_err(OperatorError::failed)?;
    let states = parts.projections.status().into_iter().map(|model| ProjectionState {
        name: model.name.to_owned(),
        version: model.version,
        position: model.position.0,
        parked: model.parked,
    });
    Ok(Answer::Projections { head: head.0, models: states.collect() })
}
