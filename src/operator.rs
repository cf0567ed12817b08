//! What operators do from the command line. It is the same whether a running server is asked over its control socket or
//! the command line has opened the stores itself.

mod clusters;
mod environments;
mod master_key;
mod projections;
mod reactions;
mod signing;

use std::{path::PathBuf, sync::Arc};

use ::projections::{Projections, environments::environments::EnvironmentState};
use commands::Commands;
use serde::{Deserialize, Serialize};

pub use self::{
    clusters::{Access, ClusterChange, ClusterState, ClusterTest, Hidden, NewCluster},
    environments::{EnvironmentChange, EnvironmentEntry},
    projections::ProjectionState,
    reactions::{ParkedStream, ReactionState},
};
use crate::node::Stores;

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Operation {
    /// How far each read model is.
    ProjectionsStatus,
    /// Lets a parked read model try again.
    ProjectionResume { name: String },
    /// How far each reaction is, and what it set aside.
    ReactionsList,
    /// Has a stream that a reaction set aside, as `kind/id`, tried again.
    ReactionRetry { reaction: String, stream: String },
    /// Passes over the event of it that failed.
    ReactionSkip { reaction: String, stream: String },
    /// The clusters, and how they do.
    ClustersList,
    /// Registers a cluster that passes its test.
    ClusterAdd(NewCluster),
    /// Tests a cluster.
    ClusterTest { name: String },
    /// Says what a cluster is used for.
    ClusterChange { name: String, change: ClusterChange },
    /// Gives a cluster new credentials, once they are found to do.
    ClusterRotate { name: String, access: Access },
    /// Makes a new key to sign access tokens with, which takes over after so long; at once, if that is left out.
    SigningKeyRotate { after_seconds: Option<u32> },
    /// Wraps all keys anew under the master key in this file, which must be the one of this name.
    MasterKeyRotate { file: PathBuf, id: String },
    /// Environments, on one cluster or in one state only, if that is given.
    EnvironmentsList { cluster: Option<String>, state: Option<EnvironmentState> },
    /// All that is known of one.
    EnvironmentShow { id: String },
    /// Helps an environment on, gives it up or ends it.
    EnvironmentChange { id: String, change: EnvironmentChange },
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum Answer {
    /// The read models, and the position of the journal's last event.
    Projections { head: i64, models: Vec<ProjectionState> },
    /// The reactions, and the same.
    Reactions { head: i64, reactions: Vec<ReactionState> },
    /// By name.
    Clusters { clusters: Vec<ClusterState> },
    /// What a test found.
    ClusterTested { test: ClusterTest },
    /// Latest first; whether there are more than are listed.
    Environments { environments: Vec<EnvironmentEntry>, more: bool },
    /// One of them.
    Environment { environment: Box<EnvironmentEntry> },
    /// What a new key is called.
    SigningKey { id: String },
    /// What the master key is called now, how many keys were wrapped anew, and whether nothing is left of how they were wrapped before.
    MasterKey { id: String, keys: u64, is_clean: bool },
    /// Whether the read model was parked at all.
    Resumed { parked: bool },
    /// What was asked for was done, and there is nothing to say of it.
    Done,
}

/// Why an operation came to nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OperatorError {
    #[error("there is no {what} {name}; there {}", list(known))]
    Unknown { what: String, name: String, known: Vec<String> },
    #[error("{0}")]
    Failed(String),
}

fn list(known: &[String]) -> String {
    if known.is_empty() { "is none".to_owned() } else { format!("are: {}", known.join(", ")) }
}

impl OperatorError {
    fn unknown(what: &str, name: &str, known: Vec<String>) -> Self {
        Self::Unknown { what: what.to_owned(), name: name.to_owned(), known }
    }

    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What operations work on.
#[derive(Clone)]
pub struct Parts {
    pub stores: Stores,
    pub projections: Arc<Projections>,
    pub commands: Arc<Commands>,
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
        Operation::ProjectionsStatus => projections::status(parts).await,
        Operation::ProjectionResume { name } => projections::resume(parts, &name).await,
        Operation::ReactionsList => reactions::list(parts).await,
        Operation::ReactionRetry { reaction, stream } => reactions::retry(parts, &reaction, &stream).await,
        Operation::ClustersList => clusters::list(parts).await,
        Operation::ClusterAdd(new) => clusters::add(parts, new).await,
        Operation::ClusterTest { name } => clusters::test(parts, &name).await,
        Operation::ClusterChange { name, change } => clusters::change(parts, &name, change).await,
        Operation::ClusterRotate { name, access } => clusters::rotate(parts, &name, access).await,
        Operation::SigningKeyRotate { after_seconds } => signing::rotate(parts, after_seconds).await,
        Operation::MasterKeyRotate { file, id } => master_key::rotate(parts, &file, &id).await,
        Operation::EnvironmentsList { cluster, state } => environments::list(parts, cluster.as_deref(), state).await,
        Operation::EnvironmentShow { id } => environments::show(parts, &id).await,
        Operation::EnvironmentChange { id, change } => environments::change(parts, &id, change).await,
        Operation::ReactionSkip { reaction, stream } => reactions::skip(parts, &reaction, &stream).await,
    }
}
