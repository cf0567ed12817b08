//! What a request is answered from: the read models as they are or, below `asOf`, as they were.

use std::sync::{Arc, OnceLock};

use chrono::Utc;
use domain::kernel::Timestamp;
use projections::{DatabaseConnection, Projections, Tz};

/// The read models of one request. Clones see the same instant.
#[derive(Clone)]
pub(crate) struct ReadModels {
    now: Arc<Projections>,
    then: Arc<OnceLock<Then>>,
}

/// An instant that has gone by.
struct Then {
    at: Timestamp,
    db: DatabaseConnection,
}

impl ReadModels {
    pub(crate) fn new(now: Arc<Projections>) -> Self {
        Self { now, then: Arc::default() }
    }

    pub(crate) fn db(&self) -> &DatabaseConnection {
        self.then.get().map_or_else(|| self.now.db(), |then| &then.db)
    }

    /// The instant that the request is about.
    pub(crate) fn at(&self) -> Timestamp {
        self.then.get().map_or_else(Utc::now, |then| then.at)
    }

    pub(crate) fn time_zone(&self) -> Tz {
        self.now.time_zone()
    }
}
