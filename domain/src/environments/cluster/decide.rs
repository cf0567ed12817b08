//! What may happen to a cluster, and what it is afterwards.

use super::{Assessment, Cluster, ClusterCommand, ClusterEvent, Credentials, Endpoint, Health, Member, Rejection, Schedule, Streak};
use crate::{
    Decider,
    kernel::{EnvironmentId, Timestamp},
};

impl Decider for Cluster {
    const STREAM: &'static str = "cluster";
    const STATE_VERSION: u32 = 2;
    type Command = ClusterCommand;
    type Event = ClusterEvent;
    type Rejection = Rejection;

    fn decide(&self, command: ClusterCommand, _now: Timestamp) -> Result<Vec<ClusterEvent>, Rejection> {
        match (self, command) {
            (Self::Absent, ClusterCommand::Register(registration)) => Ok(vec![ClusterEvent::Registered(registration)]),
            // What is done already is done.
            (Self::Removed, ClusterCommand::Remove { .. } | ClusterCommand::FinishRemoval | ClusterCommand::Release { .. }) => Ok(vec![]),
            (Self::Absent | Self::Removed, _) => Err(Rejection::ClusterNotFound),
            (Self::Member(member), command) => member.decide(command),
        }
    }

    fn evolve(&mut self, event: &ClusterEvent) {
        match (self, event) {
            (state, ClusterEvent::Registered(registration)) => {
                *state = Self::Member(Box::new(Member {
                    profile: registration.profile.clone(),
                    endpoint: registration.endpoint.clone(),
                    credentials: registration.credentials.clone(),
                    assessment: registration.assessment.clone(),
                    schedule: Schedule::Open,
                    health: Health::Healthy,
                    places: [].into(),
                    short_of: [].into(),
                }));
            }
            (state, ClusterEvent::Removed) => *state = Self::Removed,
            (Self::Member(member), event) => member.evolve(event),
            (Self::Absent | Self::Removed, _) => {}
        }
    }
}

impl Member {
    fn decide(&self, command: ClusterCommand) -> Result<Vec<ClusterEvent>, Rejection> {
        use ClusterCommand as Do;
        use ClusterEvent as Did;
        use Schedule::{Cordoned, Draining, Open, Removing};
        Ok(match (self.schedule, command) {
            (_, Do::Revise { profile }) if profile == self.profile => vec![],
            (_, Do::Revise { profile }) => vec![Did::Revised { profile }],
            (_, Do::RotateCredentials { endpoint, credentials, assessment }) => return self.rotate(endpoint, credentials, assessment),
            (_, Do::Assess { assessment }) if assessment == self.assessment => vec![],
            (_, Do::Assess { assessment }) => vec![Did::Assessed { assessment }],
            // What is so already stays so.
            (Open, Do::Uncordon) | (Cordoned | Draining, Do::Cordon) | (Draining, Do::Drain) | (Removing, Do::Remove { .. }) => vec![],
            (Open, Do::Cordon) => vec![Did::Cordoned],
            (Cordoned | Draining, Do::Uncordon) => vec![Did::Uncordoned],
            (Open | Cordoned, Do::Drain) if self.places.is_empty() => vec![Did::DrainStarted { live: 0 }, Did::Drained],
            (Open | Cordoned, Do::Drain) => vec![Did::DrainStarted { live: self.taken() }],
            (_, Do::Remove { force }) if force || self.places.is_empty() => vec![Did::RemovalStarted { live: self.taken() }],
            (Removing, Do::FinishRemoval) if self.places.is_empty() => vec![Did::Removed],
            (_, Do::Remove { .. }) | (Removing, Do::FinishRemoval) => return Err(self.environments_live()),
            (_, Do::Register(_) | Do::FinishRemoval) | (Removing, Do::Cordon | Do::Uncordon | Do::Drain) => return Err(self.wrong_state()),
            (_, Do::Reserve { environment }) => return self.reserve(environment),
            (_, Do::Release { environment }) => self.release(environment),
            // What has a place is no leftover.
            (_, Do::ReportLeftovers { environment }) if self.places.contains(&environment) => vec![],
            (_, Do::ReportLeftovers { environment }) => vec![Did::LeftoversRemoved { environment }],
            (_, Do::Observe(streak)) => self.observe(&streak),
            (_, Do::Measure { capacity, requested, thresholds }) => self.measure(&capacity, &requested, thresholds),
        })
    }

    fn rotate(&self, endpoint: Endpoint, credentials: Credentials, assessment: Assessment) -> Result<Vec<ClusterEvent>, Rejection> {
        if endpoint.server != self.endpoint.server && !self.places.is_empty() {
            return Err(Rejection::ServerDiffers { server: self.endpoint.server.clone() });
        }
        if endpoint == self.endpoint && credentials.fingerprint == self.credentials.fingerprint {
            return Ok(vec![]); // The same again.
        }
        if credentials.version != self.credentials.version + 1 {
            return Err(Rejection::RotatedMeanwhile);
        }
        Ok(vec![ClusterEvent::CredentialsRotated { endpoint, credentials, assessment }])
    }

    /// The limit holds whoever asks at the same time: all meet in this stream.
    fn reserve(&self, environment: EnvironmentId) -> Result<Vec<ClusterEvent>, Rejection> {
        if self.places.contains(&environment) {
            return Ok(vec![]);
        }
        if self.schedule != Schedule::Open {
            return Err(Rejection::ClusterClosed { state: self.schedule.name().to_owned() });
        }
        if self.health == Health::Unreachable {
            return Err(Rejection::ClusterUnreachable);
        }
        match self.profile.limit {
            Some(limit) if self.taken() >= limit => Err(Rejection::ClusterFull { limit }),
            _ => Ok(vec![ClusterEvent::PlaceReserved { environment, taken: self.taken() + 1 }]),
        }
    }

    fn release(&self, environment: EnvironmentId) -> Vec<ClusterEvent> {
        if !self.places.contains(&environment) {
            return vec![];
        }
        let released = ClusterEvent::PlaceReleased { environment, taken: self.taken() - 1 };
        let emptied = self.schedule == Schedule::Draining && self.taken() == 1;
        [released].into_iter().chain(emptied.then_some(ClusterEvent::Drained)).collect()
    }

    fn observe(&self, streak: &Streak) -> Vec<ClusterEvent> {
        let reason = streak.reason().to_owned();
        match streak.settled() {
            Some((seen, _)) if seen == self.health => vec![],
            Some((Health::Healthy, since)) => vec![ClusterEvent::Recovered { since }],
            Some((Health::Degraded, since)) => vec![ClusterEvent::Degraded { reason, since }],
            Some((Health::Unreachable, since)) => vec![ClusterEvent::Unreachable { reason, since }],
            None => vec![],
        }
    }

    fn environments_live(&self) -> Rejection {
        Rejection::EnvironmentsLive { live: self.taken() }
    }

    fn evolve(&mut self, event: &ClusterEvent) {
        match event {
            ClusterEvent::Registered(_) | ClusterEvent::Removed | ClusterEvent::Drained | ClusterEvent::LeftoversRemoved { .. } => {}
            ClusterEvent::Revised { profile } => self.profile = profile.clone(),
            ClusterEvent::CredentialsRotated { endpoint, credentials, assessment } => {
                self.endpoint = endpoint.clone();
                self.credentials = credentials.clone();
                self.assessment = assessment.clone();
            }
            ClusterEvent::Assessed { assessment } => self.assessment = assessment.clone(),
            ClusterEvent::Cordoned => self.schedule = Schedule::Cordoned,
            ClusterEvent::Uncordoned => self.schedule = Schedule::Open,
            ClusterEvent::DrainStarted { .. } => self.schedule = Schedule::Draining,
            ClusterEvent::RemovalStarted { .. } => self.schedule = Schedule::Removing,
            ClusterEvent::PlaceReserved { environment, .. } => drop(self.places.insert(*environment)),
            ClusterEvent::PlaceReleased { environment, .. } => drop(self.places.remove(environment)),
            ClusterEvent::Unreachable { .. } => self.health = Health::Unreachable,
            ClusterEvent::Degraded { .. } => self.health = Health::Degraded,
            ClusterEvent::Recovered { .. } => self.health = Health::Healthy,
            ClusterEvent::CapacityShort { resource, .. } => drop(self.short_of.insert(*resource)),
            ClusterEvent::CapacityRegained { resource, .. } => drop(self.short_of.remove(resource)),
        }
    }
}
