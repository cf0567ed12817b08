//! Follows the journal: reads pages, has the read models fold them, and moves their checkpoints. Where several nodes share
//! a generation, one of them does so, and the others follow its checkpoints.

mod advance;
mod feed;
mod origin;
mod start;
mod status;
mod turn;
mod wait;
mod window;

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use chrono::Utc;
use chrono_tz::Tz;
use journal::{History, JournalError, Position};
use sea_orm::{DatabaseConnection, DbErr};
pub use status::{ReadModelState, ReadModelStatus};
use tokio::sync::watch;

use crate::{
    Place, ProjectionError,
    booking::catalogue::Catalogue,
    checkpoints::Checkpoint,
    lease::Lease,
    place::Generation,
    projector::{Incoming, Projector},
    store::{self, Store},
};

/// Events in a page, once the read models have caught up.
pub(crate) const PAGE: u32 = 1000;
/// How much longer a page is while they catch up.
const LONGER: u32 = 5;

/// What read models are opened with.
#[derive(Clone, Debug)]
pub struct ProjectionOptions {
    /// Where generations are kept.
    pub place: Place,
    /// In which days, weeks and months of the leaderboard begin.
    pub time_zone: Tz,
    /// Connections that answer queries.
    pub readers: u32,
    /// How long a generation stays that no node has used; some of them may still run the build before.
    pub grace: Duration,
}

impl ProjectionOptions {
    /// With four readers and an hour of grace, in UTC.
    #[must_use]
    pub const fn new(place: Place) -> Self {
        Self { place, time_zone: Tz::UTC, readers: 4, grace: Duration::from_hours(1) }
    }
}

/// The read models of this process: one runner that writes, any number of queries that read.
pub struct Projections {
    history: Arc<dyn History>,
    head: watch::Receiver<Position>,
    models: Vec<Box<dyn Projector>>,
    generation: Generation,
    time_zone: Tz,
    grace: Duration,
    store: Store,
    lease: Lease,
    checkpoints: Mutex<Vec<Checkpoint>>,
    /// When the last long page was written.
    pace: Mutex<Option<Instant>>,
    level: watch::Sender<Position>,
    running: tokio::sync::Mutex<()>,
    alive: AtomicBool,
    page: u32,
    /// About how many bytes rows may take that are held back.
    room: usize,
    /// Runs as they are discovered.
    catalogue: Catalogue,
}

/// Why a round did not come to its end; the next one tries again.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error("cannot read the journal: {0}")]
    Journal(#[from] JournalError),
    #[error("cannot write the read models: {0}")]
    Database(#[from] DbErr),
    #[error("another node folds the read models now")]
    Fenced,
    #[error("the database has not what was committed last")]
    Forgotten,
    #[error("the database does not answer")]
    Stalled,
}

impl From<Fault> for ProjectionError {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Journal(error) => Self::Journal(error),
            Fault::Database(error) => Self::Database(error),
            Fault::Fenced => Self::Database(DbErr::Custom("another process writes these read models".into())),
            Fault::Forgotten => Self::Database(DbErr::Custom("what was committed last is not there".into())),
            Fault::Stalled => Self::Database(DbErr::Custom("no answer".into())),
        }
    }
}

impl Projections {
    /// Follows the journal until `shutdown`. A fault is tried again, later each time; a page is never left half-way. On a
    /// generation that another node folds, follows that one and takes over when it is gone.
    pub async fn run(self: Arc<Self>, shutdown: impl Future<Output = ()> + Send) {
        let _only = self.running.lock().await;
        let _alive = Alive::new(&self.alive);
        let mut head = self.head.clone();
        let mut turns = turn::Turns::default();
        tokio::pin!(shutdown);
        loop {
            head.mark_unchanged();
            let began = tokio::time::Instant::now();
            let next = self.turn(&mut turns).await;
            if wait::until(next, began, &mut head, shutdown.as_mut()).await.is_break() {
                break;
            }
        }
        if self.lease.held()
            && let Err(error) = self.lease.release(&self.store.writer).await
        {
            tracing::debug!(%error, "the lease on the read models ends by itself");
        }
    }

    /// One page for each group of read models at the same position, the furthest first; whether there may be more.
    async fn round(&self, feed: &mut feed::Feed) -> Result<bool, Fault> {
        let head = self.head();
        let mut more = false;
        let groups = self.groups();
        let is_only = groups.len() == 1;
        for group in groups {
            let events = feed.page(self, &group, is_only.then_some(head)).await?;
            if let Some(last) = events.last() {
                let last = last.event.position;
                self.fold(feed, &group, &events, head.max(last)).await?;
                // What is held back is written when nothing comes after it.
                more |= last < head || feed.window.is_some();
                let head = head.max(last);
                self.publish(head, Utc::now());
            } else {
                self.end_window(feed.window.take()).await?;
            }
        }
        self.publish(head, Utc::now());
        Ok(more)
    }

    /// Folds up to `until` and no further; `seen` is told how far it came.
    pub(crate) async fn fill(&self, until: Position, seen: impl Fn(Position)) -> Result<(), ProjectionError> {
        let mut feed = feed::Feed::default();
        while let Some(group) = self.groups().into_iter().find(|group| group.position < until) {
            let group = Group { until: Some(until), ..group };
            let events = feed.page(self, &group, Some(until)).await?;
            if events.is_empty() {
                self.end_window(feed.window.take()).await?;
                break;
            }
            self.fold(&mut feed, &group, &events, until).await?;
            seen(self.groups().last().map_or(group.position, |group| group.position));
        }
        self.publish(until, Utc::now());
        match self.status().into_iter().find_map(|status| Some((status.name, status.position, status.parked?))) {
            Some((name, position, reason)) => Err(ProjectionError::Parked { name, position, reason }),
            None => Ok(()),
        }
    }

    /// Holds a page back where that is worth while, and writes it otherwise.
    async fn fold(&self, feed: &mut feed::Feed, group: &Group, events: &[Incoming], head: Position) -> Result<(), Fault> {
        let Some(window) = feed.window.take() else { return self.take(&group.members, events, head).await };
        match self.gather(window, events, head).await {
            Ok(window) => feed.window = window,
            // By pages it is found out whose row it is, and at which event.
            Err(Fault::Database(error)) if advance::is_lasting(&error) => feed.page_by_page(events.last().map(|last| last.event.position)),
            Err(fault) => return Err(fault),
        }
        Ok(())
    }

    /// Read models that go on, by position; each group reads no further than to where the next one stands.
    fn groups(&self) -> Vec<Group> {
        let mut groups: std::collections::BTreeMap<Position, Vec<usize>> = std::collections::BTreeMap::new();
        for (model, checkpoint) in self.checkpoints().iter().enumerate().filter(|(_, checkpoint)| checkpoint.parked.is_none()) {
            groups.entry(checkpoint.position).or_default().push(model);
        }
        let mut until = None;
        let from_the_front = groups.into_iter().rev();
        from_the_front.map(|(position, members)| Group { position, members, until: until.replace(position) }).collect()
    }

    fn checkpoints(&self) -> std::sync::MutexGuard<'_, Vec<Checkpoint>> {
        self.checkpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn head(&self) -> Position {
        *self.head.borrow()
    }

    async fn remove_other_generations(&self) {
        match store::remove_others(&self.store.writer, &self.generation, self.grace).await {
            Ok(0) => {}
            Ok(generations) => tracing::info!(generations, "removed read models that no build uses any more"),
            Err(error) => tracing::warn!(%error, "read models of other generations stay"),
        }
    }

    /// For queries; nothing can be written through it.
    #[must_use]
    pub const fn db(&self) -> &DatabaseConnection {
        &self.store.reader
    }

    /// Runs as they are discovered.
    #[must_use]
    pub const fn catalogue(&self) -> &Catalogue {
        &self.catalogue
    }

    /// In which days, weeks and months of the leaderboard begin.
    #[must_use]
    pub const fn time_zone(&self) -> Tz {
        self.time_zone
    }

    /// Whether the runner runs.
    #[must_use]
    pub fn alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    /// Whether it is this process that folds; on a shared generation one does at a time.
    #[must_use]
    pub fn folds(&self) -> bool {
        self.alive() && self.lease.held()
    }

    /// Closes the file or the connections. Stop the runner first.
    pub async fn close(&self) {
        self.store.close().await;
    }
}

/// Read models at the same position.
struct Group {
    position: Position,
    members: Vec<usize>,
    until: Option<Position>,
}

/// Says that the runner runs, for as long as it does.
struct Alive<'a>(&'a AtomicBool);

impl<'a> Alive<'a> {
    fn new(flag: &'a AtomicBool) -> Self {
        flag.store(true, Ordering::Release);
        Self(flag)
    }
}

impl Drop for Alive<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests;
