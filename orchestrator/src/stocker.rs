//! Keeps environments ready ahead of their sessions: as many of a workshop as are reserved for it, and more where many start, within
//! a budget for all. One node does it, the one that holds the lease. What it decides, it decides on the pool's own stream, where
//! sessions take what is there; so what it knows may be old, and nothing is made, taken or ended twice.

mod sizes;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use commands::{Commands, Fault, Request};
use domain::{
    environments::{
        cluster::{Cluster, ClusterEvent, Health, Schedule},
        environment::{Environment, EnvironmentEvent, Made, Placement, TeardownReason},
        pool::PoolEvent,
    },
    fact::Fact,
    kernel::{Digest, EnvironmentId, WorkshopId},
    workshops::workshop::{Workshop, WorkshopEvent},
};
use futures_util::{StreamExt, stream::BoxStream};
use journal::{Journal, JournalError, Position, Recorded};
use projections::{
    Projections,
    environments::{clusters, environments, pools},
    learning::sessions,
};
use tokio::sync::watch;

use self::sizes::{Wanted, sizes};
use crate::{saga::outside, sites::Sites};

/// Under which name one node does it.
const LEASE: &str = "pools";
/// How long it holds.
const HELD: Duration = Duration::from_secs(30);
/// How long after something happened it is looked at: much happens together.
const SOON: Duration = Duration::from_millis(50);
/// How long after one was taken: whoever has just begun is not to wait because others are made.
const AFTER_CLAIM: Duration = Duration::from_secs(1);
/// After the first that could not be made; twice as long after each further one, up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_secs(15);
const LONGEST: Duration = Duration::from_mins(10);

/// What may be made ahead.
#[derive(Clone, Copy, Debug)]
pub struct StockOptions {
    /// How many environments of all workshops together.
    pub budget: u32,
    /// How many started sessions of a workshop are counted: those of so long a time are made ahead again.
    pub demand: TimeDelta,
    /// How long one is kept for a session before it is made anew.
    pub kept: TimeDelta,
    /// How often pools are looked at if nothing happens.
    pub every: Duration,
}

impl Default for StockOptions {
    fn default() -> Self {
        Self { budget: 20, demand: TimeDelta::minutes(10), kept: TimeDelta::hours(12), every: Duration::from_secs(15) }
    }
}

/// Makes environments ahead.
pub struct Stocker {
    pub commands: Arc<Commands>,
    pub sites: Arc<Sites>,
    pub journal: Arc<dyn Journal>,
    pub projections: Arc<Projections>,
    pub options: StockOptions,
}

/// Workshops whose environments could not be made, how often in a row, and until when none is tried.
type Failures = HashMap<WorkshopId, (u32, Instant)>;

/// A workshop's pool as it is, and as it should be.
struct Stock {
    workshop: WorkshopId,
    /// Those that count: being made or ready, from what is published, and where sessions may begin. The ones to be kept first come
    /// first.
    usable: Vec<EnvironmentId>,
    /// On clusters that are not well: they may be again.
    idle: u32,
    /// Those that are of no use any more.
    spent: Vec<EnvironmentId>,
    /// Whether one of those could not be made.
    failed: bool,
    /// Whether all that count are ready.
    calm: bool,
    /// What they are made from; none, if there should be none.
    content: Option<Digest>,
    wanted: Wanted,
}

impl Stocker {
    /// Looks after pools until `stop` turns true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => {}
            () = self.follow() => {}
        }
    }

    async fn follow(&self) {
        let mut seen = Position(0);
        while let Err(error) = self.journal.head().await.map(|head| seen = head) {
            tracing::error!(%error, "pools could not be looked after; trying again");
            tokio::time::sleep(self.options.every).await;
        }
        let (mut due, mut failures) = (tokio::time::Instant::now(), Failures::new());
        let mut tail = self.tail(seen);
        loop {
            tokio::select! {
                event = tail.next() => match event {
                    Some(Ok(event)) => {
                        seen = event.position;
                        if let Some(pause) = pause(&event) {
                            due = due.min(tokio::time::Instant::now() + pause);
                        }
                    }
                    Some(Err(error)) => {
                        tracing::error!(%error, "the stocker could not read the journal; trying again");
                        tokio::time::sleep(SOON * 10).await;
                        tail = self.tail(seen);
                    }
                    None => return,
                },
                () = tokio::time::sleep_until(due) => {
                    if let Err(fault) = self.look(seen, &mut failures).await {
                        tracing::error!(%fault, "pools could not be looked after; trying again");
                    }
                    due = tokio::time::Instant::now() + self.options.every;
                }
            }
        }
    }

    fn tail(&self, after: Position) -> BoxStream<'static, Result<Arc<Recorded>, JournalError>> {
        Box::pin(journal::tail(Arc::clone(&self.journal), after))
    }

    /// Looks at all pools once, if that is this node's to do.
    async fn look(&self, seen: Position, failures: &mut Failures) -> Result<(), Fault> {
        // Where they are late, this is looked at again.
        let _ = self.projections.reached(seen, HELD / 3).await;
        let db = self.projections.db();
        let kept = pools::kept(db).await.map_err(outside)?;
        // Most installations have none, and a lease is written.
        if kept.is_empty() {
            return Ok(());
        }
        let Some(fence) = self.journal.lease(LEASE, &self.sites.node, HELD).await? else { return Ok(()) };
        let request = Request { fence: Some(fence), ..Request::system("stocker") };
        let starts = sessions::starts_by_workshop(db, commands::system_clock() - self.options.demand).await.map_err(outside)?;
        let mut stocks = Vec::with_capacity(kept.len());
        for row in kept {
            let workshop = WorkshopId(row.workshop);
            stocks.push(self.stock(workshop, starts.get(&workshop).copied().unwrap_or(0)).await?);
        }
        let sizes = sizes(self.options.budget, &stocks.iter().map(|stock| stock.wanted).collect::<Vec<_>>());
        let waiting = environments::waiting_before(db, i64::MAX).await.map_err(outside)?;
        for (stock, size) in stocks.into_iter().zip(sizes) {
            let workshop = stock.workshop;
            // One that cannot be looked after keeps no other, unless another node does it by now.
            match self.fit(&request, stock, size, waiting == 0, failures).await {
                Err(fault @ Fault::Journal(JournalError::Fenced(_))) => return Err(fault),
                Err(fault) => tracing::error!(%workshop, %fault, "a pool could not be looked after"),
                Ok(()) => {}
            }
        }
        Ok(())
    }

    /// A pool as it is.
    async fn stock(&self, workshop: WorkshopId, starts: u64) -> Result<Stock, Fault> {
        let pool = self.commands.environments.pool(workshop).await?;
        let published = match self.commands.workshops.workshop(workshop).await? {
            Workshop::Live(live) => live.published.map(|(_, edition)| edition).filter(|edition| edition.outline.lifetime.is_some()),
            Workshop::Absent | Workshop::Archived { .. } => None,
        };
        let content = published.map(|edition| edition.content).filter(|_| pool.wanted() > 0);
        let (mut ready, mut preparing, mut idle, mut spent, mut failed) = (vec![], vec![], 0, vec![], false);
        for (environment, made_of) in pool.members() {
            let state = self.commands.environments.environment(environment).await?;
            let (Environment::Provisioning(made) | Environment::Ready(made)) = &state else {
                // Of one that is gone already it is not known why.
                failed |= !matches!(state, Environment::TearingDown(_, TeardownReason::Forced | TeardownReason::ClusterRemoved));
                spent.push(environment);
                continue;
            };
            let is_current = content.as_ref() == Some(made_of) && commands::system_clock() < made.request.expires_at;
            match (self.standing(made).await?, is_current) {
                (Some(false), _) => idle += 1,
                (None, _) | (_, false) => spent.push(environment),
                (Some(true), true) if matches!(state, Environment::Ready(_)) => ready.push(environment),
                (Some(true), true) => preparing.push(environment),
            }
        }
        let calm = preparing.is_empty();
        ready.append(&mut preparing);
        let least = content.as_ref().map_or(0, |_| pool.wanted());
        // What runs need is known; how many start tells nothing about how many more will.
        let follows = least > 0 && pool.reserved() > 0;
        let wanted = Wanted { least, demand: if follows { u32::try_from(starts).unwrap_or(u32::MAX) } else { 0 } };
        Ok(Stock { workshop, usable: ready, idle, spent, failed, calm, content, wanted })
    }

    /// Whether sessions may begin where an environment is; none, if that will not come back by itself.
    async fn standing(&self, made: &Made) -> Result<Option<bool>, Fault> {
        let Some(cluster) = made.placement.as_ref().and_then(Placement::cluster) else { return Ok(Some(true)) };
        Ok(match self.commands.environments.cluster(cluster).await? {
            Cluster::Member(member) if member.schedule == Schedule::Open => Some(member.health == Health::Healthy),
            Cluster::Member(_) | Cluster::Absent | Cluster::Removed => None,
        })
    }

    /// Has what is of no use or too much ended, and what is missing made.
    async fn fit(&self, request: &Request, stock: Stock, size: u32, free: bool, failures: &mut Failures) -> Result<(), Fault> {
        let Stock { workshop, mut usable, idle, spent, failed, calm, content, .. } = stock;
        let there = usable.len();
        let surplus = usable.split_off(there.min(size as usize));
        for environment in spent.into_iter().chain(surplus) {
            tracing::info!(%workshop, %environment, "an environment that was made ahead is not needed");
            self.commands.environments.unstock(request, workshop, environment).await?;
        }
        if failed {
            let (times, until) = failures.entry(workshop).or_insert((0, Instant::now()));
            *times += 1;
            *until = Instant::now() + LONGEST.min(SHORTEST * (1 << (*times - 1).min(10)));
            tracing::warn!(%workshop, times, "environments could not be made ahead; none is tried for a while");
        } else if calm && there > 0 {
            failures.remove(&workshop);
        }
        let Some(content) = content.filter(|_| free && there < size as usize) else { return Ok(()) };
        let waits = failures.get(&workshop).is_some_and(|(_, until)| Instant::now() < *until);
        if waits {
            return Ok(());
        }
        let missing = u32::try_from(size as usize - there).unwrap_or(u32::MAX);
        for _ in 0..self.room(&content, missing).await? {
            let most = size.saturating_add(idle);
            self.commands.environments.stock(request, workshop, &content, most, self.options.kept).await?;
        }
        Ok(())
    }

    /// How many environments for this content there is room for now, up to `most`.
    async fn room(&self, content: &Digest, most: u32) -> Result<u32, Fault> {
        let needs = self.commands.workshops.content(content).await?.environment.clone().unwrap_or_default();
        let rows = clusters::registered(self.projections.db()).await.map_err(outside)?;
        Ok(self.sites.room(&needs, &rows, most))
    }
}

/// How long after an event pools are looked at; none, if it makes no difference to them.
fn pause(event: &Recorded) -> Option<Duration> {
    let matters = match Fact::read(&event.stream.kind, &event.name, event.version, event.payload.as_str()) {
        Ok(Fact::Pool(PoolEvent::Claimed { .. })) => return Some(AFTER_CLAIM),
        Ok(Fact::Pool(event)) => matches!(event, PoolEvent::Reserved { .. } | PoolEvent::Needed { .. }),
        Ok(Fact::Workshop(event)) => matches!(event, WorkshopEvent::Published { .. } | WorkshopEvent::Archived),
        Ok(Fact::Environment(event)) => matches!(event, EnvironmentEvent::TeardownStarted { .. }),
        Ok(Fact::Cluster(event)) => matches!(
            event,
            ClusterEvent::Registered(_)
                | ClusterEvent::Uncordoned
                | ClusterEvent::Cordoned
                | ClusterEvent::DrainStarted { .. }
                | ClusterEvent::PlaceReleased { .. }
                | ClusterEvent::Recovered { .. }
                | ClusterEvent::Unreachable { .. }
                | ClusterEvent::Degraded { .. }
        ),
        _ => false,
    };
    matters.then_some(SOON)
}
