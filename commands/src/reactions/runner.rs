//! Runs reactions: each on one node at a time, from its own checkpoint, in order per stream, side by side across streams.

mod attempt;
mod pages;
mod round;
mod timers;

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use journal::{Advance, Fence, Journal, JournalError, Position, StreamId};
use tokio::{sync::watch, task::JoinSet, time::Instant};
use uuid::Uuid;

use self::pages::Pages;
use super::Reaction;
use crate::{Clock, Commands, Fault};

/// How long a node that has gone silent keeps others waiting.
const LEASE: Duration = Duration::from_secs(8);
/// How often a lease is renewed, and how often one that another holds is asked for.
const RENEWAL: Duration = Duration::from_secs(2);
/// How exact timers are, how soon an operator's word is heard, and how far behind a checkpoint may be of what was done: after a crash
/// that is done again, under the same keys.
const TICK: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// From the beginning of a round to that of the next, where there is no more than a page: what comes meanwhile is taken together,
/// and a round costs as much for one event as for many.
const REST: Duration = Duration::from_millis(50);

/// Runs all reactions until `stop` turns true, and finishes what it is at. Several nodes may run the same ones on one
/// journal: each reaction is at work on one of them.
pub async fn run(
    reactions: Vec<Box<dyn Reaction>>,
    commands: Arc<Commands>,
    journal: Arc<dyn Journal>,
    clock: Clock,
    stop: watch::Receiver<bool>,
) {
    let node = Uuid::now_v7().to_string();
    let pages = Arc::new(Pages::new(Arc::clone(&journal)));
    let mut running = JoinSet::new();
    for reaction in reactions {
        let lease = format!("reaction/{}", reaction.name());
        let (commands, journal, pages) = (Arc::clone(&commands), Arc::clone(&journal), Arc::clone(&pages));
        let follower = Follower { reaction, commands, journal, pages, clock, lease, node: node.clone() };
        running.spawn(follower.follow(stop.clone()));
    }
    while running.join_next().await.is_some() {}
}

struct Follower {
    reaction: Box<dyn Reaction>,
    commands: Arc<Commands>,
    journal: Arc<dyn Journal>,
    pages: Arc<Pages>,
    clock: Clock,
    lease: String,
    node: String,
}

/// A turn at being the one node that does a reaction's work.
struct Turn {
    fence: Fence,
    /// How far it is; `None`: the journal is to be asked.
    taken: Option<Position>,
    /// How far the journal knows it to be.
    noted: Position,
    /// When it was looked last at what is aside and at timers; `None`: it is time to.
    looked: Option<Instant>,
    /// Streams that are set aside.
    aside: HashSet<StreamId>,
    /// When a stream that was set aside is tried next; one that is not here, at once. Not by the clock, which can be set.
    streams: HashMap<StreamId, Instant>,
    /// When a timer that failed is tried next, and how often it has.
    timers: HashMap<String, (Instant, u32)>,
}

impl Turn {
    fn is_noted(&self) -> bool {
        self.taken.is_none_or(|taken| taken == self.noted)
    }
}

impl Follower {
    async fn follow(self, mut stop: watch::Receiver<bool>) {
        while !*stop.borrow() {
            match self.journal.lease(&self.lease, &self.node, LEASE).await {
                Ok(Some(fence)) => {
                    let lost = self.lead(fence.clone(), &mut stop).await;
                    self.parked_gauge(0);
                    if !lost {
                        break;
                    }
                    tracing::warn!(reaction = self.reaction.name(), "another node has taken this reaction over");
                }
                Ok(None) => {}
                Err(JournalError::Closed) => return,
                Err(error) => tracing::error!(reaction = self.reaction.name(), %error, "a reaction's lease could not be asked for"),
            }
            tokio::select! {
                _ = stop.changed() => {}
                () = tokio::time::sleep(RENEWAL / 2) => {}
            }
        }
        // Whoever comes next need not wait. If this is not heard, they wait until the lease runs out.
        let _ = self.journal.lease(&self.lease, &self.node, Duration::ZERO).await;
    }

    /// Works until it is to stop (`false`) or another has the lease (`true`).
    async fn lead(&self, fence: Fence, stop: &mut watch::Receiver<bool>) -> bool {
        tracing::debug!(reaction = self.reaction.name(), epoch = fence.epoch, "this node does a reaction's work");
        let (aside, streams, timers) = (HashSet::new(), HashMap::new(), HashMap::new());
        let turn = Turn { fence: fence.clone(), taken: None, noted: Position(0), looked: None, aside, streams, timers };
        // What is under way when the lease is lost is dropped: the next node does it again, under the same keys.
        tokio::select! {
            lost = self.rounds(turn, stop) => lost,
            () = self.renew(&fence) => true,
        }
    }

    /// Holds the lease; ends when it is lost. While the journal cannot be reached, the fence tells.
    async fn renew(&self, fence: &Fence) {
        loop {
            tokio::time::sleep(RENEWAL).await;
            match self.journal.lease(&self.lease, &self.node, LEASE).await {
                Ok(Some(held)) if held.epoch == fence.epoch => {}
                Ok(_) => return,
                Err(error) => tracing::warn!(reaction = self.reaction.name(), %error, "a reaction's lease could not be renewed"),
            }
        }
    }

    async fn rounds(&self, mut turn: Turn, stop: &mut watch::Receiver<bool>) -> bool {
        let mut head = self.journal.watch_head();
        let mut failures = 0;
        while !*stop.borrow() {
            let known = *head.borrow_and_update();
            let (began, before) = (Instant::now(), turn.taken);
            let pause = match self.round(&mut turn, known).await {
                Ok(more) => {
                    failures = 0;
                    if more {
                        continue;
                    }
                    if turn.is_noted() { TICK } else { 2 * REST }
                }
                Err(Fault::Journal(JournalError::Fenced(_))) => return true,
                Err(Fault::Journal(JournalError::Closed)) => return false,
                Err(fault) => {
                    // In a row, and without a step forward.
                    failures = if turn.taken > before { 1 } else { failures + 1 };
                    turn.looked = None;
                    self.failed(&fault, failures, "a reaction cannot go on for now");
                    backoff(failures)
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                _ = head.changed(), if failures == 0 => {}
                () = tokio::time::sleep(pause) => {}
            }
            tokio::time::sleep_until(began + REST).await;
        }
        // If this is not heard, some of it is done again.
        let _ = self.note(&mut turn).await;
        false
    }

    async fn advance(&self, turn: &Turn, advance: Advance) -> Result<(), Fault> {
        let subscriber = self.reaction.name().to_owned();
        Ok(self.journal.advance(Advance { subscriber, fence: Some(turn.fence.clone()), ..advance }).await?)
    }

    fn failed(&self, fault: &Fault, attempts: u32, what: &str) {
        metrics::counter!("nalabo_reaction_failures_total", "reaction" => self.reaction.name()).increment(1);
        tracing::error!(reaction = self.reaction.name(), attempts, %fault, "{what}");
    }

    fn parked_gauge(&self, parked: u32) {
        metrics::gauge!("nalabo_reaction_parked", "reaction" => self.reaction.name()).set(parked);
    }
}

/// Longer after each failure.
fn backoff(failures: u32) -> Duration {
    LONGEST_PAUSE.min(Duration::from_millis(100 << failures.min(9)))
}
