//! Ten thousand people who want a hundred places, again and again: nothing is compared, and all of it is checked.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    thread,
};

use load::{Fault, Order};

use crate::{
    ground::Ground,
    process::{Measured, Side},
    report::{Bound, Limit, Report},
    sides::{Races, Task},
    store::{Engine, Store},
};

const CLIENTS: usize = 256;
/// Courses on which there are races side by side: a race alone leaves much of a machine idle.
const COURSES: usize = 3;

pub(super) fn on_postgres(ground: &Ground) -> Result<Report, Fault> {
    on(ground, Engine::Postgres)
}

pub(super) fn on_sqlite(ground: &Ground) -> Result<Report, Fault> {
    on(ground, Engine::Sqlite)
}

fn on(ground: &Ground, engine: Engine) -> Result<Report, Fault> {
    let seeds = ground.size.seeds;
    let size = Races { people: ground.size.racers, places: ground.size.places, clients: CLIENTS };
    let stores = (0..COURSES).map(|_| ground.store(engine)).collect::<Result<Vec<_>, Fault>>()?;
    let next = &AtomicU32::new(1);
    let commands = thread::scope(|scope| {
        let courses: Vec<_> = stores.into_iter().map(|store| scope.spawn(move || on_course(store, size, next, seeds))).collect();
        let raced = courses.into_iter().map(|course| course.join().unwrap_or_else(|_| Err("a course broke".into())));
        raced.sum::<Result<f64, Fault>>()
    })?;
    let Races { people, places, .. } = size;
    let what = format!("{people} people for {places} places, all as it has to be, {}", engine.name());
    let bound = Bound { what, value: seeds.into(), limit: Limit::AtLeast(seeds.into()), unit: "races".into() };
    let note = format!(
        "Races on {}: {seeds} seeds, {people} people for {places} places from {CLIENTS} clients, on {} node(s), every second one with \
         approval. Their {commands:.0} commands left events that were told again, and looked at after each append: each offer went to the \
         first in line, no place was idle while somebody waited whom it would do, and as much money was kept, owed and given back as was \
         sent. At the end of each all {places} places were taken.",
        engine.name(),
        Races::nodes(engine),
    );
    Ok(Report { bounds: vec![bound], notes: vec![note], ..Report::default() })
}

/// Races until there are no more seeds; the commands of all.
fn on_course(store: Store, size: Races, next: &AtomicU32, seeds: u32) -> Result<f64, Fault> {
    let mut side = Side::start(&Task::Races { store, size })?;
    let mut commands = 0.0;
    loop {
        let seed = next.fetch_add(1, Ordering::Relaxed);
        if seed > seeds {
            side.end()?;
            return Ok(commands);
        }
        commands += side.measure(&Order { work: seed.to_string(), clients: size.clients, warm_up_ms: 0, run_ms: 0 })?.done;
    }
}
