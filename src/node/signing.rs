//! Follows the keys that tokens are signed with, which other nodes and operators change.

use std::{sync::Arc, time::Duration};

use commands::Commands;
use tokio::sync::watch;

/// How soon a node hears of a new key. Keys overlap for far longer.
const EVERY: Duration = Duration::from_secs(2);

pub(super) async fn run(commands: Arc<Commands>, mut stop: watch::Receiver<bool>) {
    let mut ticks = tokio::time::interval(EVERY);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = ticks.tick() => {}
        }
        if let Err(fault) = commands.identity.follow_signing_keys().await {
            tracing::warn!(%fault, "the keys that tokens are signed with could not be read; those known before are used");
        }
    }
}
