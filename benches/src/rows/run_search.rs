//! Searching a hundred thousand runs, with facets, however it is asked for.

use load::{Fault, Figures, Order};

use super::on_both;
use crate::{
    compare::median,
    ground::Ground,
    process::{Measured, Side},
    report::{Bound, Limit, Report},
    sides::{Fill, SEARCHES, Task},
    store::Engine,
};

/// Milliseconds.
const P99: f64 = 50.0;
const ROUNDS: usize = 3;
/// Who else asks, where it is only told how long that takes.
const MANY: usize = 16;

#[expect(clippy::unnecessary_wraps, reason = "rows are of one type")]
pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    Ok(on_both(ground, "run_search", on))
}

fn on(ground: &Ground, engine: Engine) -> Result<Report, Fault> {
    let ground = &ground.roomy()?;
    let runs = ground.size.runs;
    let store = ground.filled(engine, Fill::Runs { runs })?;
    let mut rebuild = Side::start(&Task::Rebuild { store: store.clone() })?;
    let built = rebuild.measure(&Order::default())?;
    let rebuilt = Bound::memory(format!("rebuild of {runs} runs, {}", engine.name()), rebuild.end()?);
    if engine == Engine::Postgres {
        // As it does by itself within minutes.
        ground.sql(&store.url, "VACUUM ANALYZE")?;
        ground.sql(&store.url, "CHECKPOINT")?;
    }
    let mut ours = Side::start(&Task::RunSearch { store, runs })?;
    let (mut bounds, mut told) = (vec![rebuilt], Vec::new());
    for search in SEARCHES {
        let alone = rounds(ground, &mut ours, search, 1)?;
        let among = rounds(ground, &mut ours, search, MANY)?;
        let what = format!("p99: {search} among {runs} runs, {}", engine.name());
        eprintln!("  {what}: {:.1} ms", milliseconds(&alone, |figures| figures.p99));
        told.push(format!(
            "{search} p50 {:.1} ms, {:.0} a second from {MANY} clients (p99 {:.0} ms)",
            milliseconds(&alone, |figures| figures.p50),
            median(among.iter().map(Figures::rate).collect()),
            milliseconds(&among, |figures| figures.p99)
        ));
        bounds.push(Bound { what, value: milliseconds(&alone, |figures| figures.p99), limit: Limit::AtMost(P99), unit: "ms".into() });
    }
    bounds.push(Bound::memory(format!("searching {runs} runs, {}", engine.name()), ours.end()?));
    let note = format!(
        "Searches among {runs} runs on {}, each with all facets and the rows of a page of 50, from one client where no more are named: \
         {}. Read models of {:.0} events were rebuilt at {:.0} events a second.",
        engine.name(),
        told.join("; "),
        built.done,
        built.rate()
    );
    Ok(Report { bounds, notes: vec![note], ..Report::default() })
}

fn rounds(ground: &Ground, ours: &mut Side, search: &str, clients: usize) -> Result<Vec<Figures>, Fault> {
    let order = ground.order(search, clients);
    (0..ROUNDS).map(|_| ours.measure(&order)).collect()
}

/// The median of the rounds.
fn milliseconds(rounds: &[Figures], of: fn(&Figures) -> f64) -> f64 {
    median(rounds.iter().map(of).collect()) / 1000.0
}
