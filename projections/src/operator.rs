//! What an operator's command sees and does of a generation beside the nodes that serve it.

use chrono_tz::Tz;
use journal::History;

use crate::{
    Place, ProjectionError, ReadModelStatus, checkpoints,
    place::Generation,
    registry,
    store::{self, Purpose, Store},
};

/// Where each read model of this build's generation stands, from its checkpoints.
///
/// # Errors
/// There is no such generation yet, or the database or the journal does not answer.
pub async fn status(place: &Place, time_zone: Tz, history: &dyn History) -> Result<Vec<ReadModelStatus>, ProjectionError> {
    let store = look(place, time_zone).await?;
    let checkpoints = checkpoints::load(&store.reader).await;
    store.close().await;
    let (checkpoints, head) = (checkpoints?, history.head().await?);
    let status = registry::read_models(time_zone).into_iter().map(|model| {
        let checkpoint = checkpoints.get(model.name()).cloned().unwrap_or_default();
        ReadModelStatus::of(model.name(), model.version(), &checkpoint, head)
    });
    Ok(status.collect())
}

/// Lets a parked read model of this build's generation try again; whether it was parked. The node that folds looks for it
/// every second.
///
/// # Errors
/// There is no such generation or read model, or the database does not answer.
pub async fn resume(place: &Place, time_zone: Tz, name: &str) -> Result<bool, ProjectionError> {
    registry::only(time_zone, &[name])?;
    let store = look(place, time_zone).await?;
    let resumed = checkpoints::resume(&store.writer, name).await;
    store.close().await;
    Ok(resumed?)
}

/// Opens a generation that is there.
async fn look(place: &Place, time_zone: Tz) -> Result<Store, ProjectionError> {
    let generation = Generation::of(place, &registry::read_models(time_zone));
    let absent = || ProjectionError::Absent { generation: generation.to_string() };
    if matches!(&generation, Generation::File(path) if !path.exists()) {
        return Err(absent());
    }
    let store = Store::init(&generation, 1, Purpose::Looking).await?;
    if store::is_there(&generation, &store).await? {
        return Ok(store);
    }
    store.close().await;
    Err(absent())
}
