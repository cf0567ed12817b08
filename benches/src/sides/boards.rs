//! All read models, folded from the first event on.

use std::{path::PathBuf, sync::Arc, time::Instant};

use journal::Journal;
use load::{Fault, Figures, serve};
use projections::{ProjectionOptions, Projections, Tz};

use crate::store::Store;

/// Longer than any rebuild takes.
const PATIENCE: std::time::Duration = std::time::Duration::from_hours(1);

pub(super) async fn rebuild(store: &Store) -> Result<(), Fault> {
    let vault = store.vault().await?;
    let journal = store.journal(&vault).await?;
    let journal = &journal;
    serve(|_| async move {
        discard(store)?;
        let begun = Instant::now();
        let projections = open(store, journal).await?;
        let head = journal.head().await?;
        let level = projections.clone();
        let stop = async move {
            // Who is not there by then is told below.
            let _ = level.reached(head, PATIENCE).await;
        };
        projections.clone().run(stop).await;
        let taken = begun.elapsed();
        if let Some(parked) = projections.status().into_iter().find(|status| status.position != head) {
            return Err(format!("{} stands at {} of {head}: {:?}", parked.name, parked.position, parked.parked).into());
        }
        projections.close().await;
        Ok(Figures::of(u64::try_from(head.0)?, taken))
    })
    .await?;
    journal.close().await;
    Ok(())
}

/// The read models of a store, where they are.
pub(super) async fn open(store: &Store, journal: &Arc<dyn Journal>) -> Result<Arc<Projections>, Fault> {
    let options = ProjectionOptions { directory: directory(store), time_zone: Tz::UTC, readers: 8 };
    Ok(Arc::new(Projections::init(Arc::clone(journal), &options).await?))
}

pub(super) fn directory(store: &Store) -> PathBuf {
    store.directory.join("models")
}

fn discard(store: &Store) -> Result<(), Fault> {
    match std::fs::remove_dir_all(directory(store)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}
