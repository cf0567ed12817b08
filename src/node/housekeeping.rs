//! Removes what has run out: answers kept for retries, refresh tokens, counted tries, what nobody came for, keys that have signed, and
//! measurements that are finer than their age is worth.

use std::{sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use commands::Commands;
use journal::JournalError;
use tokio::sync::watch;

use super::Stores;

const EVERY: Duration = Duration::from_hours(1);
/// What nobody came for is removed as often: whoever is nobody yet has it kept.
const OFTEN: Duration = Duration::from_mins(5);
/// How long refresh tokens that have expired are known beyond what accounts are kept for that nobody uses: they tell when one was used.
const LONGER: TimeDelta = TimeDelta::days(30);

/// `kept_for` is how long accounts are kept that nobody uses; none: for ever.
pub(super) async fn run(stores: Stores, commands: Arc<Commands>, kept_for: Option<TimeDelta>, mut stop: watch::Receiver<bool>) {
    let known_for = kept_for.map_or_else(TimeDelta::zero, |kept_for| kept_for + LONGER);
    let (mut hours, mut often) = (tokio::time::interval(EVERY), tokio::time::interval(OFTEN));
    loop {
        let is_hour = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            _ = often.tick() => false,
            _ = hours.tick() => true,
        };
        if !is_hour {
            if let Err(error) = stores.vault.purge_passing(Utc::now()).await {
                tracing::warn!(%error, "what nobody came for could not be removed");
            }
            continue;
        }
        if let Err(error) = stores.journal.purge_receipts(Utc::now()).await {
            tracing::warn!(%error, "expired receipts could not be removed");
        }
        if let Err(error) = stores.vault.purge_refresh_tokens(Utc::now() - known_for).await {
            tracing::warn!(%error, "expired refresh tokens could not be removed");
        }
        if let Err(error) = stores.vault.purge_tries(Utc::now()).await {
            tracing::warn!(%error, "tries of long ago could not be removed");
        }
        if let Err(error) = commands.identity.purge_signing_keys().await {
            tracing::warn!(%error, "keys that nothing is signed with any more could not be removed");
        }
        let thinned = async {
            while stores.journal.thin_usage(Utc::now()).await? > 0 {}
            Ok::<(), JournalError>(())
        };
        if let Err(error) = thinned.await {
            tracing::warn!(%error, "measurements of clusters could not be thinned");
        }
    }
}
