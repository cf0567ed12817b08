//! Has guests erased whose run is over for as long as the operator wants them kept.

use std::{sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use commands::{Commands, Fault};
use journal::Journal;
use projections::{Page, Projections, booking::registrants};
use tokio::sync::watch;
use uuid::Uuid;

/// How often they are gone through.
const EVERY: Duration = Duration::from_hours(6);
/// For how long others leave it to one node, which says so again with each page.
const LEASE: Duration = Duration::from_mins(10);
/// Registrations looked at together.
const PAGE: u64 = 200;
/// How long the read models may take to have all that was recorded.
const PATIENCE: Duration = Duration::from_mins(1);

/// Goes through the guests of runs that are over now and then, on one node at a time.
pub(super) struct Guests {
    journal: Arc<dyn Journal>,
    commands: Arc<Commands>,
    projections: Arc<Projections>,
    kept_for: Option<TimeDelta>,
}

/// For how long guests are kept after their run; none: for ever.
pub(super) fn of(
    kept_for: Option<TimeDelta>,
    journal: &Arc<dyn Journal>,
    commands: &Arc<Commands>,
    projections: &Arc<Projections>,
) -> Guests {
    let (journal, commands, projections) = (Arc::clone(journal), Arc::clone(commands), Arc::clone(projections));
    Guests { journal, commands, projections, kept_for }
}

impl Guests {
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        let Some(kept_for) = self.kept_for else { return };
        let node = Uuid::now_v7().to_string();
        let mut rounds = tokio::time::interval(EVERY);
        loop {
            let round = async {
                rounds.tick().await;
                self.round(kept_for, &node).await
            };
            // What a round that is cut off has not come to, the next one does.
            let done = tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                done = round => done,
            };
            if let Err(fault) = done {
                tracing::warn!(%fault, "guests whose run is over could not be gone through; the next round tries again");
            }
        }
    }

    /// Whether somebody is erased is decided by the journal: of read models that are behind, or parked, some are found later.
    async fn round(&self, kept_for: TimeDelta, node: &str) -> Result<(), Fault> {
        if !self.projections.reached(self.journal.head().await?, PATIENCE).await {
            return Err(Fault::Outside("the read models are behind".into()));
        }
        let over_by = Utc::now() - kept_for;
        let (mut after, mut erased) = (None, 0_u64);
        while self.journal.lease("guest_retention", node, LEASE).await?.is_some() {
            let page = registrants::of_guests(self.projections.db(), over_by, after, PAGE).await;
            let Page { rows, more } = page.map_err(|error| Fault::Outside(error.to_string()))?;
            for registration in &rows {
                match self.commands.booking.retain_guests(kept_for, *registration).await {
                    Ok(guests) => erased += guests,
                    Err(fault) => tracing::warn!(%registration, %fault, "the guests of a registration could not be looked at"),
                }
            }
            after = rows.last().copied().filter(|_| more);
            if after.is_none() {
                break;
            }
        }
        if erased > 0 {
            tracing::info!(erased, "guests whose run is over");
        }
        Ok(())
    }
}
