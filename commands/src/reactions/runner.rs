//! Runs reactions: each follows the journal from its own checkpoint, in order per stream, side by side across streams.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::fact::Fact;
use futures_util::{StreamExt, TryStreamExt, stream};
use journal::{Advance, Journal, JournalError, Position, Recorded, TimerChange};
use tokio::{sync::watch, task::JoinSet};
use uuid::Uuid;

use super::Reaction;
use crate::{Clock, Commands, Fault};

const PAGE: u32 = 500;
const STREAMS_AT_ONCE: usize = 16;
/// How exact timers are.
const TICK: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// Runs all reactions until `stop` turns true, and finishes what it is at.
pub async fn run(
    reactions: Vec<Box<dyn Reaction>>,
    commands: Arc<Commands>,
    journal: Arc<dyn Journal>,
    clock: Clock,
    stop: watch::Receiver<bool>,
) {
    let mut running = JoinSet::new();
    for reaction in reactions {
        let follower = Follower { reaction, commands: Arc::clone(&commands), journal: Arc::clone(&journal), clock };
        running.spawn(follower.follow(stop.clone()));
    }
    while running.join_next().await.is_some() {}
}

struct Follower {
    reaction: Box<dyn Reaction>,
    commands: Arc<Commands>,
    journal: Arc<dyn Journal>,
    clock: Clock,
}

impl Follower {
    async fn follow(self, mut stop: watch::Receiver<bool>) {
        let mut head = self.journal.watch_head();
        let mut failures = 0;
        while !*stop.borrow() {
            let pause = match self.round().await {
                Ok(true) => {
                    failures = 0;
                    continue;
                }
                Ok(false) => {
                    failures = 0;
                    TICK
                }
                Err(Fault::Journal(JournalError::Closed)) => return,
                Err(fault) => {
                    failures += 1;
                    metrics::counter!("nalabo_reaction_failures_total", "reaction" => self.reaction.name()).increment(1);
                    tracing::error!(reaction = self.reaction.name(), failures, %fault, "a reaction failed and will be tried again");
                    LONGEST_PAUSE.min(Duration::from_millis(100 << failures.min(9)))
                }
            };
            tokio::select! {
                _ = stop.changed() => {}
                _ = head.changed(), if failures == 0 => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// One page of events and the timers that are due; whether there may be more.
    async fn round(&self) -> Result<bool, Fault> {
        let checkpoint = self.journal.checkpoint(self.reaction.name()).await?;
        let page = self.journal.read(checkpoint, PAGE).await?;
        let more = page.len() >= PAGE as usize;
        let checkpoint = match page.last() {
            Some(last) => {
                let last = last.position;
                let timers = self.page(page).await?;
                self.journal.advance(Advance { timers, ..Advance::to(self.reaction.name(), last) }).await?;
                last
            }
            None => checkpoint,
        };
        Ok(self.timers(checkpoint).await? || more)
    }

    async fn page(&self, page: Vec<Recorded>) -> Result<Vec<TimerChange>, Fault> {
        let mut streams = BTreeMap::<Uuid, Vec<Recorded>>::new();
        for event in page {
            streams.entry(event.stream.id).or_default().push(event);
        }
        let each = |events: Vec<Recorded>| async move {
            let mut timers = Vec::new();
            for event in events {
                let fact = Fact::decode(&event.stream.kind, &event.payload)?;
                timers.extend(self.reaction.react(&event, &fact, &self.commands).await?);
            }
            Ok::<_, Fault>(timers)
        };
        stream::iter(streams.into_values().map(each)).buffer_unordered(STREAMS_AT_ONCE).try_concat().await
    }

    async fn timers(&self, checkpoint: Position) -> Result<bool, Fault> {
        let due = self.journal.due_timers(self.reaction.name(), (self.clock)(), PAGE).await?;
        for timer in &due {
            self.reaction.due(timer, &self.commands).await?;
            let timers = vec![TimerChange::Cancel(timer.key.clone())];
            self.journal.advance(Advance { timers, ..Advance::to(self.reaction.name(), checkpoint) }).await?;
        }
        Ok(!due.is_empty())
    }
}
