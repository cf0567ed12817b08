//! Has accounts erased that nobody uses, once who has them was told, and keys of digests of network addresses destroyed that are old, where
//! the operator wants that.

mod holds;

use std::{sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use commands::{
    Commands, Fault,
    identity::{RETENTION_NOTICE, Retained, Unused},
};
use journal::{Journal, Position};
use projections::{
    Projections, ReadModelStatus,
    identity::{
        idle::{self, Idle, Stretch},
        sign_ins,
    },
};
use tokio::sync::watch;
use uuid::Uuid;

/// How often accounts are gone through.
const EVERY: Duration = Duration::from_hours(6);
/// For how long others leave it to one node, which says so again with each page.
const LEASE: Duration = Duration::from_mins(10);
/// Accounts looked at together.
const PAGE: u64 = 200;
/// How long the read models may take to have all that was recorded.
const PATIENCE: Duration = Duration::from_mins(1);

/// Goes through all accounts now and then, on one node at a time.
pub(super) struct Retention {
    journal: Arc<dyn Journal>,
    commands: Arc<Commands>,
    projections: Arc<Projections>,
    kept: Kept,
}

/// For how long what is kept; none: for ever.
#[derive(Clone, Copy)]
pub(super) struct Kept {
    /// Accounts that nobody uses.
    pub(super) accounts: Option<TimeDelta>,
    /// Keys of digests of network addresses, in months after their own.
    pub(super) addresses: Option<u32>,
}

pub(super) fn of(kept: Kept, journal: &Arc<dyn Journal>, commands: &Arc<Commands>, projections: &Arc<Projections>) -> Retention {
    let (journal, commands, projections) = (Arc::clone(journal), Arc::clone(commands), Arc::clone(projections));
    Retention { journal, commands, projections, kept }
}

impl Retention {
    pub(super) async fn run(self, mut stop: watch::Receiver<bool>) {
        if self.kept.accounts.is_none() && self.kept.addresses.is_none() {
            return;
        }
        let node = Uuid::now_v7().to_string();
        let mut rounds = tokio::time::interval(EVERY);
        loop {
            let round = async {
                rounds.tick().await;
                self.round(&node).await;
            };
            // What a round that is cut off has not come to, the next one does.
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = round => {}
            }
        }
    }

    async fn round(&self, node: &str) {
        if let Some(kept_for) = self.kept.accounts
            && let Err(fault) = self.accounts(kept_for, node).await
        {
            tracing::warn!(%fault, "accounts that nobody uses could not be gone through; the next round tries again");
        }
        if let Some(months) = self.kept.addresses
            && let Err(fault) = self.addresses(months, node).await
        {
            tracing::warn!(%fault, "old keys of digests of network addresses could not be destroyed; the next round tries again");
        }
    }

    async fn accounts(&self, kept_for: TimeDelta, node: &str) -> Result<(), Fault> {
        self.all_seen().await?;
        let now = Utc::now();
        let since = now - (kept_for - RETENTION_NOTICE);
        let (mut after, mut told, mut erased) = (None, 0_u64, 0_u64);
        while self.journal.lease("retention", node, LEASE).await?.is_some() {
            let page = idle::stretch(self.projections.db(), since, now, after, PAGE).await;
            let Stretch { idle, next } = page.map_err(|error| Fault::Outside(error.to_string()))?;
            for Idle { account, since: last, ways } in idle {
                // Erasing those before may have taken a while, and whoever has signed in meanwhile must be seen.
                self.all_seen().await?;
                let back = sign_ins::opened_since(self.projections.db(), &[account], since).await;
                if !back.map_err(|error| Fault::Outside(error.to_string()))?.is_empty() {
                    continue;
                }
                match self.commands.identity.retain(kept_for, &Unused { account, since: last, ways }).await {
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

    async fn addresses(&self, months: u32, node: &str) -> Result<(), Fault> {
        if self.journal.lease("retention", node, LEASE).await?.is_none() {
            return Ok(());
        }
        // So that every hold is seen.
        self.all_seen().await?;
        if holds::is_anybody_on_hold(&self.commands, &self.projections).await? {
            tracing::info!("somebody is on hold: all keys of digests of network addresses are kept");
            return Ok(());
        }
        self.commands.audit.forget_addresses(months).await.map(drop)
    }

    /// Comes back once the read models have all that is in the journal by now, without exception: to one that does not go on, people look
    /// idle who are not.
    async fn all_seen(&self) -> Result<(), Fault> {
        let head = self.journal.head().await?;
        if !self.projections.reached(head, PATIENCE).await {
            return Err(behind());
        }
        all_have(head, &self.projections.status())
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
