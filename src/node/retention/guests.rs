//! Has guests erased whose run is over for as long as the operator wants them kept.

use chrono::{TimeDelta, Utc};
use commands::Fault;
use projections::{Page, booking::registrants};
use tokio::sync::watch;

use super::rounds::Rounds;

/// Registrations looked at together.
const PAGE: u64 = 200;

pub(super) async fn run(rounds: Rounds, kept_for: TimeDelta, stop: watch::Receiver<bool>) {
    rounds.run(stop, || round(&rounds, kept_for)).await;
}

/// Whether somebody is erased is decided by the journal: of read models that are behind, or parked, some are found later.
async fn round(rounds: &Rounds, kept_for: TimeDelta) -> Result<(), Fault> {
    rounds.most_seen().await?;
    let over_by = Utc::now() - kept_for;
    let (mut after, mut erased) = (None, 0_u64);
    while rounds.are_ours().await? {
        let page = registrants::of_guests(rounds.projections.db(), over_by, after, PAGE).await;
        let Page { rows, more } = page.map_err(|error| Fault::Outside(error.to_string()))?;
        for registration in &rows {
            match rounds.commands.booking.retain_guests(kept_for, *registration).await {
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
