//! Ten thousand people who want a hundred places, again and again: nothing is compared, and all of it is checked.

use std::{sync::Arc, time::Instant};

use load::Fault;
use test_races::{Course, Size as Races, Told};

use super::on_both;
use crate::{
    ground::{Ground, Size},
    report::{Bound, Limit, Report},
    store::{Engine, Store},
};

const CLIENTS: usize = 256;

#[expect(clippy::unnecessary_wraps, reason = "rows are of one type")]
pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    Ok(on_both(ground, "races", on))
}

fn on(ground: &Ground, engine: Engine) -> Result<Report, Fault> {
    let store = ground.store(engine)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(race(&store, &ground.size))
}

async fn race(store: &Store, size: &Size) -> Result<Report, Fault> {
    let vault = store.vault().await?;
    // Two nodes, where there may be several.
    let nodes = if store.engine == Engine::Postgres { 2 } else { 1 };
    let mut stores = Vec::new();
    for _ in 0..nodes {
        stores.push((Arc::clone(&vault), store.journal(&vault).await?));
    }
    let Size { racers: people, places, seeds, .. } = *size;
    let course = Arc::new(Course::lay(&stores, Races { people, places, clients: CLIENTS }).await?);
    let (mut commands, mut all, begun) = (0, Told::default(), Instant::now());
    for seed in 1..=seeds {
        let verified = course.race(seed.into()).await?;
        // So many want them that somebody is left for each, alone.
        if verified.idle > 0 {
            return Err(format!("seed {seed}: expected all places to be taken, and {} are not", verified.idle).into());
        }
        let Told { events, appends, offers, lapses, payments, refunds } = verified.told;
        eprintln!(
            "  {}, seed {seed}: {} commands, {events} events in {appends} appends, {offers} offers, {lapses} lapses, {payments} payments, \
             {refunds} refunds: all as it has to be",
            store.engine.name(),
            verified.commands
        );
        commands += verified.commands;
        all.events += events;
        all.appends += appends;
        all.offers += offers;
        all.lapses += lapses;
        all.payments += payments;
        all.refunds += refunds;
    }
    let took = begun.elapsed();
    for (_, journal) in &stores {
        journal.close().await;
    }
    let what = format!("{people} people for {places} places, all as it has to be, {}", store.engine.name());
    let bound = Bound { what, value: seeds.into(), limit: Limit::AtLeast(seeds.into()), unit: "races".into() };
    let Told { events, appends, offers, lapses, payments, refunds } = all;
    let note = format!(
        "Races on {}: {seeds} seeds, {people} people for {places} places from {CLIENTS} clients, on {nodes} node(s), every second one with \
         approval. {commands} commands in {:.0} s. Their {events} events in {appends} appends were told again, and looked at after each: \
         {offers} offers, each to the first in line; {lapses} that ran out; {payments} payments and {refunds} refunds, of as much money as \
         was sent. At the end of each all {places} places were taken.",
        store.engine.name(),
        took.as_secs_f64(),
    );
    Ok(Report { bounds: vec![bound], notes: vec![note], ..Report::default() })
}
