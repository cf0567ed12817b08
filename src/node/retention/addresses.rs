//! Has keys of digests of network addresses destroyed that are old.

mod holds;

use commands::Fault;
use tokio::sync::watch;

use super::rounds::Rounds;

pub(super) async fn run(rounds: Rounds, months: u32, stop: watch::Receiver<bool>) {
    rounds.run(stop, || round(&rounds, months)).await;
}

async fn round(rounds: &Rounds, months: u32) -> Result<(), Fault> {
    if !rounds.are_ours().await? {
        return Ok(());
    }
    // So that every hold is seen.
    rounds.all_seen().await?;
    if holds::is_anybody_on_hold(&rounds.commands, &rounds.projections).await? {
        tracing::info!("somebody is on hold: all keys of digests of network addresses are kept");
        return Ok(());
    }
    rounds.commands.audit.forget_addresses(months).await.map(drop)
}
