//! Environments by id, and by the session that works in them; clusters by id.

use std::collections::HashMap;

use async_graphql::dataloader::Loader;
use domain::kernel::{ClusterId, EnvironmentId, SessionId};
use projections::environments::{clusters, environments};

use crate::{
    failure::{Failure, Result},
    read_models::ReadModels,
};

/// Environments, whoever may see them.
pub(crate) struct EnvironmentLoader(pub(crate) ReadModels);

impl Loader<EnvironmentId> for EnvironmentLoader {
    type Value = environments::Model;
    type Error = Failure;

    async fn load(&self, ids: &[EnvironmentId]) -> Result<HashMap<EnvironmentId, environments::Model>> {
        let rows = environments::find_many(self.0.db(), ids).await?;
        Ok(rows.into_iter().map(|row| (EnvironmentId(row.environment), row)).collect())
    }
}

impl Loader<SessionId> for EnvironmentLoader {
    type Value = environments::Model;
    type Error = Failure;

    async fn load(&self, sessions: &[SessionId]) -> Result<HashMap<SessionId, environments::Model>> {
        Ok(environments::latest_of_sessions(self.0.db(), sessions).await?)
    }
}

/// Clusters, whoever may see them.
pub(crate) struct ClusterLoader(pub(crate) ReadModels);

impl Loader<ClusterId> for ClusterLoader {
    type Value = clusters::Model;
    type Error = Failure;

    async fn load(&self, ids: &[ClusterId]) -> Result<HashMap<ClusterId, clusters::Model>> {
        let rows = clusters::find_many(self.0.db(), ids).await?;
        Ok(rows.into_iter().map(|row| (ClusterId(row.cluster), row)).collect())
    }
}
