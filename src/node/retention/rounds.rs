//! Going through something now and then, on one node at a time.

use std::{sync::Arc, time::Duration};

use commands::{Commands, Fault};
use journal::{Journal, Position};
use projections::{Projections, ReadModelStatus};
use tokio::sync::watch;
use uuid::Uuid;

/// How often it is gone through.
const EVERY: Duration = Duration::from_hours(6);
/// For how long others leave it to one node, which says so again with each page.
const LEASE: Duration = Duration::from_mins(10);
/// How long the read models may take to have all that was recorded.
const PATIENCE: Duration = Duration::from_mins(1);

/// What one round after another needs.
pub(super) struct Rounds {
    lease: &'static str,
    node: String,
    journal: Arc<dyn Journal>,
    pub(super) commands: Arc<Commands>,
    pub(super) projections: Arc<Projections>,
}

impl Rounds {
    pub(super) fn new(lease: &'static str, journal: Arc<dyn Journal>, commands: Arc<Commands>, projections: Arc<Projections>) -> Self {
        Self { lease, node: Uuid::now_v7().to_string(), journal, commands, projections }
    }

    /// Goes round until told to stop. What a round that fails or is cut off has not come to, the next one does.
    pub(super) async fn run<R>(&self, mut stop: watch::Receiver<bool>, round: impl Fn() -> R)
    where
        R: Future<Output = Result<(), Fault>>,
    {
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            let next = async {
                ticks.tick().await;
                round().await
            };
            let done = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => break,
                done = next => done,
            };
            if let Err(fault) = done {
                tracing::warn!(%fault, of = self.lease, "a round was not ended; the next one tries again");
            }
        }
        // So that another node need not wait. Where it is another's, nothing happens.
        let _ = self.journal.lease(self.lease, &self.node, Duration::ZERO).await;
    }

    /// Whether it is this node that goes through it, and for a while from now.
    pub(super) async fn are_ours(&self) -> Result<bool, Fault> {
        Ok(self.journal.lease(self.lease, &self.node, LEASE).await?.is_some())
    }

    /// Comes back once the read models that go on have all that is in the journal by now; that is its head.
    pub(super) async fn most_seen(&self) -> Result<Position, Fault> {
        let head = self.journal.head().await?;
        if self.projections.reached(head, PATIENCE).await { Ok(head) } else { Err(behind()) }
    }

    /// Comes back once all read models have all that is in the journal by now: one that does not go on hides what happened since.
    pub(super) async fn all_seen(&self) -> Result<(), Fault> {
        all_have(self.most_seen().await?, &self.projections.status())
    }
}

/// Those that are parked are not waited for, nor those that go on again just now.
fn all_have(head: Position, models: &[ReadModelStatus]) -> Result<(), Fault> {
    if let Some(model) = models.iter().find(|model| model.parked.is_some()) {
        return Err(Fault::Outside(format!("the read model {} is parked", model.name)));
    }
    if models.iter().any(|model| model.position < head) { Err(behind()) } else { Ok(()) }
}

fn behind() -> Fault {
    Fault::Outside("the read models are behind".into())
}

#[cfg(test)]
mod tests;
