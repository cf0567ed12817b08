//! What a request is answered from: the read models as they are or, below `asOf`, as they were.

use std::sync::{Arc, OnceLock};

use chrono::Utc;
use domain::kernel::Timestamp;
use projections::{DatabaseConnection, Projections, Tz, booking::catalogue::Catalogue, time_travel::Past};

use crate::failure::{Failure, Result};

/// The read models of one request. Clones see the same instant.
#[derive(Clone)]
pub(crate) struct ReadModels {
    now: Arc<Projections>,
    then: Arc<OnceLock<(Timestamp, Arc<Past>)>>,
}

impl ReadModels {
    pub(crate) fn new(now: Arc<Projections>) -> Self {
        Self { now, then: Arc::default() }
    }

    /// From here on the request is about an instant that has gone by.
    ///
    /// # Errors
    /// It was about another one before; `limits` keeps such requests out.
    pub(crate) fn go_back(&self, at: Timestamp, past: Arc<Past>) -> Result<()> {
        self.then.set((at, past)).map_err(|_| Failure::Internal("a request is about two instants".into()))
    }

    pub(crate) fn db(&self) -> &DatabaseConnection {
        self.then.get().map_or_else(|| self.now.db(), |(_, past)| past.db())
    }

    /// Runs as they are discovered.
    pub(crate) fn catalogue(&self) -> &Catalogue {
        self.then.get().map_or_else(|| self.now.catalogue(), |(_, past)| past.catalogue())
    }

    /// The instant that the request is about.
    pub(crate) fn at(&self) -> Timestamp {
        self.then.get().map_or_else(Utc::now, |(at, _)| *at)
    }

    pub(crate) fn time_zone(&self) -> Tz {
        self.now.time_zone()
    }
}
