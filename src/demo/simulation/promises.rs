//! What must hold whatever fails, checked against every event and against what is in the clusters.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::{
    environments::{cluster::ClusterEvent, environment::EnvironmentEvent},
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
}

/// What was seen.
pub(super) struct Promises {
    /// With their numbers in reports.
    clusters: BTreeMap<ClusterId, usize>,
    limit: u32,
    environments: BTreeMap<EnvironmentId, Environment>,
    /// The most places that were ever taken, of each cluster.
    most: BTreeMap<ClusterId, u32>,
    broken: Vec<String>,
}

impl Promises {
    /// Nothing yet, on clusters with so many places each.
    pub(super) fn begin(clusters: BTreeMap<ClusterId, usize>, limit: u32) -> Self {
        Self { clusters, limit, environments: BTreeMap::new(), most: BTreeMap::new(), broken: Vec::new() }
    }

    pub(super) fn see(&mut self, event: &Recorded) -> Result<(), DemoError> {
        let fact = Fact::read(&event.stream.kind, &event.name, event.version, event.payload.as_str());
        let fact = fact.map_err(|error| DemoError::step("read an event", error))?;
        self.fact(event.stream.id, fact, event.recorded_at);
        Ok(())
    }

    fn fact(&mut self, stream: Uuid, fact: Fact, at: DateTime<Utc>) {
        match fact {
            Fact::Environment(fact) => self.environment(EnvironmentId(stream), &fact, at),
            Fact::Cluster(ClusterEvent::PlaceReserved { environment, taken }) => {
                let cluster = ClusterId(stream);
                let most = self.most.entry(cluster).or_default();
                *most = taken.max(*most);
                if taken > self.limit {
                    self.broken.push(format!("{taken} places of {cluster} were taken, and it has {}", self.limit));
                }
                if let Some(other) = self.environments.entry(environment).or_default().place.replace(cluster) {
                    self.broken.push(format!("{environment} has a place on {other}, and another on {cluster}"));
                }
            }
            Fact::Cluster(ClusterEvent::PlaceReleased { environment, .. }) => {
                self.environments.entry(environment).or_default().place = None;
            }
            _ => {}
        }
    }

    fn environment(&mut self, id: EnvironmentId, fact: &EnvironmentEvent, at: DateTime<Utc>) {
        let environment = self.environments.entry(id).or_default();
        match fact {
            EnvironmentEvent::Requested(_) => environment.requested = Some(at),
            EnvironmentEvent::Ready { .. } => {
                if std::mem::replace(&mut environment.is_ready, true) {
                    self.broken.push(format!("{id} was made twice"));
                }
                let took = environment.requested.map(|requested| (at - requested).num_milliseconds());
                environment.took = environment.took.or(took);
            }
            EnvironmentEvent::Lost { .. } => environment.is_ready = false,
            EnvironmentEvent::TeardownStarted { reason, .. } => {
                if !environment.is_ready {
                    environment.refusal = Some(format!("{reason:?}"));
                }
                environment.is_ready = false;
            }
            EnvironmentEvent::Stuck { reason, .. } => environment.refusal = Some(format!("stuck: {reason}")),
            EnvironmentEvent::TornDown { .. } => environment.is_gone = true,
            _ => {}
        }
    }

    /// How many are ready, or were refused and are gone.
    pub(super) fn settled(&self) -> usize {
        self.environments.values().filter(|environment| environment.is_ready || environment.has_left()).count()
    }

    pub(super) fn gone(&self) -> usize {
        self.environments.values().filter(|environment| environment.has_left()).count()
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

    /// How long environments took.
    pub(super) fn times(&self) -> String {
        let mut took: Vec<i64> = self.environments.values().filter_map(|environment| environment.took).collect();
        took.sort_unstable();
        let refused = self.environments.values().filter(|environment| environment.took.is_none()).count();
        let at = |percent: usize| took.get((took.len() * percent / 100).min(took.len().saturating_sub(1))).copied().unwrap_or_default();
        format!("{} ready, {refused} refused; start to ready p50 {} ms, p99 {} ms", took.len(), at(50), at(99))
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
