//! Connecting clusters, and saying what they are used for.

use async_graphql::{Context, Object, SimpleObject};
use commands::{
    Fault, Outcome, Request,
    environments::{ClusterReport as Report, Environments},
};
use domain::{environments::EnvironmentRejection, kernel::ClusterId};

use super::{
    Cluster,
    cluster::{ClusterCapacity, cluster},
    cluster_inputs::{
        ClusterCordonInput, ClusterDrainInput, ClusterRegisterInput, ClusterRemoveInput, ClusterReviseInput, ClusterRotateCredentialsInput,
        ClusterSetDefaultInput, ClusterTestInput, ClusterUncordonInput,
    },
    errors::EnvironmentError,
};
use crate::{
    context::Access,
    decided::{Decided, decided},
    failure::Result,
    input::{self, number},
};

macro_rules! payload {
    ($($name:ident),+) => {$(
        #[derive(SimpleObject)]
        pub(crate) struct $name {
            cluster: Option<Cluster>,
            errors: Vec<EnvironmentError>,
            stale: bool,
        }

        impl From<Changed> for $name {
            fn from((cluster, errors, stale): Changed) -> Self {
                Self { cluster, errors, stale }
            }
        }
    )+};
}

type Changed = (Option<Cluster>, Vec<EnvironmentError>, bool);

payload!(
    ClusterRegisterPayload,
    ClusterRevisePayload,
    ClusterRotateCredentialsPayload,
    ClusterSetDefaultPayload,
    ClusterCordonPayload,
    ClusterUncordonPayload,
    ClusterDrainPayload,
    ClusterRemovePayload
);

#[derive(SimpleObject)]
pub(crate) struct ClusterTestPayload {
    report: Option<ClusterReport>,
    errors: Vec<EnvironmentError>,
    stale: bool,
}

/// What a test found.
#[derive(SimpleObject)]
pub(crate) struct ClusterReport {
    /// Whether environments can be made there.
    is_usable: bool,
    reachable: bool,
    /// Of the API server; null if it could not be asked.
    version: Option<String>,
    /// Permissions that environments need and the credentials do not give, such as `create pods/exec`.
    missing_permissions: Vec<String>,
    capacity: ClusterCapacity,
    /// Whether it says what is used.
    has_metrics: bool,
    /// What administrators should know, though it keeps nothing from working.
    warnings: Vec<String>,
    failures: Vec<ClusterTestFailure>,
}

/// One thing that does not work.
#[derive(SimpleObject)]
pub(crate) struct ClusterTestFailure {
    /// What was tried, such as `certificate`.
    point: String,
    problem: String,
}

#[derive(Default)]
pub(crate) struct ClusterMutations;

#[Object]
impl ClusterMutations {
    /// Register a cluster, for administrators. It is tried first, and registered only if environments can be made there.
    async fn cluster_register(&self, ctx: &Context<'_>, input: ClusterRegisterInput) -> Result<ClusterRegisterPayload> {
        let (profile, access) = (input.profile.read()?, input.access.read()?);
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = environments(ctx).register_cluster(&request, profile, &access).await?;
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        let cluster = match value {
            Some(id) => cluster(ctx, id).await?,
            None => None,
        };
        Ok(ClusterRegisterPayload { cluster, errors, stale })
    }

    /// Say anew what a cluster is called, its labels, its weight and its limit, for administrators.
    async fn cluster_revise(&self, ctx: &Context<'_>, input: ClusterReviseInput) -> Result<ClusterRevisePayload> {
        let (id, profile) = (input::id("clusterId", &input.cluster_id)?, input.profile.read()?);
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = environments(ctx).revise_cluster(&request, id, profile).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Give a cluster new credentials, for administrators. They are tried first; the old ones are destroyed when the new ones are
    /// in their place.
    async fn cluster_rotate_credentials(
        &self,
        ctx: &Context<'_>,
        input: ClusterRotateCredentialsInput,
    ) -> Result<ClusterRotateCredentialsPayload> {
        let (id, access) = (input::id("clusterId", &input.cluster_id)?, input.access.read()?);
        let request = ctx.caller().request(input.idempotency_key);
        let outcome = environments(ctx).rotate_cluster_credentials(&request, id, &access).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Try a cluster, or what one could be connected with, for administrators. Everything that does not work is in the report.
    async fn cluster_test(&self, ctx: &Context<'_>, input: ClusterTestInput) -> Result<ClusterTestPayload> {
        let request = ctx.caller().request(None);
        let outcome = match input {
            ClusterTestInput::ClusterId(id) => environments(ctx).test_cluster(&request, input::id("clusterId", &id)?).await?,
            ClusterTestInput::Access(access) => environments(ctx).test_cluster_access(&request, &access.read()?).await?,
        };
        let Decided { value, errors, stale } = decided(ctx, outcome).await;
        Ok(ClusterTestPayload { report: value.map(Into::into), errors, stale })
    }

    /// Make a cluster the one that is taken where several fit equally well, for administrators.
    async fn cluster_set_default(&self, ctx: &Context<'_>, input: ClusterSetDefaultInput) -> Result<ClusterSetDefaultPayload> {
        let (id, request) = which(ctx, &input.cluster_id, input.idempotency_key)?;
        let outcome = environments(ctx).set_default_cluster(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Let no new environments onto a cluster, for administrators.
    async fn cluster_cordon(&self, ctx: &Context<'_>, input: ClusterCordonInput) -> Result<ClusterCordonPayload> {
        let (id, request) = which(ctx, &input.cluster_id, input.idempotency_key)?;
        let outcome = environments(ctx).cordon_cluster(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Let environments onto a cluster again, for administrators.
    async fn cluster_uncordon(&self, ctx: &Context<'_>, input: ClusterUncordonInput) -> Result<ClusterUncordonPayload> {
        let (id, request) = which(ctx, &input.cluster_id, input.idempotency_key)?;
        let outcome = environments(ctx).uncordon_cluster(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Let no new environments onto a cluster, so that it is empty once those that live there have finished, for administrators.
    async fn cluster_drain(&self, ctx: &Context<'_>, input: ClusterDrainInput) -> Result<ClusterDrainPayload> {
        let (id, request) = which(ctx, &input.cluster_id, input.idempotency_key)?;
        let outcome = environments(ctx).drain_cluster(&request, id).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }

    /// Remove a cluster and destroy its credentials, for administrators. Where environments live, that is refused, unless it is
    /// forced: then they are torn down first, and the cluster goes when they are gone.
    async fn cluster_remove(&self, ctx: &Context<'_>, input: ClusterRemoveInput) -> Result<ClusterRemovePayload> {
        let (id, request) = which(ctx, &input.cluster_id, input.idempotency_key)?;
        let outcome = environments(ctx).remove_cluster(&request, id, input.force).await;
        Ok(changed(ctx, id, outcome).await?.into())
    }
}

fn environments<'c>(ctx: &'c Context<'_>) -> &'c Environments {
    &ctx.services().commands.environments
}

fn which(ctx: &Context<'_>, id: &async_graphql::ID, key: Option<String>) -> Result<(ClusterId, Request)> {
    Ok((input::id("clusterId", id)?, ctx.caller().request(key)))
}

async fn changed(ctx: &Context<'_>, id: ClusterId, outcome: Result<Outcome<(), EnvironmentRejection>, Fault>) -> Result<Changed> {
    let Decided { value, errors, stale } = decided(ctx, outcome?).await;
    let cluster = if value.is_some() { cluster(ctx, id).await? } else { None };
    Ok((cluster, errors, stale))
}

impl From<Report> for ClusterReport {
    fn from(report: Report) -> Self {
        let capacity = report.capacity;
        Self {
            is_usable: report.is_usable(),
            reachable: report.reachable,
            version: report.version,
            missing_permissions: report.missing,
            capacity: ClusterCapacity {
                nodes: number(capacity.nodes),
                cpu_millicores: number(capacity.cpu.0),
                memory_mebibytes: number(capacity.memory.0),
                storage_mebibytes: number(capacity.storage.0),
                pods: number(capacity.pods),
            },
            has_metrics: report.has_metrics,
            warnings: report.warnings,
            failures: report.failures.into_iter().map(|it| ClusterTestFailure { point: it.point, problem: it.problem }).collect(),
        }
    }
}
