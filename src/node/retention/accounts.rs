//! Has accounts erased that nobody uses, once who has them was told.

use chrono::{TimeDelta, Utc};
use commands::{
    Fault,
    identity::{RETENTION_NOTICE, Retained, Unused},
};
use projections::identity::{
    idle::{self, Idle, Stretch},
    sign_ins,
};
use tokio::sync::watch;

use super::rounds::Rounds;

/// Accounts looked at together.
const PAGE: u64 = 200;

pub(super) async fn run(rounds: Rounds, kept_for: TimeDelta, stop: watch::Receiver<bool>) {
    rounds.run(stop, || round(&rounds, kept_for)).await;
}

/// To a read model that does not go on, people look idle who are not.
async fn round(rounds: &Rounds, kept_for: TimeDelta) -> Result<(), Fault> {
    rounds.all_seen().await?;
    let now = Utc::now();
    let since = now - (kept_for - RETENTION_NOTICE);
    let db = rounds.projections.db();
    let (mut after, mut told, mut erased) = (None, 0_u64, 0_u64);
    while rounds.are_ours().await? {
        let page = idle::stretch(db, since, now, after, PAGE).await;
        let Stretch { idle, next } = page.map_err(|error| Fault::Outside(error.to_string()))?;
        for Idle { account, since: last, ways } in idle {
            // Erasing those before may have taken a while, and whoever has signed in meanwhile must be seen.
            rounds.all_seen().await?;
            let back = sign_ins::opened_since(db, &[account], since).await;
            if !back.map_err(|error| Fault::Outside(error.to_string()))?.is_empty() {
                continue;
            }
            match rounds.commands.identity.retain(kept_for, &Unused { account, since: last, ways }).await {
                Ok(Retained::Kept) => {}
                Ok(Retained::Told) => told += 1,
                Ok(Retained::Erased) => erased += 1,
                Err(fault) => tracing::warn!(%account, %fault, "an account that nobody uses could not be looked at"),
            }
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    if told + erased > 0 {
        tracing::info!(told, erased, "accounts that nobody uses");
    }
    Ok(())
}
