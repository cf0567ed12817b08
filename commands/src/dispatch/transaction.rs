//! Several decisions that hold together or not at all.

use std::sync::Arc;

use domain::{Decider, kernel::Timestamp};
use journal::{StreamId, StreamWrite};
use tokio::sync::{Mutex, OwnedSemaphorePermit};
use uuid::Uuid;

use crate::{
    Clock, Fault,
    stored::to_new_events,
    streams::{Ground, Streams, is_personal},
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

/// What is to be done with a kept state once its events are in the journal.
type After = Box<dyn FnOnce(&Streams) + Send>;

/// What a transaction came to.
#[derive(Default)]
pub(super) struct Decided {
    /// Each with at least one event.
    pub(super) writes: Vec<StreamWrite>,
    pub(super) after: Vec<After>,
    /// On the streams that were decided on, until the outcome is known.
    pub(super) turns: Vec<OwnedSemaphorePermit>,
    /// Something was refused, or nothing done, on a state that had been left behind: it must be decided again.
    pub(super) stale: bool,
}

/// Collects the events of one command's decisions. Clones are handles to the same transaction.
#[derive(Clone)]
pub struct Transaction {
    streams: Arc<Streams>,
    clock: Clock,
    /// When it began, if streams that had just been named then are taken for new.
    begun: Option<Timestamp>,
    decided: Arc<Mutex<Decided>>,
}

impl Transaction {
    /// Who has a `turn` already waits for no other.
    pub(super) fn new(streams: Arc<Streams>, clock: Clock, presume: bool, turn: Option<OwnedSemaphorePermit>) -> Self {
        let decided = Decided { turns: turn.into_iter().collect(), ..Decided::default() };
        let begun = presume.then(clock);
        Self { streams, clock, begun, decided: Arc::new(Mutex::new(decided)) }
    }

    pub(super) fn end(self) -> Decided {
        std::mem::take(&mut *self.decided.try_lock().expect("work has ended, so nobody holds the lock"))
    }

    /// Has it all decided again, on states as they are by then: what was read meanwhile does not go together.
    pub async fn start_over(&self) {
        self.decided.lock().await.stale = true;
    }

    /// Decides a command on a stream's current state; whether anything follows from it. Each stream is decided on once: the journal
    /// refuses a second time.
    ///
    /// # Errors
    /// The rule that forbids it, or a fault.
    pub async fn decide<D: Decider>(&self, id: Uuid, command: D::Command) -> Result<bool, Halt<D::Rejection>> {
        self.decide_all::<D>(id, [command]).await
    }

    /// The same for commands of which each is decided on what follows from those before it: all of them, or none.
    ///
    /// # Errors
    /// The first rule that forbids one of them, or a fault.
    pub async fn decide_all<D: Decider>(
        &self,
        id: Uuid,
        commands: impl IntoIterator<Item = D::Command> + Send,
    ) -> Result<bool, Halt<D::Rejection>> {
        let stream = StreamId::new(D::STREAM, id);
        let first = self.decided.lock().await.turns.is_empty();
        let Ground { cell, kept, turn } = self.streams.ground::<D>(&stream, self.begun, first).await?;
        self.decided.lock().await.turns.extend(turn);
        let now = (self.clock)();
        let Some((expected, decided)) = cell.with(|state| (state.version, in_turn(&state.value, commands, now))) else {
            // Somebody panicked with it. It is dropped, and the next try loads anew.
            self.streams.forget(&stream);
            self.decided.lock().await.stale = true;
            return Ok(false);
        };
        let leads_to_nothing = decided.as_ref().map_or(true, Vec::is_empty);
        if kept && leads_to_nothing && self.streams.catch_up(&stream, &cell, expected).await? {
            self.decided.lock().await.stale = true;
        }
        let events = decided.map_err(Halt::Rejected)?;
        if events.is_empty() {
            return Ok(false);
        }
        let new = to_new_events(&events)?;
        let personal = new.iter().any(is_personal);
        let taken: Vec<_> = new.iter().map(|event| event.id).zip(events).collect();
        let written = stream.clone();
        let after = move |streams: &Streams| {
            if personal { streams.forget(&written) } else { streams.appended(&written, &cell, expected, &taken) }
        };
        let mut decided = self.decided.lock().await;
        decided.after.push(Box::new(after));
        decided.writes.push(StreamWrite { stream, expected, events: new });
        Ok(true)
    }
}

/// What follows from commands, one after the other.
fn in_turn<D: Decider>(state: &D, commands: impl IntoIterator<Item = D::Command>, now: Timestamp) -> Result<Vec<D::Event>, D::Rejection> {
    let mut commands = commands.into_iter();
    let mut events = commands.next().map_or_else(|| Ok(vec![]), |first| state.decide(first, now))?;
    let (mut ahead, mut known) = (None, 0);
    for command in commands {
        let ahead = ahead.get_or_insert_with(|| state.clone());
        events[known..].iter().for_each(|event| ahead.evolve(event));
        known = events.len();
        events.extend(ahead.decide(command, now)?);
    }
    Ok(events)
}
