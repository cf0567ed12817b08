//! A stock postgres-es client loads a stream of ours from the table we write.

use load::{Fault, Order, streams::stream};

use crate::{
    ground::Ground,
    process::{Measured, Side},
    report::{Bound, Report},
    sides::{Fill, Task},
    store::Engine,
};

const EVENTS: u32 = 20;

pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    let store = ground.filled(Engine::Postgres, Fill::Counters { streams: 3, events: EVENTS.into() })?;
    // And one more by a command, as the product writes it.
    let mut commands = Side::start(&Task::Commands { store: store.clone(), cache: None })?;
    commands.measure(&Order { work: "1..2".into(), clients: 1, run_ms: 50, ..Order::default() })?;
    let peak = commands.end()?;
    let written = ground.sql(&store.url, &format!("SELECT count(*) FROM journal.events WHERE aggregate_id = '{}'", stream(1)))?;
    let url = format!("{}?options[search_path]=journal", store.url);
    let mut peer = Side::peer(&["load", &url, &stream(1).to_string()])?;
    let loaded = peer.measure(&Order::default())?;
    let written: f64 = written.parse()?;
    // How often it counted, and how much: one each time.
    if written <= f64::from(EVENTS) || (loaded.done, loaded.seconds) != (written, written) {
        return Err(format!("of {written} events, a stock client folded {} to {}", loaded.done, loaded.seconds).into());
    }
    eprintln!("  a stock postgres-es client loads what we wrote: {written} events");
    let note = "A stock postgres-es 0.5 client loads a stream of ours from the table `journal.events`, and folds it to the same state.";
    let memory = Bound::memory("commands that a stock client reads", peak);
    Ok(Report { bounds: vec![memory], notes: vec![note.into()], ..Report::default() })
}
