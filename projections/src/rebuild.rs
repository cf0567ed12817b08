//! Read models as of a position, in a file of their own.

use std::{path::Path, sync::Arc};

use chrono_tz::Tz;
use journal::{Journal, Position};

use crate::{ProjectionError, Projections, registry, runner::PAGE};

/// Fills the file at `path`, which must not exist, with all read models as of `until` (or the head), and leaves it open for
/// queries. No effect follows from it: a fold has none.
///
/// # Errors
/// The file cannot be used or exists, the journal cannot be read, or a read model cannot take an event.
pub async fn rebuild_into(
    path: &Path,
    journal: Arc<dyn Journal>,
    time_zone: Tz,
    until: Option<Position>,
) -> Result<Projections, ProjectionError> {
    std::fs::File::create_new(path).map_err(|source| ProjectionError::Path { path: path.to_owned(), source })?;
    let until = match until {
        Some(position) => position,
        None => journal.head().await?,
    };
    let projections = Projections::open(journal, registry::read_models(time_zone), path, time_zone, 1, PAGE).await?;
    projections.fill(until).await?;
    Ok(projections)
}
