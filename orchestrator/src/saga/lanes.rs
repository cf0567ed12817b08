//! How many environments are worked on at once, at each place: one that is slow keeps no other waiting.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{environments::environment::Placement, kernel::ClusterId};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// On this host: what its processors can do.
const HERE: usize = 8;

/// Where work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Lane {
    Here,
    Cluster(ClusterId),
}

impl Lane {
    pub(super) fn of(placement: Option<&Placement>) -> Self {
        placement.and_then(Placement::cluster).map_or(Self::Here, Self::Cluster)
    }
}

/// Whoever has one works; dropping it lets the next begin.
pub(super) struct Turn {
    pub(super) lane: Lane,
    _permit: Option<OwnedSemaphorePermit>,
}

/// Lanes, made as they are needed.
pub(super) struct Lanes {
    at_once: usize,
    all: Mutex<HashMap<Lane, Arc<Semaphore>>>,
}

impl Lanes {
    /// `at_once` environments per cluster.
    pub(super) fn new(at_once: usize) -> Self {
        Self { at_once, all: Mutex::default() }
    }

    /// Waits for a turn; those who came first have theirs first.
    pub(super) async fn turn(&self, lane: Lane) -> Turn {
        let places = if lane == Lane::Here { HERE } else { self.at_once };
        let semaphore = {
            let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(lane).or_insert_with(|| Arc::new(Semaphore::new(places))))
        };
        // Never closed.
        Turn { lane, _permit: semaphore.acquire_owned().await.ok() }
    }
}
