//! Several decisions that hold together or not at all.

use std::sync::Arc;

use domain::Decider;
use journal::StreamWrite;
use tokio::sync::Mutex;
use uuid::Uuid;

use crate::{
    Clock, Fault,
    stored::{JournalStore, to_new_events},
};

/// Why a transaction goes no further.
#[derive(Debug)]
pub enum Halt<R> {
    /// A rule forbids it.
    Rejected(R),
    /// It could not be decided.
    Fault(Fault),
}

impl<R, F: Into<Fault>> From<F> for Halt<R> {
    fn from(fault: F) -> Self {
        Self::Fault(fault.into())
    }
}

/// Collects the events of one command's decisions. Clones are handles to the same transaction.
#[derive(Clone)]
pub struct Transaction {
    store: JournalStore,
    clock: Clock,
    writes: Arc<Mutex<Vec<StreamWrite>>>,
}

impl Transaction {
    pub(super) fn new(store: JournalStore, clock: Clock) -> Self {
        Self { store, clock, writes: Arc::default() }
    }

    pub(super) fn into_writes(self) -> Vec<StreamWrite> {
        let writes = std::mem::take(&mut *self.writes.try_lock().expect("work has ended, so nobody holds the lock"));
        writes.into_iter().filter(|write| !write.events.is_empty()).collect()
    }

    /// Decides a command on a stream's current state; whether anything follows from it. Each stream takes one command: the journal refuses a second.
    ///
    /// # Errors
    /// The rule that forbids it, or a fault.
    pub async fn decide<D: Decider>(&self, id: Uuid, command: D::Command) -> Result<bool, Halt<D::Rejection>> {
        let mut loaded = self.store.load::<D>(id).await?;
        let events = loaded.handle(command, &self.clock).await.map_err(Halt::Rejected)?;
        let changes = !events.is_empty();
        let write = StreamWrite { stream: loaded.stream, expected: loaded.version, events: to_new_events(&events)? };
        self.writes.lock().await.push(write);
        Ok(changes)
    }
}
