//! Where an environment should go: a proposal, made of what is known of all clusters. It is the cluster's own stream that gives the
//! place, so a proposal that is out of date costs another try and nothing else.
//!
//! A cluster is eligible if it is open and healthy, has the labels that are asked for, has a place left, and enough of everything
//! with [`RESERVE`] to spare. Among those, the score is how much is free afterwards and how few of its places are taken, times the
//! weight; where the learner was before comes first, and of equals the default.

use std::cmp::Reverse;

use domain::{
    environments::cluster::{Capacity, Health, Labels, Schedule},
    kernel::{ClusterId, Mebibytes, Millicores},
};
use projections::environments::clusters;

/// What is kept free on each cluster, in thousandths of what it has: its own parts need it when they restart.
pub const RESERVE: u64 = 50;
/// How much of the score is what is free, in thousandths; the rest is what is not taken.
const FREE_COUNTS: u64 = 600;
/// The whole, in thousandths.
const WHOLE: u64 = 1000;

/// What an environment needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Need {
    pub cpu: Millicores,
    pub memory: Mebibytes,
    pub storage: Mebibytes,
    pub pods: u32,
    /// What its cluster must be labelled with.
    pub labels: Labels,
    /// Where the learner's other environment is.
    pub sticky: Option<ClusterId>,
}

/// What is known of a cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub cluster: ClusterId,
    pub name: String,
    pub labels: Labels,
    pub weight: u32,
    pub limit: Option<u32>,
    pub taken: u32,
    pub is_default: bool,
    pub schedule: Schedule,
    pub health: Health,
    pub capacity: Capacity,
    /// What of it is spoken for.
    pub used: Capacity,
}

/// A cluster where an environment could go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub cluster: ClusterId,
    /// The higher, the better; of no meaning beside choices for another need.
    pub score: u64,
    /// For people.
    pub reason: String,
}

/// Why a cluster is not one of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("it is {}", .0.name())]
    NotOpen(Schedule),
    #[error("it is not well")]
    NotHealthy(Health),
    #[error("it has no label {key}={value}")]
    Label { key: String, value: String },
    #[error("its {limit} places are taken")]
    Full { limit: u32 },
    #[error("it has {free} {unit} of {resource} to give, not {needed}")]
    TooSmall { resource: &'static str, unit: &'static str, free: u64, needed: u64 },
}

/// Every cluster, judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ranking {
    /// The best first.
    pub choices: Vec<Choice>,
    /// By name.
    pub unfit: Vec<(String, Unfit)>,
}

impl Ranking {
    /// Why there is no choice, for people.
    #[must_use]
    pub fn refusal(&self) -> String {
        let all: Vec<String> = self.unfit.iter().map(|(name, unfit)| format!("{name}: {unfit}")).collect();
        if all.is_empty() { "there is no cluster".to_owned() } else { all.join("; ") }
    }
}

impl Candidate {
    /// What a read model says of a cluster, and what of its capacity is spoken for.
    #[must_use]
    pub fn new(row: &clusters::Model, used: Capacity) -> Self {
        let number = |count: i64| u32::try_from(count.max(0)).unwrap_or(u32::MAX);
        Self {
            cluster: ClusterId(row.cluster),
            name: row.name.clone(),
            labels: row.labels.0.clone(),
            weight: number(row.weight),
            limit: row.place_limit.map(number),
            taken: number(row.taken),
            is_default: row.is_default,
            schedule: row.schedule.0,
            health: row.health.0,
            capacity: Capacity {
                nodes: number(row.nodes),
                cpu: Millicores(number(row.cpu)),
                memory: Mebibytes(number(row.memory)),
                storage: Mebibytes(number(row.storage)),
                pods: number(row.pods),
            },
            used,
        }
    }

    fn judge(&self, need: &Need) -> Result<u64, Unfit> {
        if self.schedule != Schedule::Open {
            return Err(Unfit::NotOpen(self.schedule));
        }
        if self.health != Health::Healthy {
            return Err(Unfit::NotHealthy(self.health));
        }
        if let Some((key, value)) = need.labels.iter().find(|(key, value)| self.labels.get(*key) != Some(value)) {
            return Err(Unfit::Label { key: key.clone(), value: value.clone() });
        }
        if let Some(limit) = self.limit.filter(|limit| self.taken >= *limit) {
            return Err(Unfit::Full { limit });
        }
        let mut free = WHOLE;
        for resource in self.resources(need) {
            free = free.min(resource.free_after()?);
        }
        Ok(free)
    }

    fn resources(&self, need: &Need) -> [Resource; 4] {
        let Self { capacity, used, .. } = self;
        [
            Resource::new("CPU", "millicores", capacity.cpu.0, used.cpu.0, need.cpu.0),
            Resource::new("memory", "MiB", capacity.memory.0, used.memory.0, need.memory.0),
            Resource::new("storage", "MiB", capacity.storage.0, used.storage.0, need.storage.0),
            Resource::new("pods", "", capacity.pods, used.pods, need.pods),
        ]
    }

    /// How much of its places is not taken, in thousandths. Without a limit, it is told by the pods it could have.
    fn untaken(&self) -> u64 {
        let places = u64::from(self.limit.unwrap_or(self.capacity.pods)).max(1);
        WHOLE.saturating_sub(u64::from(self.taken) * WHOLE / places)
    }

    fn choice(&self, need: &Need, free: u64) -> Choice {
        let score = (FREE_COUNTS * free + (WHOLE - FREE_COUNTS) * self.untaken()) * u64::from(self.weight);
        let places =
            self.limit.map_or_else(|| format!("{} places taken", self.taken), |limit| format!("{} of {limit} places taken", self.taken));
        let sticky = if need.sticky == Some(self.cluster) { "the learner is there already, " } else { "" };
        let reason = format!("{}: {sticky}{} % free afterwards, {places}, weight {}", self.name, free / 10, self.weight);
        Choice { cluster: self.cluster, score, reason }
    }
}

/// One thing that a cluster has so much of.
struct Resource {
    name: &'static str,
    unit: &'static str,
    total: u64,
    /// What may be given.
    free: u64,
    needed: u64,
}

impl Resource {
    fn new(name: &'static str, unit: &'static str, total: u32, used: u32, needed: u32) -> Self {
        let (total, used, needed) = (u64::from(total), u64::from(used), u64::from(needed));
        let reserve = total * RESERVE / WHOLE;
        Self { name, unit, total, free: total.saturating_sub(used).saturating_sub(reserve), needed }
    }

    /// What is left afterwards, in thousandths of the whole. What is not needed does not count.
    fn free_after(&self) -> Result<u64, Unfit> {
        let &Self { name: resource, unit, total, free, needed } = self;
        match free.checked_sub(needed) {
            _ if needed == 0 => Ok(WHOLE),
            Some(left) => Ok(left * WHOLE / total.max(1)),
            None => Err(Unfit::TooSmall { resource, unit, free, needed }),
        }
    }
}

/// Judges every cluster for a need. The same clusters in another order give the same ranking.
#[must_use]
pub fn rank(need: &Need, candidates: &[Candidate]) -> Ranking {
    let mut ranking = Ranking::default();
    let mut eligible = Vec::new();
    for candidate in candidates {
        match candidate.judge(need) {
            Ok(free) => eligible.push((candidate, candidate.choice(need, free))),
            Err(unfit) => ranking.unfit.push((candidate.name.clone(), unfit)),
        }
    }
    let place = |(candidate, choice): &(&Candidate, Choice)| {
        let first = need.sticky == Some(candidate.cluster);
        (Reverse((first, choice.score, candidate.is_default)), candidate.name.clone(), candidate.cluster)
    };
    eligible.sort_by_cached_key(place);
    ranking.choices = eligible.into_iter().map(|(_, choice)| choice).collect();
    ranking.unfit.sort_by(|(one, _), (other, _)| one.cmp(other));
    ranking
}

/// Counts what an environment takes of one of these clusters that is to have it.
pub(crate) fn take(candidates: &mut [Candidate], cluster: ClusterId, need: &Need) {
    if let Some(candidate) = candidates.iter_mut().find(|candidate| candidate.cluster == cluster) {
        candidate.taken += 1;
        candidate.used = plus(candidate.used, need);
    }
}

fn plus(used: Capacity, need: &Need) -> Capacity {
    Capacity {
        nodes: used.nodes,
        cpu: Millicores(used.cpu.0.saturating_add(need.cpu.0)),
        memory: Mebibytes(used.memory.0.saturating_add(need.memory.0)),
        storage: Mebibytes(used.storage.0.saturating_add(need.storage.0)),
        pods: used.pods.saturating_add(need.pods),
    }
}

#[cfg(test)]
mod tests;
