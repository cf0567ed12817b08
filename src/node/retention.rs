//! What is kept no longer than the operator wants: accounts that nobody uses, guests whose run is over, and keys of digests of network
//! addresses.

mod accounts;
mod addresses;
mod guests;
mod rounds;

use std::sync::Arc;

use commands::Commands;
use journal::Journal;
use projections::Projections;
use tokio::{sync::watch, task::JoinSet};

use self::rounds::Rounds;
use crate::config::{ConfigError, RetentionConfig};

/// Has gone through what is not kept for ever.
pub(super) fn spawn(
    workers: &mut JoinSet<()>,
    kept: &RetentionConfig,
    (journal, commands, projections): (&Arc<dyn Journal>, &Arc<Commands>, &Arc<Projections>),
    stop: &watch::Receiver<bool>,
) -> Result<(), ConfigError> {
    let rounds = |lease| Rounds::new(lease, Arc::clone(journal), Arc::clone(commands), Arc::clone(projections));
    if let Some(kept_for) = kept.kept_for()? {
        workers.spawn(accounts::run(rounds("retention"), kept_for, stop.clone()));
    }
    if let Some(kept_for) = kept.guests_kept_for()? {
        workers.spawn(guests::run(rounds("guest_retention"), kept_for, stop.clone()));
    }
    if let Some(months) = kept.addresses_kept_for()? {
        workers.spawn(addresses::run(rounds("address_retention"), months, stop.clone()));
    }
    Ok(())
}
