//! What learners see of their own part of a cluster.

use commands::{
    Fault,
    environments::{EnvironmentResource, LogParts, PodLog, ResourceChanges, ResourceKind, Resources, ResourcesError},
};
use domain::{
    environments::{EnvironmentRejection as Rejection, environment::Environment},
    kernel::{Digest, EnvironmentId},
    workshops::{cluster_needs::Isolation, content::Content},
};

use super::Workbench;

#[async_trait::async_trait]
impl Resources for Workbench {
    async fn list(&self, environment: EnvironmentId, kind: ResourceKind) -> Result<Vec<EnvironmentResource>, ResourcesError> {
        self.furnished(environment).await?.list(environment, kind).await
    }

    async fn follow(&self, environment: EnvironmentId, kind: ResourceKind) -> Result<ResourceChanges, ResourcesError> {
        self.furnished(environment).await?.follow(environment, kind).await
    }

    async fn log(&self, environment: EnvironmentId, log: &PodLog) -> Result<String, ResourcesError> {
        self.furnished(environment).await?.log(environment, log).await
    }

    async fn follow_log(&self, environment: EnvironmentId, log: &PodLog) -> Result<LogParts, ResourcesError> {
        self.furnished(environment).await?.follow_log(environment, log).await
    }
}

impl Workbench {
    /// What shows an environment that is ready and on a cluster.
    async fn furnished(&self, environment: EnvironmentId) -> Result<Box<dyn Resources>, ResourcesError> {
        let state = self.store.load::<Environment>(environment.into()).await.map_err(|fault| failed(&fault))?.aggregate.0;
        let made = match &state {
            Environment::Ready(made) => made,
            Environment::Absent => return Err(Rejection::NotFound.into()),
            other => return Err(Rejection::WrongState { state: other.state().into() }.into()),
        };
        let placement = made.placement.as_ref().filter(|placement| placement.cluster().is_some()).ok_or(Rejection::NotOnCluster)?;
        let isolation = self.isolation(&made.request.content).await?;
        let driver = self.sites.driver(placement).await.map_err(|error| ResourcesError::Failed(error.to_string()))?;
        Ok(driver.resources(isolation).ok_or(Rejection::NotOnCluster)?)
    }

    async fn isolation(&self, content: &Digest) -> Result<Isolation, ResourcesError> {
        let bytes = self.store.0.content(content.as_str()).await.map_err(|error| failed(&error.into()))?;
        let bytes = bytes.ok_or_else(|| failed(&Fault::ContentMissing(content.to_string())))?;
        let content: Content = serde_json::from_slice(&bytes).map_err(|error| failed(&error.into()))?;
        let needs = content.environment.and_then(|needs| needs.kubernetes).ok_or(Rejection::NotOnCluster)?;
        Ok(needs.isolation)
    }
}

fn failed(fault: &Fault) -> ResourcesError {
    ResourcesError::Failed(fault.to_string())
}
