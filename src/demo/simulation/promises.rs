//! What must hold whatever fails, checked against every event and against what is in the clusters.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::{
    Decider,
    environments::{
        cluster::{Cluster, ClusterEvent},
        environment::{Environment as EnvironmentState, EnvironmentEvent},
    },
    fact::Fact,
    kernel::{ClusterId, EnvironmentId},
};
use journal::Recorded;
use orchestrator_kubernetes::desired::{learner_namespace, workbench_namespace};
use uuid::Uuid;

use super::simulator::Report;
use crate::demo::DemoError;

/// How many broken promises are told of each kind.
const TOLD: usize = 5;

#[derive(Default)]
struct Environment {
    requested: Option<DateTime<Utc>>,
    /// Where it has a place.
    place: Option<ClusterId>,
    is_ready: bool,
    /// From the request until it was ready for the first time, in milliseconds.
    took: Option<i64>,
    /// Why it could not be made, or cannot be unmade.
    refusal: Option<String>,
    is_gone: bool,
}

impl Environment {
    /// Its end and that of its place are recorded together, one after the other.
    const fn has_left(&self) -> bool {
        self.is_gone && self.place.is_none()
    }

    /// Ready, or refused and gone.
    const fn is_settled(&self) -> bool {
        self.is_ready || self.has_left()
    }

    /// What it breaks, if it does.
    fn see(&mut self, id: EnvironmentId, fact: &EnvironmentEvent, at: DateTime<Utc>) -> Option<String> {
        match fact {
            EnvironmentEvent::Requested(_) => self.requested = Some(at),
            EnvironmentEvent::Claimed(_) => (self.requested, self.is_ready) = (Some(at), false),
            EnvironmentEvent::Ready { .. } => {
                let took = self.requested.map(|requested| (at - requested).num_milliseconds());
                self.took = self.took.or(took);
                if std::mem::replace(&mut self.is_ready, true) {
                    return Some(format!("{id} was made twice"));
                }
            }
            EnvironmentEvent::Lost { .. } => self.is_ready = false,
            EnvironmentEvent::TeardownStarted { reason, .. } => {
                if !self.is_ready {
                    self.refusal = Some(format!("{reason:?}"));
                }
                self.is_ready = false;
            }
            EnvironmentEvent::Stuck { reason, .. } => self.refusal = Some(format!("stuck: {reason}")),
            EnvironmentEvent::TornDown { .. } => self.is_gone = true,
            _ => {}
        }
        None
    }

    fn see_place(&mut self, id: EnvironmentId, cluster: ClusterId, fact: &ClusterEvent) -> Option<String> {
        let is_taken = matches!(fact, ClusterEvent::PlaceReserved { .. });
        let before = std::mem::replace(&mut self.place, is_taken.then_some(cluster)).filter(|_| is_taken);
        before.map(|other| format!("{id} has a place on {other}, and another on {cluster}"))
    }
}

/// What was seen.
pub(super) struct Promises {
    /// With their numbers in reports.
    clusters: BTreeMap<ClusterId, usize>,
    limit: u32,
    environments: BTreeMap<EnvironmentId, Environment>,
    /// How many of them are settled, and how many have left.
    settled: usize,
    gone: usize,
    /// The most places that were ever taken, of each cluster.
    most: BTreeMap<ClusterId, u32>,
    broken: Vec<String>,
}

impl Promises {
    /// Nothing yet, on clusters with so many places each.
    pub(super) fn begin(clusters: BTreeMap<ClusterId, usize>, limit: u32) -> Self {
        Self { clusters, limit, environments: BTreeMap::new(), settled: 0, gone: 0, most: BTreeMap::new(), broken: Vec::new() }
    }

    pub(super) fn see(&mut self, event: &Recorded) -> Result<(), DemoError> {
        if ![EnvironmentState::STREAM, Cluster::STREAM].contains(&event.stream.kind.as_ref()) {
            return Ok(());
        }
        let fact = Fact::read(&event.stream.kind, &event.name, event.version, event.payload.as_str());
        let fact = fact.map_err(|error| DemoError::step("read an event", error))?;
        self.fact(event.stream.id, &fact, event.recorded_at);
        Ok(())
    }

    fn fact(&mut self, stream: Uuid, fact: &Fact, at: DateTime<Utc>) {
        let id = match fact {
            Fact::Environment(_) => EnvironmentId(stream),
            Fact::Cluster(ClusterEvent::PlaceReserved { environment, taken }) => {
                let most = self.most.entry(ClusterId(stream)).or_default();
                *most = (*taken).max(*most);
                if *taken > self.limit {
                    self.broken.push(format!("{taken} places of {} were taken, and it has {}", ClusterId(stream), self.limit));
                }
                *environment
            }
            Fact::Cluster(ClusterEvent::PlaceReleased { environment, .. }) => *environment,
            _ => return,
        };
        let environment = self.environments.entry(id).or_default();
        let before = (environment.is_settled(), environment.has_left());
        let broken = match fact {
            Fact::Environment(fact) => environment.see(id, fact, at),
            Fact::Cluster(fact) => environment.see_place(id, ClusterId(stream), fact),
            _ => None,
        };
        self.settled = self.settled + usize::from(environment.is_settled()) - usize::from(before.0);
        self.gone = self.gone + usize::from(environment.has_left()) - usize::from(before.1);
        self.broken.extend(broken);
    }

    /// How many are ready, or were refused and are gone.
    pub(super) const fn settled(&self) -> usize {
        self.settled
    }

    pub(super) const fn gone(&self) -> usize {
        self.gone
    }

    pub(super) fn all_settled(&mut self, all: usize, in_time: bool) {
        if !in_time {
            self.broken.push(format!("only {} of {all} became ready or were refused", self.settled()));
        }
    }

    pub(super) fn all_gone(&mut self, all: usize, in_time: bool) {
        if !in_time {
            self.broken.push(format!("only {} of {all} are gone", self.gone()));
            let left = self.environments.iter().filter(|(_, environment)| !environment.has_left());
            let told = left.filter_map(|(id, environment)| Some(format!("{id}: {}", environment.refusal.as_ref()?)));
            self.broken.extend(told.take(TOLD));
        }
    }

    /// What is in the clusters must be what has a place there, and nothing else.
    pub(super) fn compare(&mut self, report: &Report) {
        let mut expected: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for (id, environment) in &self.environments {
            if let Some(number) = environment.place.and_then(|cluster| self.clusters.get(&cluster)) {
                expected.entry(*number).or_default().extend([workbench_namespace(*id), learner_namespace(*id)]);
            }
        }
        for (number, seen) in report.clusters.iter().enumerate() {
            let expected = expected.remove(&number).unwrap_or_default();
            let there: BTreeSet<String> = seen.namespaces.iter().filter(|name| name.starts_with("nalabo-")).cloned().collect();
            let orphans = there.difference(&expected).take(TOLD).map(|name| format!("{name} is an orphan on cluster {}", number + 1));
            let missing = expected.difference(&there).take(TOLD).map(|name| format!("{name} is not on cluster {}", number + 1));
            self.broken.extend(orphans.chain(missing));
        }
    }

    /// How many environments there have been.
    pub(super) fn known(&self) -> usize {
        self.environments.len()
    }

    /// Places on all clusters.
    pub(super) fn places(&self) -> u32 {
        self.limit.saturating_mul(u32::try_from(self.clusters.len()).unwrap_or(u32::MAX))
    }

    /// Milliseconds from the request, or from when it was taken, until an environment was ready; the shortest first.
    pub(super) fn took(&self) -> Vec<i64> {
        let mut took: Vec<i64> = self.environments.values().filter_map(|environment| environment.took).collect();
        took.sort_unstable();
        took
    }

    /// How long environments took.
    pub(super) fn times(&self) -> String {
        let took = self.took();
        let asked = self.environments.values().filter(|environment| environment.requested.is_some()).count();
        let refused = asked - took.len();
        let at = |percent: usize| took.get((took.len() * percent / 100).min(took.len().saturating_sub(1))).copied().unwrap_or_default();
        format!("{} ready, {refused} refused; start to ready p50 {} ms, p99 {} ms", took.len(), at(50), at(99))
    }

    /// What others have broken, besides.
    pub(super) fn add(&mut self, others: Self) {
        self.broken.extend(others.broken);
    }

    pub(super) fn summary(&self) -> String {
        let most: Vec<String> = self.most.values().map(u32::to_string).collect();
        format!("at most {} places taken, of {} on each cluster", most.join(", "), self.limit)
    }

    pub(super) fn broken(&self) -> Vec<String> {
        self.broken.clone()
    }
}

#[cfg(test)]
mod tests;
