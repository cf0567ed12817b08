//! Several decisions that hold together or not at all.

use std::sync::Arc;

use domain::{Decider, kernel::Timestamp};
use journal::{StreamId, StreamWrite, Succession};
use tokio::sync::{Mutex, OwnedSemaphorePermit};
use uuid::Uuid;

use crate::{
    Clock, Fault,
    stored::to_new_events,
    streams::{Cell, Ground, New, State, Streams, is_personal},
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
/// What is to be done with it once they are queued, for the next to decide on.
pub(super) type Onward = Box<dyn FnOnce(&Succession) + Send>;
/// A turn on a stream.
pub(super) type Turn = (StreamId, OwnedSemaphorePermit);

/// What a transaction came to.
#[derive(Default)]
pub(super) struct Decided {
    /// Each with at least one event, but for what was relied on.
    pub(super) writes: Vec<StreamWrite>,
    /// Streams that were looked at, and how far each was.
    relied: Vec<(StreamId, i64)>,
    pub(super) after: Vec<After>,
    /// On the streams that were decided on, until the outcome is known or others may go on.
    pub(super) turns: Vec<Turn>,
    /// What it was decided on, or is decided on it, while that is queued.
    pub(super) succession: Option<Succession>,
    pub(super) onward: Option<Onward>,
    /// Something was refused, or nothing done, on a state that had been left behind: it must be decided again.
    pub(super) stale: bool,
}

impl Decided {
    /// Has the journal write it only where nothing has come to what was relied on. Without events there is nothing to be kept from.
    fn hold_to_what_was_seen(&mut self) {
        if self.writes.is_empty() {
            return;
        }
        for (stream, expected) in std::mem::take(&mut self.relied) {
            let written = self.writes.iter().find(|write| write.stream == stream).map(|write| write.expected);
            match written {
                // What was decided on may be another state than what was looked at.
                Some(decided_on) => self.stale |= decided_on != expected,
                None => self.writes.push(StreamWrite { stream, expected, events: vec![] }),
            }
        }
    }
}

/// Collects the events of one command's decisions. Clones are handles to the same transaction.
#[derive(Clone)]
pub struct Transaction {
    streams: Arc<Streams>,
    clock: Clock,
    /// When it began, if streams that had just been named then are taken for new.
    begun: Option<Timestamp>,
    /// Whether it may be decided on what is queued.
    ahead: bool,
    decided: Arc<Mutex<Decided>>,
}

impl Transaction {
    /// Who has a `turn` already waits for no other.
    pub(super) fn new(streams: Arc<Streams>, clock: Clock, presume: bool, turn: Option<Turn>) -> Self {
        let decided = Decided { turns: turn.into_iter().collect(), ..Decided::default() };
        let begun = presume.then(clock);
        Self { streams, clock, begun, ahead: false, decided: Arc::new(Mutex::new(decided)) }
    }

    pub(super) fn going_ahead(self, ahead: bool) -> Self {
        Self { ahead, ..self }
    }

    pub(super) fn end(self) -> Decided {
        let mut decided = std::mem::take(&mut *self.decided.try_lock().expect("work has ended, so nobody holds the lock"));
        decided.hold_to_what_was_seen();
        decided
    }

    /// Has it all decided again, on states as they are by then: what was read meanwhile does not go together.
    pub async fn start_over(&self) {
        self.decided.lock().await.stale = true;
    }

    /// Looks at a stream's current state for what is decided because of it. If anything comes to that stream before this is written, it is
    /// not written, and all is decided again: so two who rely each on what the other changes do not both get through.
    ///
    /// # Errors
    /// The journal could not be read.
    pub async fn rely_on<D: Decider, R: Send>(&self, id: Uuid, look: impl Fn(&D) -> R + Send) -> Result<R, Fault> {
        let stream = StreamId::new(D::STREAM, id);
        let look = move |state: &State<D>| (look(&state.value), state.version);
        let (seen, version) = self.streams.look_at(&stream, look).await?;
        self.decided.lock().await.relied.push((stream, version));
        Ok(seen)
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
        let (has_turn, is_of_one) = {
            let mut decided = self.decided.lock().await;
            decided.turns.extend(turn.map(|turn| (stream.clone(), turn)));
            (decided.turns.iter().any(|(of, _)| *of == stream), decided.succession.is_some())
        };
        // Of one succession at most.
        let ahead = has_turn && self.ahead && !is_of_one;
        if has_turn && !ahead {
            cell.settled().await;
        }
        let now = (self.clock)();
        let seen = cell.look_ahead(ahead, |state| ((state.version, state.last), in_turn(&state.value, commands, now)));
        let Some((((expected, last), decided), succession)) = seen else {
            // Somebody panicked with it. It is dropped, and the next try loads anew.
            self.streams.forget(&stream);
            self.decided.lock().await.stale = true;
            return Ok(false);
        };
        let leads_to_nothing = decided.as_ref().map_or(true, Vec::is_empty);
        if leads_to_nothing && self.is_stale(&stream, &cell, (expected, last), kept, succession.as_ref()).await? {
            self.decided.lock().await.stale = true;
        }
        let events = decided.map_err(Halt::Rejected)?;
        if events.is_empty() {
            return Ok(false);
        }
        let new = to_new_events(&events)?;
        let personal = new.iter().any(is_personal);
        let taken: New<D> = Arc::new(new.iter().map(|event| event.id).zip(events).collect());
        let mut decided = self.decided.lock().await;
        // Where nobody waits, a copy of the state would be made for nothing. Of two streams that others may write to, each waits for both.
        let is_alone = expected == 0 || decided.writes.iter().all(|write| write.expected == 0);
        let goes_on = ahead && is_alone && !personal && (succession.is_some() || cell.is_wanted()) && cell.may_go_on();
        if goes_on {
            let (cell, taken) = (Arc::clone(&cell), Arc::clone(&taken));
            decided.onward = Some(Box::new(move |succession| cell.go_ahead(succession, expected, &taken)));
        } else if !is_alone {
            decided.onward = None;
        }
        let succeeds = goes_on || succession.is_some();
        if succeeds {
            decided.succession = Some(succession.unwrap_or_default());
        }
        let written = stream.clone();
        let after = move |streams: &Streams| {
            if personal { streams.forget(&written) } else { streams.appended(&written, &cell, expected, &taken, succeeds) }
        };
        decided.after.push(Box::new(after));
        decided.writes.push(StreamWrite { stream, expected, events: new });
        Ok(true)
    }

    /// Whether what leads to nothing was decided on a state that is not, or not any more, the stream's: what was queued is not written, or
    /// others have written since.
    async fn is_stale<D: Decider>(
        &self,
        stream: &StreamId,
        cell: &Cell<D>,
        (version, last): (i64, Uuid),
        kept: bool,
        succession: Option<&Succession>,
    ) -> Result<bool, Fault> {
        if let Some(succession) = succession
            && !cell.is_written((version, last), succession).await
        {
            // Nobody may have told of what is there by now.
            if let Some(version) = cell.with(|state| state.version) {
                self.streams.catch_up(stream, cell, version).await?;
            }
            return Ok(true);
        }
        Ok(kept && self.streams.catch_up(stream, cell, version).await?)
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
