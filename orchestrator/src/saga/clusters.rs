//! Environments on clusters: who works on them, and how they get their places.
//!
//! A cluster is reached from every node, so one of them works on all environments of a cluster: the one that holds its lease.
//! When that one dies, another takes the lease and goes on from what the journal says.

use std::{
    collections::BTreeSet,
    sync::PoisonError,
    time::{Duration, Instant},
};

use commands::Outcome;
use domain::{
    environments::{
        EnvironmentRejection as Rejection,
        environment::{EnvironmentCommand as Do, Made, Placement, TeardownReason},
    },
    kernel::{ClusterId, EnvironmentId},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use journal::Position;
use projections::environments::{clusters, environments};

use super::{
    Fault, Next, Saga,
    nodes::{BEAT, LIFE},
    outside, request,
};
use crate::{
    placement::{Candidate, Choice, Need, rank, take},
    sites::candidates,
};

/// How long a lease counts before it must have been renewed: less than it lasts, so that two never take it for theirs.
const HELD: Duration = Duration::from_secs(LIFE.as_secs() - BEAT.as_secs() / 2);

/// How many are given their places at once: those of one cluster wait for each other, and the less the fewer they are.
const PLACED_AT_ONCE: usize = 64;

/// What this node knows of a cluster's lease.
pub(super) struct Lease {
    is_ours: bool,
    /// When it must be asked for again.
    until: Instant,
}

impl Saga {
    /// Whether this node works on a cluster's environments.
    pub(super) async fn holds(&self, cluster: ClusterId) -> Result<bool, Fault> {
        {
            let leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(lease) = leases.get(&cluster).filter(|lease| Instant::now() < lease.until) {
                return Ok(lease.is_ours);
            }
        }
        self.ask_for(cluster).await
    }

    async fn ask_for(&self, cluster: ClusterId) -> Result<bool, Fault> {
        let asked = Instant::now();
        let is_ours = self.journal.lease(&format!("cluster/{cluster}"), &self.sites.node, LIFE).await?.is_some();
        let lease = Lease { is_ours, until: asked + if is_ours { HELD } else { BEAT } };
        self.leases.lock().unwrap_or_else(PoisonError::into_inner).insert(cluster, lease);
        Ok(is_ours)
    }

    /// Keeps the leases that this node holds.
    pub(super) async fn renew(&self) {
        let ours: Vec<ClusterId> = {
            let leases = self.leases.lock().unwrap_or_else(PoisonError::into_inner);
            leases.iter().filter(|(_, lease)| lease.is_ours).map(|(cluster, _)| *cluster).collect()
        };
        for cluster in ours {
            if let Err(fault) = self.ask_for(cluster).await {
                tracing::warn!(%cluster, %fault, "this node could not renew its hold on a cluster");
            }
        }
    }

    /// Records that nothing of an environment is left where it was, and gives up its place there.
    pub(super) async fn leave(&self, environment: EnvironmentId, made: &Made, command: fn() -> Do) -> Result<bool, Fault> {
        let Some(cluster) = made.placement.as_ref().and_then(Placement::cluster) else { return self.record(environment, command).await };
        let outcome = self.commands.environments.leave_cluster(&request(), environment, cluster, command).await?;
        Ok(matches!(outcome, Outcome::Accepted(_)))
    }

    /// Has an environment that needs a place on a cluster wait for it; whether it needs one.
    pub(super) async fn enqueue(&self, environment: EnvironmentId, made: &Made) -> Result<bool, Fault> {
        let Some(clusters) = self.sites.clusters() else { return Ok(false) };
        let content = self.commands.workshops.content(&made.request.content).await?;
        let Some(need) = content.environment.as_ref().and_then(|needs| clusters.need(needs)) else { return Ok(false) };
        let sticky = self.cluster_before(environment, made).await?;
        self.waiting().insert(environment, Need { sticky, ..need });
        Ok(true)
    }

    /// Where the learner's environment before this one was.
    async fn cluster_before(&self, environment: EnvironmentId, made: &Made) -> Result<Option<ClusterId>, Fault> {
        if made.request.is_nobodys() {
            return Ok(None);
        }
        let before = environments::cluster_of_learner(self.projections.db(), made.request.learner, environment).await;
        Ok(before.map_err(outside)?.and_then(|node| node.parse().ok()))
    }

    /// Waits for an environment's turn. Whoever has the turn serves all that wait. What is made ahead of a session waits for none:
    /// a place that is given back is for those who have begun.
    pub(super) async fn queue(&self, environment: EnvironmentId, is_nobodys: bool) -> Result<Next, Fault> {
        self.take_turn(environment).await?;
        if self.waiting().contains_key(&environment) {
            // The read models may not know yet that a cluster has opened. Of one that opens from now on, `serve_after` hears.
            let head = self.journal.head().await?;
            let _ = self.projections.reached(head, BEAT).await;
            self.take_turn(environment).await?;
        }
        if !self.waiting().contains_key(&environment) {
            return Ok(Next::Again);
        }
        // Of several that come at once, those that were asked for last are refused.
        let before = self.waiting().range(..environment).count();
        if is_nobodys || before >= self.options.queue {
            tracing::warn!(%environment, before, "no cluster takes an environment, and it does not wait or too many do");
            self.waiting().remove(&environment);
            self.record(environment, || Do::BeginTeardown { reason: TeardownReason::NoCapacity }).await?;
            return Ok(Next::Again);
        }
        tracing::info!(%environment, before, "an environment waits for a place");
        Ok(Next::Rest)
    }

    async fn take_turn(&self, environment: EnvironmentId) -> Result<(), Fault> {
        let _turn = self.turn.lock().await;
        if self.waiting().contains_key(&environment) { self.serve().await } else { Ok(()) }
    }

    /// Serves who waits, after something happened to a cluster.
    pub(super) async fn serve_after(&self, position: Position) {
        if self.waiting().is_empty() {
            return;
        }
        let _turn = self.turn.lock().await;
        let _ = self.projections.reached(position, BEAT).await;
        if let Err(fault) = self.serve().await {
            tracing::error!(%fault, "environments that wait for a place could not be served; the next change tries again");
        }
    }

    /// Gives places to all that wait and that some cluster takes, in the order in which they were asked for: their ids tell. What
    /// a cluster turns down, the read models did not know yet, so it is left out from then on.
    async fn serve(&self) -> Result<(), Fault> {
        let Some(there) = self.sites.clusters() else { return Ok(()) };
        let rows = clusters::registered(self.projections.db()).await.map_err(outside)?;
        let mut candidates = candidates(&**there, &rows);
        loop {
            let chosen = self.choose(&mut candidates);
            let mut placing = stream::iter(chosen.into_iter().map(|(environment, choice)| self.take_place(environment, choice)))
                .buffer_unordered(PLACED_AT_ONCE);
            let mut closed = BTreeSet::new();
            while let Some(turned_down) = placing.try_next().await? {
                closed.extend(turned_down);
            }
            if closed.is_empty() {
                return Ok(());
            }
            candidates.retain(|candidate| !closed.contains(&candidate.cluster));
        }
    }

    /// Who goes where; what each takes is counted at once.
    fn choose(&self, candidates: &mut [Candidate]) -> Vec<(EnvironmentId, Choice)> {
        let waiting = self.waiting().clone();
        let mut chosen = Vec::new();
        for (environment, need) in waiting {
            let Some(choice) = rank(&need, candidates).choices.into_iter().next() else { continue };
            take(candidates, choice.cluster, &need);
            chosen.push((environment, choice));
        }
        chosen
    }

    /// Takes a place for an environment. The cluster, if that turns it down.
    async fn take_place(&self, environment: EnvironmentId, choice: Choice) -> Result<Option<ClusterId>, Fault> {
        let Choice { cluster, reason, .. } = choice;
        let placement = Placement { driver: "kubernetes".into(), node: cluster.to_string(), reason };
        match self.commands.environments.place_on_cluster(&request(), environment, cluster, &placement).await? {
            // Or somebody else has placed or ended it.
            Outcome::Accepted(_) | Outcome::Rejected(Rejection::NotFound | Rejection::WrongState { .. }) => {
                self.waiting().remove(&environment);
                Ok(None)
            }
            Outcome::Rejected(rejection) => {
                tracing::info!(%environment, %cluster, %rejection, "a cluster turned an environment down");
                Ok(Some(cluster))
            }
        }
    }
}
