//! Takes a page: rows and checkpoints in one transaction, and whoever cannot follow is parked at the event.

use std::{collections::VecDeque, sync::PoisonError, time::Instant};

use domain::kernel::Timestamp;
use journal::Position;
use sea_orm::{DatabaseTransaction, DbErr, RuntimeErr, TransactionTrait, sqlx};

use super::{Fault, Projections, turn::soon};
use crate::{
    checkpoints::{self, Checkpoint},
    projector::{Incoming, Taken},
    read_model::Recorded,
};

/// A write that failed, and whose.
struct Failed {
    model: usize,
    error: DbErr,
}

impl Projections {
    /// Brings read models that stand before `events` to their end. All in one transaction, if they all can. If the
    /// database refuses the rows of one of them, that one goes on alone and by halves, until it is parked at the very event.
    pub(super) async fn take(&self, members: &[usize], events: &[Incoming], head: Position) -> Result<(), Fault> {
        let mut work = VecDeque::from([(members.to_vec(), 0, events.len())]);
        while let Some((members, from, to)) = work.pop_front() {
            let members = self.going_on(members);
            let Some(Failed { model, error }) = self.try_take(&members, &events[from..to], head).await? else { continue };
            if !is_lasting(&error) {
                return Err(error.into());
            }
            let halves = from + (to - from) / 2;
            if members.len() > 1 {
                work.push_back((members.into_iter().filter(|member| *member != model).collect(), from, to));
                work.push_back((vec![model], from, to));
            } else if to - from > 1 {
                work.push_front((vec![model], halves, to));
                work.push_front((vec![model], from, halves));
            } else {
                self.park(model, &events[from].event, error.to_string()).await?;
            }
        }
        Ok(())
    }

    fn going_on(&self, members: Vec<usize>) -> Vec<usize> {
        let checkpoints = self.checkpoints();
        members.into_iter().filter(|member| checkpoints[*member].parked.is_none()).collect()
    }

    /// One transaction; `Some` if the database refused what one of them wrote, and nothing was written.
    async fn try_take(&self, members: &[usize], events: &[Incoming], head: Position) -> Result<Option<Failed>, Fault> {
        let tx = self.begin_to_write().await?;
        let per_second = self.per_second(events.len());
        let mut moved = Vec::with_capacity(members.len());
        for &model in members {
            let before = self.checkpoints()[model].clone();
            match self.models[model].take(&tx, events, before.complete).await {
                Ok(taken) => {
                    moved.push((model, self.after(model, &before, events, &taken, head).at_speed(per_second)));
                }
                Err(error) => {
                    tx.rollback().await?;
                    return Ok(Some(Failed { model, error }));
                }
            }
        }
        self.complete(&tx, &moved).await?;
        self.commit(tx, moved).await?;
        Ok(None)
    }

    /// Whoever is complete has its totals and indexes, because all come with one commit.
    pub(super) async fn complete(&self, tx: &DatabaseTransaction, moved: &[(usize, Checkpoint)]) -> Result<(), DbErr> {
        for (model, checkpoint) in moved {
            let was_complete = self.checkpoints()[*model].complete;
            if checkpoint.complete && !was_complete {
                self.models[*model].complete(tx).await?;
            }
        }
        Ok(())
    }

    /// A transaction under this node's lease, on rows that are as far as this node knows. A server that lost its last commits
    /// in a crash is not: what it lost has to be folded again first.
    pub(super) async fn begin_to_write(&self) -> Result<DatabaseTransaction, Fault> {
        let tx = soon(self.store.writer.begin()).await?;
        if !soon(self.lease.hold(&tx)).await? {
            return Err(Fault::Fenced);
        }
        let stored = checkpoints::load(&tx).await?;
        let position = |name: &str| stored.get(name).map_or(Position(0), |checkpoint| checkpoint.position);
        let known = self.models.iter().zip(self.checkpoints().iter()).all(|(model, known)| known.position == position(model.name()));
        if known { Ok(tx) } else { Err(Fault::Forgotten) }
    }

    /// Events in a second from long page to long page; none for a short one, before which there was nothing to do.
    pub(super) fn per_second(&self, events: usize) -> Option<f64> {
        let mut pace = self.pace.lock().unwrap_or_else(PoisonError::into_inner);
        let last = pace.replace(Instant::now()).filter(|_| events > self.page as usize)?;
        #[allow(clippy::cast_precision_loss)] // Thousands at the most.
        let per_second = events as f64 / last.elapsed().as_secs_f64().max(1e-6);
        Some(per_second)
    }

    /// Where a read model stands after a page.
    pub(super) fn after(&self, model: usize, before: &Checkpoint, events: &[Incoming], taken: &Taken, head: Position) -> Checkpoint {
        let (count, parked) = match taken {
            Taken::All => (events.len(), None),
            Taken::Until(index, reason) => {
                self.tell(model, &events[*index].event, reason);
                (*index, Some(reason_at(&events[*index].event, reason)))
            }
        };
        // One that goes no further for now is asked as it is.
        let is_parked = parked.is_some();
        match events[..count].last() {
            Some(last) => Checkpoint {
                position: last.event.position,
                at: Some(last.event.at),
                hash: hex::encode(&last.hash),
                parked,
                complete: before.complete || is_parked || last.event.position >= head,
                per_second: before.per_second,
            },
            None => Checkpoint { complete: before.complete || is_parked, parked, ..before.clone() },
        }
    }

    async fn park(&self, model: usize, event: &Recorded, reason: String) -> Result<(), Fault> {
        self.tell(model, event, &reason);
        let checkpoint = Checkpoint { parked: Some(reason_at(event, &reason)), complete: true, ..self.checkpoints()[model].clone() };
        let (tx, moved) = (self.begin_to_write().await?, vec![(model, checkpoint)]);
        self.complete(&tx, &moved).await?;
        Ok(self.commit(tx, moved).await?)
    }

    fn tell(&self, model: usize, event: &Recorded, reason: &str) {
        let name = self.models[model].name();
        let (position, stream) = (event.position, &event.stream);
        tracing::error!(read_model = name, %position, %stream, reason, "a read model cannot take an event and is parked");
    }

    pub(super) async fn commit(&self, tx: DatabaseTransaction, moved: Vec<(usize, Checkpoint)>) -> Result<(), DbErr> {
        let named = moved.iter().map(|(model, checkpoint)| (self.models[*model].name(), self.models[*model].version(), checkpoint));
        checkpoints::save(&tx, named).await?;
        tx.commit().await?;
        let mut checkpoints = self.checkpoints();
        for (model, checkpoint) in moved {
            checkpoints[model] = checkpoint;
        }
        Ok(())
    }

    /// Tells waits, metrics and readiness how far the read models are.
    pub(super) fn publish(&self, head: Position, now: Timestamp) {
        let checkpoints = self.checkpoints();
        let level = checkpoints.iter().filter(|checkpoint| checkpoint.parked.is_none()).map(|checkpoint| checkpoint.position).min();
        for (model, checkpoint) in self.models.iter().zip(checkpoints.iter()) {
            let events = (head.0 - checkpoint.position.0).max(0);
            let behind = checkpoint.at.filter(|_| events > 0).map_or(0, |at| (now - at).num_seconds().max(0));
            #[allow(clippy::cast_precision_loss)] // A gauge is a float; 2^53 events are far away.
            let (events, behind) = (events as f64, behind as f64);
            metrics::gauge!("nalabo_projection_lag_events", "read_model" => model.name()).set(events);
            metrics::gauge!("nalabo_projection_lag_seconds", "read_model" => model.name()).set(behind);
            metrics::gauge!("nalabo_projection_events_per_second", "read_model" => model.name()).set(checkpoint.per_second);
            let parked = if checkpoint.parked.is_some() { 1.0 } else { 0.0 };
            metrics::gauge!("nalabo_projection_parked", "read_model" => model.name()).set(parked);
        }
        drop(checkpoints);
        metrics::gauge!("nalabo_projection_folds").set(if self.folds() { 1.0 } else { 0.0 });
        self.level.send_if_modified(|current| std::mem::replace(current, level.unwrap_or(head)) != *current);
    }
}

fn reason_at(event: &Recorded, reason: &str) -> String {
    format!("event {} of {}: {reason}", event.position, event.stream)
}

/// Whether the same write would fail again: the rows are refused, not the database unavailable.
pub(super) fn is_lasting(error: &DbErr) -> bool {
    match error {
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => match error.as_ref() {
            sqlx::Error::Database(error) => {
                // Data that does not fit its type, or is longer than there is room for, in PostgreSQL's words.
                let is_about_data = error.code().is_some_and(|code| code.len() == 5 && (code.starts_with("22") || code.starts_with("54")));
                is_about_data || !matches!(error.kind(), sqlx::error::ErrorKind::Other)
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::Encode(_) => true,
            _ => false,
        },
        DbErr::Type(_) | DbErr::Json(_) | DbErr::TryIntoErr { .. } => true,
        _ => false,
    }
}
