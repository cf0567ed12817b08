//! Read models as of a position, in a file of their own.

mod still;

use std::{path::Path, sync::Arc};

use chrono_tz::Tz;
use journal::{History, Position};

use self::still::Still;
use crate::{ProjectionError, Projections, registry, runner::PAGE};

/// The names of all read models.
#[must_use]
pub fn read_model_names() -> Vec<&'static str> {
    registry::read_models(Tz::UTC).iter().map(|model| model.name()).collect()
}

/// Fills the file at `path`, which must not exist, with all read models as of `until` (or the head), and leaves it open for
/// queries. No effect follows from it: a fold has none.
///
/// # Errors
/// The file cannot be used or exists, the journal cannot be read, or a read model cannot take an event.
pub async fn rebuild_into(
    path: &Path,
    history: Arc<dyn History>,
    time_zone: Tz,
    until: Option<Position>,
) -> Result<Projections, ProjectionError> {
    replay_into(path, history, time_zone, until, &[]).await
}

/// As [`rebuild_into`], with the read models named in `only`; all, if it is empty.
///
/// # Errors
/// As [`rebuild_into`].
pub async fn replay_into(
    path: &Path,
    history: Arc<dyn History>,
    time_zone: Tz,
    until: Option<Position>,
    only: &[String],
) -> Result<Projections, ProjectionError> {
    std::fs::File::create_new(path).map_err(|source| ProjectionError::Path { path: path.to_owned(), source })?;
    let until = match until {
        Some(position) => position,
        None => history.head().await?,
    };
    let mut models = registry::read_models(time_zone);
    models.retain(|model| only.is_empty() || only.iter().any(|name| name == model.name()));
    let projections = Projections::open(Arc::new(Still(history)), models, path, time_zone, 1, PAGE).await?;
    projections.fill(until).await?;
    Ok(projections)
}
