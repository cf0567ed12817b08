//! Races for the places of a run, each as a seed has it. A process has one course: races on it share their time.

use std::{sync::Arc, time::Instant};

use load::{Fault, Figures, Order, serve};
use serde::{Deserialize, Serialize};
use test_races::{Course, Size, Told};

use crate::store::{Engine, Store};

/// Who races, and for what.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Races {
    pub(crate) people: usize,
    pub(crate) places: u32,
    pub(crate) clients: usize,
}

impl Races {
    /// Two nodes, where there may be several.
    pub(crate) const fn nodes(engine: Engine) -> usize {
        match engine {
            Engine::Postgres => 2,
            Engine::Sqlite => 1,
        }
    }
}

/// Takes orders for races; `work` is the seed. What is done is commands.
pub(super) async fn run(store: &Store, Races { people, places, clients }: Races) -> Result<(), Fault> {
    let vault = store.vault().await?;
    let mut stores = Vec::new();
    for _ in 0..Races::nodes(store.engine) {
        stores.push((Arc::clone(&vault), store.journal(&vault).await?));
    }
    let course = Arc::new(Course::lay(&stores, Size { people, places, clients }).await?);
    let (name, on) = (store.engine.name(), &course);
    serve(|order: Order| async move {
        let (seed, begun): (u64, _) = (order.work.parse()?, Instant::now());
        let verified = on.race(seed).await?;
        // So many want them that somebody is left for each, alone.
        if verified.idle > 0 {
            return Err(format!("seed {seed}: expected all places to be taken, and {} are not", verified.idle).into());
        }
        let (took, Told { events, appends, offers, lapses, payments, refunds }) = (begun.elapsed(), verified.told);
        eprintln!(
            "  {name}, seed {seed}, {:.0} s: {} commands, {events} events in {appends} appends, {offers} offers, {lapses} lapses, {payments} \
             payments, {refunds} refunds: all as it has to be",
            took.as_secs_f64(),
            verified.commands
        );
        Ok(Figures::of(verified.commands, took))
    })
    .await?;
    for (_, journal) in &stores {
        journal.close().await;
    }
    Ok(())
}
