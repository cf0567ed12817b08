//! What administrators do with clusters, and what is found of them.

use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        cluster::{Assessment, Capacity, Cluster, ClusterCommand, Labels, Profile, Streak, Thresholds},
        roster::{Roster, RosterCommand},
    },
    kernel::ClusterId,
};
use serde_json::json;

use super::Environments;
use crate::{
    Fault, Outcome, Request,
    authorization::{Act, acts},
    dispatch::{Operation, Transaction},
};

/// What an administrator says of a cluster, not checked yet.
#[derive(Clone, Debug)]
pub struct ClusterProfile {
    pub name: String,
    pub labels: Labels,
    /// [`Profile::DEFAULT_WEIGHT`], if nothing is said.
    pub weight: Option<u32>,
    /// How many environments may have a place at once; none: as many as fit.
    pub limit: Option<u32>,
}

impl ClusterProfile {
    pub(super) fn checked(self) -> Result<Profile, Rejection> {
        Profile::try_new(&self.name, self.labels, self.weight.unwrap_or(Profile::DEFAULT_WEIGHT), self.limit)
    }
}

type Decision = Result<Outcome<(), Rejection>, Fault>;

impl Environments {
    /// Says anew what a cluster is called, its labels, its weight and its limit.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn revise_cluster(&self, request: &Request, cluster: ClusterId, profile: ClusterProfile) -> Decision {
        let profile = match profile.checked() {
            Ok(profile) => profile,
            Err(rejection) => return Ok(Outcome::Rejected(rejection)),
        };
        let operation = Operation::new(acts::CLUSTER_REVISE, json!({ "cluster": cluster, "profile": profile }));
        let profile = &profile;
        let work = |transaction: Transaction| async move {
            let rename = RosterCommand::Rename { cluster, name: profile.name.clone() };
            transaction.decide::<Roster>(Roster::ID, rename).await?;
            transaction.decide::<Cluster>(cluster.into(), ClusterCommand::Revise { profile: profile.clone() }).await.map(drop)
        };
        self.dispatcher.execute(request, operation, work).await
    }

    /// Makes a cluster the one that is taken where several fit equally well.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn set_default_cluster(&self, request: &Request, cluster: ClusterId) -> Decision {
        let operation = Operation::new(acts::CLUSTER_SET_DEFAULT, json!({ "cluster": cluster }));
        self.dispatcher.command::<Roster>(request, operation, Roster::ID, || RosterCommand::SetDefault { cluster }).await
    }

    /// Lets no new environments onto a cluster.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn cordon_cluster(&self, request: &Request, cluster: ClusterId) -> Decision {
        self.manage(request, acts::CLUSTER_CORDON, cluster, || ClusterCommand::Cordon).await
    }

    /// Lets environments onto a cluster again.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn uncordon_cluster(&self, request: &Request, cluster: ClusterId) -> Decision {
        self.manage(request, acts::CLUSTER_UNCORDON, cluster, || ClusterCommand::Uncordon).await
    }

    /// Lets no new environments onto a cluster, so that it is empty once those that live there have finished.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn drain_cluster(&self, request: &Request, cluster: ClusterId) -> Decision {
        self.manage(request, acts::CLUSTER_DRAIN, cluster, || ClusterCommand::Drain).await
    }

    /// Removes a cluster and destroys its credentials. Where environments live, that is refused; with `force` they are torn down,
    /// and the removal is finished when they are gone.
    ///
    /// # Errors
    /// A fault, such as a missing permission.
    pub async fn remove_cluster(&self, request: &Request, cluster: ClusterId, force: bool) -> Decision {
        let operation = Operation::new(acts::CLUSTER_REMOVE, json!({ "cluster": cluster, "force": force }));
        let remove = || ClusterCommand::Remove { force };
        let outcome = self.dispatcher.command::<Cluster>(request, operation, cluster.into(), remove).await?;
        if matches!(outcome, Outcome::Accepted(_)) {
            let finished = self.finish_cluster_removal(request, cluster).await?;
            return Ok(if matches!(finished, Outcome::Accepted(_)) { finished } else { outcome });
        }
        Ok(outcome)
    }

    /// Ends a removal that has begun, if no environment is left there.
    ///
    /// # Errors
    /// A fault. If the credentials could not be destroyed at once, the reaction to the event does.
    pub async fn finish_cluster_removal(&self, request: &Request, cluster: ClusterId) -> Decision {
        let operation = Operation::new(acts::CLUSTER_FINISH_REMOVAL, json!({ "cluster": cluster }));
        let work = |transaction: Transaction| async move {
            transaction.decide::<Cluster>(cluster.into(), ClusterCommand::FinishRemoval).await?;
            transaction.decide::<Roster>(Roster::ID, RosterCommand::Dismiss { cluster }).await.map(drop)
        };
        let outcome = self.dispatcher.execute(request, operation, work).await?;
        if matches!(outcome, Outcome::Accepted(_))
            && let Err(fault) = self.discard_cluster_credentials(cluster).await
        {
            tracing::error!(%cluster, %fault, "a cluster is removed, but its credentials are not destroyed yet; a reaction tries again");
        }
        Ok(outcome)
    }

    /// Destroys everything that a cluster was ever connected with. Doing it twice is no change.
    ///
    /// # Errors
    /// The vault could not do it.
    pub async fn discard_cluster_credentials(&self, cluster: ClusterId) -> Result<(), Fault> {
        Ok(self.dispatcher.vault().credentials_discard_all(cluster.into()).await?)
    }

    /// Records how a cluster does, if that has changed and been seen often enough.
    ///
    /// # Errors
    /// A fault.
    pub async fn observe_cluster(&self, request: &Request, cluster: ClusterId, streak: &Streak) -> Decision {
        let operation = Operation::new(acts::CLUSTER_OBSERVE, json!({ "cluster": cluster }));
        self.dispatcher.command::<Cluster>(request, operation, cluster.into(), || ClusterCommand::Observe(streak.clone())).await
    }

    /// Records what was found of a cluster, if it is new.
    ///
    /// # Errors
    /// A fault.
    pub async fn assess_cluster(&self, request: &Request, cluster: ClusterId, assessment: &Assessment) -> Decision {
        let operation = Operation::new(acts::CLUSTER_ASSESS, json!({ "cluster": cluster, "assessment": assessment }));
        let assess = || ClusterCommand::Assess { assessment: assessment.clone() };
        self.dispatcher.command::<Cluster>(request, operation, cluster.into(), assess).await
    }

    /// Records what a cluster is short of, if that has changed.
    ///
    /// # Errors
    /// A fault.
    pub async fn measure_cluster(
        &self,
        request: &Request,
        cluster: ClusterId,
        (capacity, requested): (Capacity, Capacity),
        thresholds: Thresholds,
    ) -> Decision {
        let operation = Operation::new(acts::CLUSTER_MEASURE, json!({ "cluster": cluster }));
        let measure = || ClusterCommand::Measure { capacity, requested, thresholds };
        self.dispatcher.command::<Cluster>(request, operation, cluster.into(), measure).await
    }

    async fn manage(
        &self,
        request: &Request,
        act: Act,
        cluster: ClusterId,
        command: impl Fn() -> ClusterCommand + Send + Sync,
    ) -> Decision {
        let operation = Operation::new(act, json!({ "cluster": cluster }));
        self.dispatcher.command::<Cluster>(request, operation, cluster.into(), command).await
    }
}
