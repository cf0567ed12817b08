//! A turn of the runner: folds a round of pages if this node holds the lease, or else looks how far the others are.

use std::time::{Duration, Instant};

use chrono::Utc;

use super::{
    Fault, Projections,
    feed::Feed,
    wait::{Backoff, Next},
};
use crate::lease;

/// How often a node renews its lease, or looks whether another's has ended; and looks for what was resumed.
const LOOK: Duration = Duration::from_millis(500);
/// How often a node that does not fold looks how far the read models are, while they are behind.
const POLL: Duration = Duration::from_millis(50);
const HEARTBEAT: Duration = Duration::from_secs(10);
const TIDY: Duration = Duration::from_mins(1);
/// How long a round, which may make indexes over many rows, may take before the connection counts as lost.
const ROUND: Duration = Duration::from_mins(10);
/// The same, for a single statement that has little to do.
const STATEMENT: Duration = Duration::from_secs(6);

/// What is remembered from turn to turn.
#[derive(Default)]
pub(super) struct Turns {
    feed: Feed,
    pause: Backoff,
    /// Whether the checkpoints in memory are those of the database: a commit may have been cut off from its answer.
    known: bool,
    looked: Option<Instant>,
    beaten: Option<Instant>,
    tidied: Option<Instant>,
}

impl Projections {
    pub(super) async fn turn(&self, turns: &mut Turns) -> Next {
        let turn = tokio::time::timeout(ROUND, self.try_turn(turns)).await.unwrap_or(Err(Fault::Stalled));
        turns.known = turn.is_ok();
        turns.feed.longer(turn.is_ok());
        match turn {
            Ok(next) => {
                turns.pause = Backoff::default();
                next
            }
            Err(Fault::Fenced) => {
                tracing::warn!("another node folds the read models now");
                self.lease.lost();
                Next::AtOnce
            }
            Err(fault) => {
                tracing::warn!(%fault, "read models fall behind; trying again");
                Next::Pause(turns.pause.longer())
            }
        }
    }

    async fn try_turn(&self, turns: &mut Turns) -> Result<Next, Fault> {
        let look = is_due(&mut turns.looked, LOOK);
        if is_due(&mut turns.beaten, HEARTBEAT) {
            soon(lease::beat(&self.store.writer, &self.generation)).await?;
        }
        let folds = self.lease.held() || (look && self.take_over().await?);
        if !folds {
            return self.follow().await;
        }
        if look && !soon(self.lease.renew(&self.store.writer)).await? {
            return Err(Fault::Fenced);
        }
        // What was resumed from outside, or lost by the server, is seen here.
        if look || !turns.known {
            soon(self.reload()).await?;
        }
        let more = self.round(&mut turns.feed).await?;
        if self.is_level() && is_due(&mut turns.tidied, TIDY) {
            self.remove_other_generations().await;
        }
        Ok(if more { Next::AtOnce } else { Next::Head(LOOK) })
    }

    /// Takes the lease, if it is free, and sees what was written under it.
    async fn take_over(&self) -> Result<bool, Fault> {
        if !soon(self.lease.take(&self.store.writer)).await? {
            return Ok(false);
        }
        tracing::info!("this node folds the read models");
        soon(self.reload()).await?;
        self.verify().await?;
        Ok(true)
    }

    /// Looks how far the node that folds has come.
    async fn follow(&self) -> Result<Next, Fault> {
        soon(self.reload()).await?;
        self.publish(self.head(), Utc::now());
        Ok(if self.is_level() { Next::Head(LOOK) } else { Next::Pause(POLL) })
    }
}

/// A statement that has little to do; a connection on which it gets no answer is dead.
pub(super) async fn soon<T>(statement: impl Future<Output = Result<T, sea_orm::DbErr>>) -> Result<T, Fault> {
    tokio::time::timeout(STATEMENT, statement).await.map_err(|_| Fault::Stalled)?.map_err(Fault::Database)
}

/// Whether so much time has passed since it was due last.
fn is_due(last: &mut Option<Instant>, every: Duration) -> bool {
    let due = last.is_none_or(|last| last.elapsed() >= every);
    if due {
        *last = Some(Instant::now());
    }
    due
}
