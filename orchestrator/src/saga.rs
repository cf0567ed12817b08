//! Makes and unmakes environments. The environment's stream is the saga's log: whatever happens to this process, the
//! state says what is to be done next, and [`advance`](Saga::advance) does it until nothing is left to do.

mod clusters;
mod lanes;
mod nodes;
mod provision;
mod teardown;
mod upkeep;

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use commands::{Commands, Fault, Outcome, Request};
use domain::{
    environments::{
        cluster::ClusterEvent,
        environment::{Environment, EnvironmentCommand},
    },
    fact::Fact,
    kernel::{ClusterId, EnvironmentId},
};
use futures_util::StreamExt;
use journal::{Journal, Position};
use projections::Projections;
use tokio::sync::watch;

use self::lanes::{Lane, Lanes, Turn};
use crate::{driver::DriverError, placement::Need, sites::Sites};

/// Tries at a step, and at a teardown.
const TRIES: u32 = 5;

/// More events than a stream has: what is known of it is asked for anew.
const NOW: i64 = i64::MAX;

/// What the saga may take.
#[derive(Clone, Copy, Debug)]
pub struct SagaOptions {
    /// One call of the driver.
    pub call: Duration,
    /// How many environments may wait for a place on a cluster; those that come then are refused.
    pub queue: usize,
    /// Environments that are worked on at once on one cluster.
    pub at_once: usize,
}

impl Default for SagaOptions {
    fn default() -> Self {
        Self { call: Duration::from_mins(1), queue: 1000, at_once: 64 }
    }
}

/// What the saga works with.
pub struct Saga {
    pub commands: Arc<Commands>,
    pub sites: Arc<Sites>,
    pub journal: Arc<dyn Journal>,
    pub projections: Arc<Projections>,
    options: SagaOptions,
    /// What is worked on, with how many of its events it is to be looked at again once that has come to rest.
    working: Mutex<HashMap<EnvironmentId, Option<i64>>>,
    lanes: Lanes,
    /// What is known of who works on which cluster.
    leases: Mutex<HashMap<ClusterId, clusters::Lease>>,
    /// Environments that have no place on a cluster yet.
    waiting: Mutex<BTreeMap<EnvironmentId, Need>>,
    /// Held by whoever gives them places.
    turn: tokio::sync::Mutex<()>,
}

/// Whether there is anything left to do for an environment.
enum Next {
    Again,
    /// Not before so long: it did not go well.
    After(Duration),
    Rest,
}

impl Saga {
    /// A saga that is not running yet.
    #[must_use]
    pub fn new(
        commands: Arc<Commands>,
        sites: Arc<Sites>,
        journal: Arc<dyn Journal>,
        projections: Arc<Projections>,
        options: SagaOptions,
    ) -> Arc<Self> {
        Arc::new(Self {
            commands,
            sites,
            journal,
            projections,
            options,
            working: Mutex::default(),
            lanes: Lanes::new(options.at_once),
            leases: Mutex::default(),
            waiting: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
        })
    }

    /// Picks up what an earlier process left, then follows the journal until `stop` turns true.
    pub async fn run(self: Arc<Self>, mut stop: watch::Receiver<bool>) {
        Arc::clone(&self).beat().await;
        let Some(head) = self.picked_up(&mut stop).await else { return };
        let mut upkeep = tokio::time::interval(upkeep::EVERY);
        let mut beat = tokio::time::interval(nodes::BEAT);
        let mut seen = head;
        let mut tail = std::pin::pin!(journal::tail(Arc::clone(&self.journal), seen));
        loop {
            let event = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                _ = upkeep.tick() => {
                    tokio::spawn(Arc::clone(&self).keep_up());
                    continue;
                }
                _ = beat.tick() => {
                    tokio::spawn(Arc::clone(&self).beat());
                    continue;
                }
                event = tail.next() => event,
            };
            match event {
                Some(Ok(event)) => {
                    seen = event.position;
                    match Fact::read(&event.stream.kind, &event.name, event.version, event.payload.as_str()) {
                        Ok(Fact::Environment(_)) => self.wake_at(EnvironmentId(event.stream.id), event.sequence),
                        Ok(Fact::Cluster(event)) if may_make_room(&event) => {
                            let saga = Arc::clone(&self);
                            tokio::spawn(async move { saga.serve_after(seen).await });
                        }
                        _ => {}
                    }
                }
                Some(Err(error)) => {
                    tracing::error!(%error, "the saga could not read the journal; trying again");
                    tokio::time::sleep(pause(2)).await;
                    tail.set(journal::tail(Arc::clone(&self.journal), seen));
                }
                None => return,
            }
        }
    }

    /// The position from which to follow the journal; none if it is to stop before.
    async fn picked_up(self: &Arc<Self>, stop: &mut watch::Receiver<bool>) -> Option<Position> {
        loop {
            match self.pick_up().await {
                Ok(head) => return Some(head),
                Err(fault) => tracing::error!(%fault, "environments could not be picked up; trying again"),
            }
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return None,
                () = tokio::time::sleep(Duration::from_secs(1)) => {}
            }
        }
    }

    /// Has an environment looked at as the journal has it.
    pub fn wake(self: &Arc<Self>, environment: EnvironmentId) {
        self.wake_at(environment, NOW);
    }

    /// Has an environment looked at with so many of its events: by one task at a time, and once more if it is woken meanwhile.
    fn wake_at(self: &Arc<Self>, environment: EnvironmentId, events: i64) {
        match self.working.lock().unwrap_or_else(PoisonError::into_inner).entry(environment) {
            Entry::Occupied(mut again) => {
                let events = again.get().map_or(events, |known| known.max(events));
                again.insert(Some(events));
            }
            Entry::Vacant(first) => {
                first.insert(None);
                tokio::spawn(Arc::clone(self).work(environment, events));
            }
        }
    }

    async fn work(self: Arc<Self>, environment: EnvironmentId, mut events: i64) {
        let mut failures = 0;
        // Kept until it rests: those who came first are ready first, instead of all at the end.
        let mut turn = None;
        loop {
            match self.advance(environment, events, &mut turn).await {
                Ok(Next::Again) => {
                    // What it did itself it knows.
                    (failures, events) = (0, 0);
                    continue;
                }
                Ok(Next::After(pause)) => {
                    (failures, events, turn) = (0, NOW, None);
                    tokio::time::sleep(pause).await;
                    continue;
                }
                Ok(Next::Rest) => turn = None,
                Err(Fault::Journal(journal::JournalError::Closed)) => return,
                Err(fault) => {
                    (failures, events, turn) = (failures + 1, NOW, None);
                    tracing::error!(%environment, %fault, failures, "an environment could not be advanced; trying again");
                    tokio::time::sleep(pause(failures)).await;
                    continue;
                }
            }
            let mut working = self.working.lock().unwrap_or_else(PoisonError::into_inner);
            let Some(again) = working.get_mut(&environment).and_then(Option::take) else {
                working.remove(&environment);
                return;
            };
            events = again;
        }
    }

    /// Does the next thing an environment's state asks for, in a turn where that is done.
    async fn advance(&self, environment: EnvironmentId, events: i64, turn: &mut Option<Turn>) -> Result<Next, Fault> {
        let state = self.commands.environments.known_environment(environment, events).await?;
        if !matches!(&state, Environment::Provisioning(made) if made.placement.is_none()) {
            self.waiting().remove(&environment);
        }
        if let Some(made) = state.made()
            && self.is_elsewhere(made).await?
        {
            return Ok(Next::Rest);
        }
        if let Environment::Provisioning(made) = &state
            && made.placement.is_none()
            && self.enqueue(environment, made).await?
        {
            *turn = None;
            return self.queue(environment, made.request.is_nobodys()).await;
        }
        let (Environment::Provisioning(made) | Environment::TearingDown(made, _)) = &state else { return Ok(Next::Rest) };
        let lane = Lane::of(made.placement.as_ref());
        if turn.as_ref().is_none_or(|turn| turn.lane != lane) {
            *turn = None;
            *turn = Some(self.lanes.turn(lane).await);
            // It may be another state by now.
            return Ok(Next::Again);
        }
        match state {
            Environment::Provisioning(made) => self.provision(environment, made).await,
            Environment::TearingDown(made, _) => self.tear_down(environment, &made).await,
            Environment::Absent | Environment::Ready(_) | Environment::TornDown(_) | Environment::Stuck(..) => Ok(Next::Rest),
        }
    }

    /// Records something; whether it was accepted. A refusal means that the state has moved on: the next look at it tells where to.
    async fn record(&self, environment: EnvironmentId, command: impl Fn() -> EnvironmentCommand + Send + Sync) -> Result<bool, Fault> {
        self.record_all(environment, || [command()]).await
    }

    /// The same for what follows each other at once.
    async fn record_all<const N: usize>(
        &self,
        environment: EnvironmentId,
        commands: impl Fn() -> [EnvironmentCommand; N] + Send + Sync,
    ) -> Result<bool, Fault> {
        let outcome = self.commands.environments.record_all(&request(), environment, commands).await?;
        Ok(matches!(outcome, Outcome::Accepted(_)))
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<EnvironmentId, Need>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for the driver, but not for ever.
    async fn limited<T>(&self, what: &str, call: impl Future<Output = Result<T, DriverError>> + Send) -> Result<T, DriverError> {
        let ended = tokio::time::timeout(self.options.call, call).await;
        ended.unwrap_or_else(|_| Err(DriverError::Transient(format!("{what} did not end within {} s", self.options.call.as_secs_f32()))))
    }
}

/// Whether a cluster may take environments afterwards that it did not before.
const fn may_make_room(event: &ClusterEvent) -> bool {
    match event {
        ClusterEvent::Registered(_)
        | ClusterEvent::Revised { .. }
        | ClusterEvent::Assessed { .. }
        | ClusterEvent::CredentialsRotated { .. }
        | ClusterEvent::Uncordoned
        | ClusterEvent::PlaceReleased { .. }
        | ClusterEvent::Recovered { .. } => true,
        ClusterEvent::Cordoned
        | ClusterEvent::DrainStarted { .. }
        | ClusterEvent::Drained
        | ClusterEvent::RemovalStarted { .. }
        | ClusterEvent::Removed
        | ClusterEvent::PlaceReserved { .. }
        | ClusterEvent::LeftoversRemoved { .. }
        | ClusterEvent::Unreachable { .. }
        | ClusterEvent::Degraded { .. }
        | ClusterEvent::CapacityShort { .. }
        | ClusterEvent::CapacityRegained { .. } => false,
    }
}

pub(crate) fn outside(error: impl std::fmt::Display) -> Fault {
    Fault::Outside(error.to_string())
}

/// As whom it works.
fn request() -> Request {
    Request::system("environments_saga")
}

/// Longer after each failure, and never the same for two.
fn pause(failures: u32) -> Duration {
    let most = 200u64 << failures.min(7);
    Duration::from_millis(rand::random_range(most / 2..=most))
}
