//! Opens a generation: its file, its tables, and checkpoints that belong to this journal.

use std::{
    path::Path,
    sync::{Arc, Mutex, atomic::AtomicBool},
};

use chrono_tz::Tz;
use journal::{Journal, JournalError, Position};
use sea_orm::{DbErr, TransactionTrait};
use tokio::sync::watch;

use super::{Fault, PAGE, ProjectionOptions, Projections};
use crate::{
    ProjectionError,
    checkpoints::{self, Checkpoint},
    projector::Projector,
    registry,
    store::{self, Store},
};

impl Projections {
    /// Opens this build's generation of read models, or begins a new one. Nothing is folded before [`Projections::run`].
    ///
    /// # Errors
    /// The directory or the file cannot be used, or the journal not be read.
    pub async fn init(journal: Arc<dyn Journal>, options: &ProjectionOptions) -> Result<Self, ProjectionError> {
        let models = registry::read_models(options.time_zone);
        let parts = models.iter().map(|model| (model.name(), model.version(), model.shape()));
        let directory = &options.directory;
        let path = directory.join(store::file_name(parts));
        std::fs::create_dir_all(directory).map_err(|source| ProjectionError::Path { path: directory.clone(), source })?;
        Self::open(journal, models, &path, options.time_zone, options.readers, PAGE).await
    }

    pub(crate) async fn open(
        journal: Arc<dyn Journal>,
        models: Vec<Box<dyn Projector>>,
        path: &Path,
        time_zone: Tz,
        readers: u32,
        page: u32,
    ) -> Result<Self, ProjectionError> {
        let projections = Self {
            checkpoints: Mutex::new(vec![Checkpoint::default(); models.len()]),
            level: watch::Sender::new(Position(0)),
            running: tokio::sync::Mutex::new(()),
            alive: AtomicBool::new(false),
            path: path.to_owned(),
            store: Store::init(path, readers).await?,
            journal,
            models,
            time_zone,
            page,
        };
        projections.create_tables().await.map_err(|source| ProjectionError::Open { path: path.to_owned(), source })?;
        projections.reload().await.map_err(|source| ProjectionError::Open { path: path.to_owned(), source })?;
        projections.verify().await?;
        Ok(projections)
    }

    async fn create_tables(&self) -> Result<(), DbErr> {
        let tx = self.store.writer.begin().await?;
        checkpoints::create(&tx).await?;
        for model in &self.models {
            model.create(&tx).await?;
        }
        tx.commit().await
    }

    /// Reads the checkpoints as they were last committed.
    pub(super) async fn reload(&self) -> Result<(), DbErr> {
        let tx = self.store.writer.begin().await?;
        let mut loaded = Vec::with_capacity(self.models.len());
        for model in &self.models {
            loaded.push(checkpoints::load(&tx, model.name()).await?.unwrap_or_default());
        }
        tx.commit().await?;
        *self.checkpoints() = loaded;
        Ok(())
    }

    /// Begins anew what was folded from another journal, and lets what was parked try again.
    async fn verify(&self) -> Result<(), Fault> {
        let stored = self.checkpoints().clone();
        let mut moved = Vec::new();
        let tx = self.store.writer.begin().await?;
        for (model, checkpoint) in stored.into_iter().enumerate() {
            let name = self.models[model].name();
            if !self.is_of_this_journal(&checkpoint).await? {
                tracing::warn!(read_model = name, position = %checkpoint.position, "a checkpoint is not of this journal: rebuilding");
                self.models[model].discard(&tx).await?;
                moved.push((model, Checkpoint::default()));
            } else if let Some(reason) = &checkpoint.parked {
                tracing::info!(read_model = name, reason, "a parked read model tries again");
                moved.push((model, Checkpoint { parked: None, ..checkpoint }));
            }
        }
        Ok(self.commit(tx, moved).await?)
    }

    /// Whether the journal has this hash at this position.
    async fn is_of_this_journal(&self, checkpoint: &Checkpoint) -> Result<bool, JournalError> {
        if checkpoint.position == Position(0) {
            return Ok(true);
        }
        let there = self.journal.read(Position(checkpoint.position.0 - 1), 1).await?;
        Ok(there.first().is_some_and(|event| event.position == checkpoint.position && hex::encode(event.hash) == checkpoint.hash))
    }
}
