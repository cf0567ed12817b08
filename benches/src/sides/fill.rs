//! Fills a journal, many events an append.

use std::{sync::Arc, time::Duration};

use domain::{
    Decider, Event,
    gamification::scorecard::{Scorecard, ScorecardEvent, Source},
    kernel::{AccountId, Points, WorkshopId},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use journal::{Append, Journal, JournalError, NewEvent, StreamId, StreamWrite};
use load::{Counter, CounterEvent, Fault, Figures, serve, streams};
use rand::seq::SliceRandom;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{appends::metadata, discovery::programme};
use crate::store::Store;

/// Events in an append.
const EVENTS: u64 = 500;
/// Appends on their way at once.
const AT_ONCE: usize = 8;
/// At an append that the database was too busy for.
const TRIES: u32 = 60;
const PAUSE: Duration = Duration::from_secs(1);
/// Boards by workshop.
const WORKSHOPS: u64 = 10;

/// What is to be there afterwards.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) enum Fill {
    /// Counters with as many events each.
    Counters { streams: u64, events: u64 },
    /// Accounts that earn points for one step after the other of a workshop, all of them in turn.
    Scorecards { accounts: u64, events: u64 },
    /// Runs that people may register for.
    Runs { runs: u64 },
}

pub(super) async fn run(store: &Store, fill: &Fill) -> Result<(), Fault> {
    let vault = store.vault().await?;
    let journal = store.journal(&vault).await?;
    match *fill {
        Fill::Counters { streams, events } => {
            let numbers: Vec<u64> = (0..streams).collect();
            write(&journal, &numbers, EVENTS / events, |number| counter(number, events)).await?;
        }
        Fill::Runs { runs } => {
            let numbers: Vec<u64> = (0..runs).collect();
            write(&journal, &numbers, EVENTS / 4, programme::scheduled).await?;
        }
        Fill::Scorecards { accounts, events } => {
            let mut order: Vec<u64> = (0..accounts).collect();
            for turn in 0..events / accounts {
                // A new order each time, so that a page touches as many accounts as it has events.
                order.shuffle(&mut rand::rng());
                write(&journal, &order, EVENTS, |account| award(account, turn)).await?;
            }
        }
    }
    journal.close().await;
    serve(|_| async { Ok(Figures::default()) }).await
}

async fn write(
    journal: &Arc<dyn Journal>,
    numbers: &[u64],
    in_append: u64,
    each: impl Fn(u64) -> Result<StreamWrite, Fault>,
) -> Result<(), Fault> {
    let each = &each;
    let appends = numbers.chunks(usize::try_from(in_append.max(1))?).map(|chunk| async move {
        let mut tries = 0;
        loop {
            let writes = chunk.iter().map(|number| each(*number)).collect::<Result<_, Fault>>()?;
            match journal.append(Append { writes, metadata: metadata(), receipt: None, fence: None }).await {
                Ok(_) => return Ok::<_, Fault>(()),
                // What is too busy for a moment was not done; an hour of filling is not to end with it.
                Err(JournalError::Unavailable(_)) if tries < TRIES => tries += 1,
                Err(error) => return Err(error.into()),
            }
            tokio::time::sleep(PAUSE).await;
        }
    });
    stream::iter(appends).buffer_unordered(AT_ONCE).try_collect::<()>().await
}

fn counter(number: u64, events: u64) -> Result<StreamWrite, Fault> {
    let mut state = Counter::default();
    let mut new = Vec::new();
    for _ in 0..events {
        let event = CounterEvent::counted(1, &state);
        state.evolve(&event);
        new.push(of(&event)?);
    }
    Ok(StreamWrite { stream: StreamId::new(Counter::STREAM, streams::stream(number)), expected: 0, events: new })
}

fn award(account: u64, turn: u64) -> Result<StreamWrite, Fault> {
    let id = streams::stream(account);
    let workshop = WorkshopId(streams::stream(account % WORKSHOPS));
    let points = Points(rand::random_range(1..=1000));
    let source = Source::Step { workshop, step: format!("step-{turn}") };
    let event = ScorecardEvent::Awarded { learner: AccountId(id), source, points, total: points };
    Ok(StreamWrite { stream: StreamId::new(Scorecard::STREAM, id), expected: i64::try_from(turn)?, events: vec![of(&event)?] })
}

pub(super) fn of<E: Event>(event: &E) -> Result<NewEvent, Fault> {
    Ok(NewEvent { id: Uuid::now_v7(), name: event.name().into(), version: event.version(), payload: serde_json::to_value(event)? })
}
