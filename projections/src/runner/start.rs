//! Opens a generation: its file, its tables, and checkpoints that belong to this journal.

use std::{
    sync::{Arc, Mutex, atomic::AtomicBool},
    time::Duration,
};

use chrono_tz::Tz;
use journal::{History, Journal, JournalError, Position};
use sea_orm::{DbErr, RuntimeErr, TransactionTrait, sqlx::error::DatabaseError};
use tokio::sync::watch;

use super::{Fault, PAGE, ProjectionOptions, Projections, window::ROOM};
use crate::{
    Place, ProjectionError,
    booking::catalogue::Catalogue,
    checkpoints::{self, Checkpoint},
    lease::{self, Lease},
    place::Generation,
    projector::Projector,
    registry,
    store::{self, Purpose, Store},
};

/// Events, and the position of the last of them.
pub(crate) type Source = (Arc<dyn History>, watch::Receiver<Position>);

impl Projections {
    /// Opens this build's generation of read models, or begins a new one, also in place of a file that is damaged. Nothing is
    /// folded before [`Projections::run`].
    ///
    /// # Errors
    /// The directory, the file or the database cannot be used, or the journal not be read.
    pub async fn init(journal: Arc<dyn Journal>, options: &ProjectionOptions) -> Result<Self, ProjectionError> {
        let generation = Generation::of(&options.place, &registry::read_models(options.time_zone));
        if let Place::Directory(directory) = &options.place {
            std::fs::create_dir_all(directory).map_err(|source| ProjectionError::Path { path: directory.clone(), source })?;
        }
        let opened = match (Self::whole(&journal, &generation, options).await, &generation) {
            (Err(error), Generation::File(path)) if is_damage(&error) => {
                tracing::error!(%error, "the read models are damaged: they are removed, and folded again from the journal");
                store::remove_file(path).map_err(|source| ProjectionError::Path { path: path.clone(), source })?;
                Self::whole(&journal, &generation, options).await
            }
            (opened, _) => opened,
        };
        Ok(Self { grace: options.grace, ..opened? })
    }

    /// Opens what is there, if every page of it can be read.
    async fn whole(journal: &Arc<dyn Journal>, generation: &Generation, options: &ProjectionOptions) -> Result<Self, ProjectionError> {
        if let Generation::File(path) = generation {
            let checked = store::check(path).await;
            checked.map_err(|source| ProjectionError::Open { generation: generation.to_string(), source })?;
        }
        let source = (Arc::clone(journal) as Arc<dyn History>, journal.watch_head());
        let models = registry::read_models(options.time_zone);
        Self::open(source, models, generation.clone(), options.time_zone, (options.readers, PAGE), Purpose::Serving).await
    }

    /// With so many readers and events in a page.
    pub(crate) async fn open(
        (history, head): Source,
        models: Vec<Box<dyn Projector>>,
        generation: Generation,
        time_zone: Tz,
        (readers, page): (u32, u32),
        purpose: Purpose,
    ) -> Result<Self, ProjectionError> {
        let projections = Self {
            checkpoints: Mutex::new(vec![Checkpoint::default(); models.len()]),
            pace: Mutex::default(),
            level: watch::Sender::new(Position(0)),
            running: tokio::sync::Mutex::new(()),
            alive: AtomicBool::new(false),
            store: Store::init(&generation, readers, purpose).await?,
            lease: Lease::new(),
            grace: Duration::from_hours(1),
            generation,
            history,
            head,
            models,
            time_zone,
            page,
            room: ROOM,
            catalogue: Catalogue::default(),
        };
        let opened = projections.begin().await;
        opened.map_err(|source| ProjectionError::Open { generation: projections.generation.to_string(), source })?;
        if projections.lease.held() {
            projections.verify().await?;
        }
        Ok(projections)
    }

    /// Makes what is not there, and takes the lease if it is free.
    async fn begin(&self) -> Result<(), DbErr> {
        self.create_tables().await?;
        lease::beat(&self.store.writer, &self.generation).await?;
        self.lease.take(&self.store.writer).await?;
        self.reload().await
    }

    async fn create_tables(&self) -> Result<(), DbErr> {
        let tx = self.store.writer.begin().await?;
        store::prepare(&tx, &self.generation).await?;
        checkpoints::create(&tx).await?;
        lease::create(&tx).await?;
        for model in &self.models {
            model.create(&tx).await?;
        }
        tx.commit().await
    }

    /// Reads the checkpoints as they were last committed.
    pub(super) async fn reload(&self) -> Result<(), DbErr> {
        let mut stored = checkpoints::load(&self.store.writer).await?;
        let loaded = self.models.iter().map(|model| stored.remove(model.name()).unwrap_or_default()).collect();
        *self.checkpoints() = loaded;
        Ok(())
    }

    /// Begins anew what was folded from another journal, and lets what was parked try again.
    pub(super) async fn verify(&self) -> Result<(), Fault> {
        let stored = self.checkpoints().clone();
        let mut moved = Vec::new();
        let tx = self.store.writer.begin().await?;
        if !self.lease.hold(&tx).await? {
            return Err(Fault::Fenced);
        }
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
        let there = self.history.read_raw(Position(checkpoint.position.0 - 1), 1).await?;
        Ok(there.first().is_some_and(|event| event.position == checkpoint.position.0 && hex::encode(&event.hash) == checkpoint.hash))
    }
}

/// Whether a file is no database, or not a whole one: by the codes of `SQLite`.
fn is_damage(error: &ProjectionError) -> bool {
    let (ProjectionError::Open { generation: _, source } | ProjectionError::Database(source)) = error else { return false };
    match source {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            let code = error.as_database_error().and_then(DatabaseError::code);
            code.is_some_and(|code| ["11", "26", "267", "779"].contains(&code.as_ref()))
        }
        DbErr::Custom(what) => what == store::DAMAGED,
        _ => false,
    }
}
