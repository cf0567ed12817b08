//! The history as lines of JSON.

use std::{fs::File, path::Path, time::Instant};

use archive::{Export, Format, Selection};
use load::{Fault, Figures, serve};

use crate::store::Store;

/// As `nalabo events export` does it.
pub(super) async fn run(store: &Store, file: &Path) -> Result<(), Fault> {
    let history = store.history().await?;
    let history = &history;
    serve(|_| async move {
        let export = Export { format: Format::Ndjson, selection: Selection::default(), contents: true };
        let begun = Instant::now();
        let reached = archive::export(history, &export, File::create(file)?).await?;
        Ok(Figures::of(u64::try_from(reached.0)?, begun.elapsed()))
    })
    .await
}
