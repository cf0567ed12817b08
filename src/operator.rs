//! What operators do from the command line. It is the same whether a running server is asked over its control socket or
//! the command line has opened the stores itself.

use std::sync::Arc;

use projections::Projections;
use serde::{Deserialize, Serialize};

use crate::node::Stores;

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Operation {
    /// How far each read model is.
    ProjectionsStatus,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Answer {
    /// The read models, and the position of the journal's last event.
    Projections { head: i64, models: Vec<ProjectionState> },
}

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

/// Why an operation came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OperatorError {
    #[error("there is no {what} {name}; there are: {}", known.join(", "))]
    Unknown { what: String, name: String, known: Vec<String> },
    #[error("{0}")]
    Failed(String),
}

impl OperatorError {
    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What operations work on.
#[derive(Clone)]
pub struct Parts {
    pub stores: Stores,
    pub projections: Arc<Projections>,
}

impl Parts {
    /// Releases what was opened for one operation.
    pub async fn close(self) {
        self.projections.close().await;
        self.stores.close().await;
    }
}

/// Does what is asked for.
///
/// # Errors
/// A name that nothing has, with those that there are; or what the stores say.
pub async fn perform(operation: Operation, parts: &Parts) -> Result<Answer, OperatorError> {
    match operation {
        Operation::ProjectionsStatus => projections_status(parts).await,
    }
}

async fn projections_status(parts: &Parts) -> Result<Answer, OperatorError> {
    let head = parts.stores.journal.head().await.map_err(OperatorError::failed)?;
    let states = parts.projections.status().into_iter().map(|model| ProjectionState {
        name: model.name.to_owned(),
        version: model.version,
        position: model.position.0,
        parked: model.parked,
    });
    Ok(Answer::Projections { head: head.0, models: states.collect() })
}
