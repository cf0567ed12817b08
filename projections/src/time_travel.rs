//! Read models as of an instant, for queries into the past: a bounded cache of files, each with only the read models asked
//! for, built in the background.

mod shelf;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use domain::kernel::AccountId;
use journal::{History, JournalError, Position};
use sea_orm::DatabaseConnection;
use shelf::{Shelf, Slot};
use tokio::sync::watch;
use uuid::Uuid;

use crate::{
    Progress, ProjectionError, Projections, RebuildOptions, Until, booking::catalogue::Catalogue, names, rebuild_into, registry, store,
};

/// What files of the past are called, before a number.
const PREFIX: &str = "past-";

/// How much may be kept and built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Builds at once.
    pub builds: usize,
    /// Builds at once for one account.
    pub per_account: usize,
    /// Files kept.
    pub files: usize,
    /// Bytes of all files kept. The one built last stays, however large.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { builds: 2, per_account: 1, files: 16, bytes: 2 << 30 }
    }
}

/// Why the past cannot be looked at now.
#[derive(Debug, thiserror::Error)]
pub enum Unready {
    /// It is being built; ask again.
    #[error("read models as of then are being built: {} of {} events", progress.position, progress.until)]
    Building {
        /// How far it has come.
        progress: Progress,
    },
    /// The account has as many builds going on as it may.
    #[error("an account may have {limit} builds at once")]
    QuotaExceeded {
        /// How many.
        limit: usize,
    },
    /// As many builds go on as may.
    #[error("{limit} builds go on already; try again")]
    Busy {
        /// How many.
        limit: usize,
    },
    /// The build failed. The next time it is tried again.
    #[error("read models as of then cannot be built: {0}")]
    Failed(String),
    /// There is no such read model, or the journal cannot be read.
    #[error(transparent)]
    Fault(#[from] ProjectionError),
}

impl From<JournalError> for Unready {
    fn from(error: JournalError) -> Self {
        Self::Fault(error.into())
    }
}

/// Read models as they were.
pub struct Past {
    projections: Projections,
    path: PathBuf,
    bytes: u64,
    position: Position,
    at: Option<DateTime<Utc>>,
}

impl Past {
    /// For queries; only the tables of the read models asked for are there.
    #[must_use]
    pub const fn db(&self) -> &DatabaseConnection {
        self.projections.db()
    }

    /// Runs as they were discovered.
    #[must_use]
    pub const fn catalogue(&self) -> &Catalogue {
        self.projections.catalogue()
    }

    /// In which days, weeks and months of the leaderboard begin.
    #[must_use]
    pub const fn time_zone(&self) -> Tz {
        self.projections.time_zone()
    }

    /// The last event they have taken; 0 before the first.
    #[must_use]
    pub const fn position(&self) -> Position {
        self.position
    }

    /// When that event was recorded.
    #[must_use]
    pub const fn at(&self) -> Option<DateTime<Utc>> {
        self.at
    }
}

impl Drop for Past {
    fn drop(&mut self) {
        if let Err(error) = store::remove_file(&self.path) {
            tracing::warn!(path = %self.path.display(), %error, "a file of the past stays on disk");
        }
    }
}

/// Looks into the past. Cheap to clone.
#[derive(Clone)]
pub struct TimeTravel {
    directory: PathBuf,
    history: Arc<dyn History>,
    time_zone: Tz,
    limits: Limits,
    shelf: Arc<Mutex<Shelf>>,
}

impl TimeTravel {
    /// Keeps files in a directory of its own, which is made if it is not there; what a process before left in it is removed.
    ///
    /// # Errors
    /// The directory cannot be used.
    pub fn new(directory: &Path, history: Arc<dyn History>, time_zone: Tz, limits: Limits) -> Result<Self, ProjectionError> {
        let failed = |source| ProjectionError::Path { path: directory.to_owned(), source };
        std::fs::create_dir_all(directory).map_err(failed)?;
        for entry in std::fs::read_dir(directory).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_name().to_str().is_some_and(|name| name.starts_with(PREFIX)) {
                std::fs::remove_file(entry.path()).map_err(failed)?;
            }
        }
        Ok(Self { directory: directory.to_owned(), history, time_zone, limits, shelf: Arc::default() })
    }

    /// Read models of these names as of an instant, if they are there; if not, begins to build them. Instants between which
    /// nothing was recorded are the same.
    ///
    /// # Errors
    /// Not ready, not allowed now, or a fault; see [`Unready`].
    pub async fn open(&self, by: AccountId, at: DateTime<Utc>, wanted: &[&str]) -> Result<Arc<Past>, Unready> {
        registry::only(self.time_zone, wanted)?;
        let wanted: BTreeSet<&'static str> = names().into_iter().filter(|name| wanted.contains(name)).collect();
        let position = Until::At(at).position(self.history.as_ref()).await?;
        let mut places = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        match places.find(position, &wanted) {
            Some(Slot::Kept(past)) => return Ok(past),
            Some(Slot::Building(progress)) => return Err(Unready::Building { progress }),
            Some(Slot::Failed(why)) => return Err(Unready::Failed(why)),
            None => {}
        }
        let (all, of_account) = places.builds(by);
        if of_account >= self.limits.per_account {
            return Err(Unready::QuotaExceeded { limit: self.limits.per_account });
        }
        if all >= self.limits.builds {
            return Err(Unready::Busy { limit: self.limits.builds });
        }
        let begun = Progress { position: Position(0), until: position };
        let (sender, progress) = watch::channel(begun);
        let build = tokio::spawn(self.clone().build(position, wanted.clone(), sender));
        places.begin(position, wanted, by, progress, build.abort_handle());
        Err(Unready::Building { progress: begun })
    }

    /// As [`TimeTravel::open`], and waits so long for a build that goes on.
    ///
    /// # Errors
    /// As there.
    pub async fn open_within(&self, by: AccountId, at: DateTime<Utc>, wanted: &[&str], patience: Duration) -> Result<Arc<Past>, Unready> {
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            let changed = self.shelf.lock().unwrap_or_else(PoisonError::into_inner).watch();
            let opened = self.open(by, at, wanted).await;
            let Err(Unready::Building { .. }) = opened else { return opened };
            if tokio::time::timeout_at(deadline, changed).await.is_err() {
                return opened;
            }
        }
    }

    /// Ends what is being built, and removes the files once nobody looks at them.
    pub fn close(&self) {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    async fn build(self, position: Position, wanted: BTreeSet<&'static str>, progress: watch::Sender<Progress>) {
        let built = self.try_build(position, &wanted, progress).await;
        let mut places = self.shelf.lock().unwrap_or_else(PoisonError::into_inner);
        match built {
            Ok(past) => places.keep(position, &wanted, Arc::new(past), self.limits),
            Err(error) => {
                tracing::warn!(%error, %position, "read models of the past cannot be built");
                places.fail(position, &wanted, error.to_string());
            }
        }
    }

    async fn try_build(
        &self,
        position: Position,
        wanted: &BTreeSet<&'static str>,
        progress: watch::Sender<Progress>,
    ) -> Result<Past, ProjectionError> {
        let path = self.directory.join(format!("{PREFIX}{}.db", Uuid::now_v7().simple()));
        let last = self.history.read_raw(Position((position.0 - 1).max(0)), u32::from(position.0 > 0)).await?;
        let options = RebuildOptions {
            time_zone: self.time_zone,
            until: Until::Position(position),
            only: Some(wanted.iter().copied().collect()),
            progress: Some(progress),
        };
        let projections = rebuild_into(&path, Arc::clone(&self.history), options).await?;
        let bytes = std::fs::metadata(&path).map_or(0, |file| file.len());
        let at = last.first().and_then(|event| DateTime::from_timestamp_micros(event.recorded_at));
        Ok(Past { projections, path, bytes, position, at })
    }
}

#[cfg(test)]
mod tests;
