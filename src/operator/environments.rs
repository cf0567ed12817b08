//! Environments.

use std::collections::HashMap;

use ::projections::environments::{
    clusters,
    environments::{self, EnvironmentState, Filter, NOBODY},
};
use chrono::{DateTime, Utc};
use commands::Request;
use domain::{
    environments::environment::TeardownReason,
    kernel::{AccountId, ClusterId, EnvironmentId, SessionId},
};
use serde::{Deserialize, Serialize};

use super::{
    Answer, OperatorError, Parts,
    clusters::{done, named},
};

/// How many are listed at the most.
const LISTED: u64 = 500;

/// What becomes of an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum EnvironmentChange {
    /// A stuck one's teardown is tried again.
    Retry,
    /// A stuck one is taken for gone.
    Skip,
    /// It is torn down, whoever works there.
    Teardown,
}

/// An environment, and how it does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentEntry {
    pub id: String,
    pub state: EnvironmentState,
    pub session: String,
    /// None, while it is made ahead of the session.
    pub learner: Option<String>,
    /// `sandbox` or `kubernetes`; once placed.
    pub driver: Option<String>,
    /// The host, or the cluster's name; once placed.
    pub node: Option<String>,
    /// Why there; once placed.
    pub reason: Option<String>,
    /// The step that was tried last.
    pub step: Option<String>,
    /// What went wrong last, until it goes well.
    pub failure: Option<String>,
    /// Why it goes, once it does.
    pub teardown: Option<TeardownReason>,
    pub requested_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl EnvironmentEntry {
    fn new(row: environments::Model, names: &HashMap<String, String>) -> Self {
        Self {
            id: EnvironmentId(row.environment).to_string(),
            state: row.state.0,
            session: SessionId(row.session).to_string(),
            learner: (row.learner != NOBODY).then(|| AccountId(row.learner).to_string()),
            driver: row.driver,
            node: row.node.map(|node| names.get(&node).cloned().unwrap_or(node)),
            reason: row.reason,
            step: row.step,
            failure: row.failure,
            teardown: row.teardown.map(|teardown| teardown.0),
            requested_at: row.requested_at,
            expires_at: row.expires_at,
            ended_at: row.ended_at,
        }
    }
}

/// Latest first; without a state, those of which something may stand.
pub(super) async fn list(parts: &Parts, cluster: Option<&str>, state: Option<EnvironmentState>) -> Result<Answer, OperatorError> {
    let db = parts.projections.db();
    let node = match cluster {
        Some(name) => Some(named(parts, name).await?.to_string()),
        None => None,
    };
    let page = match (&node, state) {
        (_, Some(_)) => environments::filtered(db, &Filter { node, state }, None, LISTED).await,
        (Some(node), None) => environments::by_node(db, node, None, LISTED).await,
        (None, None) => environments::live(db, None, LISTED).await,
    };
    let page = page.map_err(OperatorError::failed)?;
    let names = names(parts, &page.rows).await?;
    Ok(Answer::Environments {
        environments: page.rows.into_iter().map(|row| EnvironmentEntry::new(row, &names)).collect(),
        more: page.more,
    })
}

pub(super) async fn show(parts: &Parts, id: &str) -> Result<Answer, OperatorError> {
    let row = environments::find(parts.projections.db(), read(id)?).await.map_err(OperatorError::failed)?;
    let row = row.ok_or_else(|| OperatorError::failed(format!("there is no environment {id}")))?;
    let names = names(parts, std::slice::from_ref(&row)).await?;
    Ok(Answer::Environment { environment: Box::new(EnvironmentEntry::new(row, &names)) })
}

pub(super) async fn change(parts: &Parts, id: &str, change: EnvironmentChange) -> Result<Answer, OperatorError> {
    let (id, request, environments) = (read(id)?, Request::system("environments_command"), &parts.commands.environments);
    let outcome = match change {
        EnvironmentChange::Retry => environments.retry_environment(&request, id).await,
        EnvironmentChange::Skip => environments.skip_environment(&request, id).await,
        EnvironmentChange::Teardown => environments.force_teardown(&request, id).await,
    };
    done(parts, outcome).await?;
    Ok(Answer::Done)
}

fn read(id: &str) -> Result<EnvironmentId, OperatorError> {
    id.parse().map_err(|error| OperatorError::failed(format!("{id:?}: {error}")))
}

/// What the clusters that environments are on are called, also those that are removed.
async fn names(parts: &Parts, rows: &[environments::Model]) -> Result<HashMap<String, String>, OperatorError> {
    let mut ids: Vec<ClusterId> = rows.iter().filter_map(|row| row.node.as_ref()?.parse().ok()).collect();
    ids.sort_unstable();
    ids.dedup();
    let found = clusters::find_many(parts.projections.db(), &ids).await.map_err(OperatorError::failed)?;
    Ok(found.into_iter().map(|row| (ClusterId(row.cluster).to_string(), row.name)).collect())
}
