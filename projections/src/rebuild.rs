//! Read models as of a position, in a file of their own.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use journal::{History, Position};
use tokio::sync::watch;

use crate::{
    ProjectionError, Projections,
    place::Generation,
    registry,
    runner::PAGE,
    store::{self, Purpose},
};

/// How far a rebuild goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// To the last event there is when it begins.
    #[default]
    Head,
    /// To this event; the head, if there are fewer.
    Position(Position),
    /// To the last event recorded at or before this instant.
    At(DateTime<Utc>),
}

/// How far a rebuild has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The last event that all read models have taken.
    pub position: Position,
    /// Where it ends.
    pub until: Position,
}

/// What is rebuilt.
#[derive(Clone, Debug)]
pub struct RebuildOptions {
    /// In which days, weeks and months of the leaderboard begin.
    pub time_zone: Tz,
    /// How far.
    pub until: Until,
    /// Only read models of these names; absent: all. [`crate::names`] lists them.
    pub only: Option<Vec<&'static str>>,
    /// Told how far it has come, after each page.
    pub progress: Option<watch::Sender<Progress>>,
}

impl Default for RebuildOptions {
    fn default() -> Self {
        Self { time_zone: Tz::UTC, until: Until::Head, only: None, progress: None }
    }
}

impl Until {
    /// The event it means.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub async fn position(self, history: &dyn History) -> Result<Position, journal::JournalError> {
        match self {
            Self::Head => history.head().await,
            Self::Position(position) => Ok(position.min(history.head().await?)),
            Self::At(at) => history.position_at(at).await,
        }
    }
}

/// Fills the file at `path`, which must not exist, with read models as of an instant, and leaves it open for queries. When
/// it is closed, the file stands by itself. No effect follows from it: a fold has none. A rebuild that fails, or is dropped
/// before its end, leaves no file.
///
/// # Errors
/// The file cannot be used or exists, the journal cannot be read, or a read model cannot take an event.
pub async fn rebuild_into(path: &Path, history: Arc<dyn History>, options: RebuildOptions) -> Result<Projections, ProjectionError> {
    let RebuildOptions { time_zone, until, only, progress } = options;
    let models = match &only {
        Some(names) => registry::only(time_zone, names)?,
        None => registry::read_models(time_zone),
    };
    let until = until.position(history.as_ref()).await?;
    std::fs::File::create_new(path).map_err(|source| ProjectionError::Path { path: path.to_owned(), source })?;
    let unfinished = Unfinished(Some(path.to_owned()));
    let (_, head) = watch::channel(until);
    let generation = Generation::File(path.to_owned());
    let projections = Projections::open((history, head), models, generation, time_zone, (2, PAGE), Purpose::Filling).await?;
    let tell = |position| {
        if let Some(progress) = &progress {
            progress.send_replace(Progress { position, until });
        }
    };
    tell(Position(0));
    projections.fill(until, tell).await?;
    tell(until);
    unfinished.keep();
    Ok(projections)
}

/// A file that is removed unless it is finished.
struct Unfinished(Option<PathBuf>);

impl Unfinished {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if let Some(path) = &self.0
            && let Err(error) = store::remove_file(path)
        {
            tracing::warn!(path = %path.display(), %error, "an unfinished rebuild stays on disk");
        }
    }
}
