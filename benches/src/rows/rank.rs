//! The rank of a random account, beside counting who stands higher than the one in the middle.

use load::{Fault, Order};

use super::{Work, in_rounds, on_both, report};
use crate::{
    ground::{CLIENTS, Ground},
    process::{Measured, Side},
    report::{Bound, Limit, Report},
    sides::{Fill, Task},
    store::Engine,
};

/// Milliseconds.
const P99: f64 = 2.0;
/// A server that has run for a while has what it is asked for in its memory; one that has just been filled reads it from a disk.
const PREWARM: &str = "SELECT sum(pg_prewarm(class.oid)) FROM pg_class AS class JOIN pg_namespace AS place ON place.oid = relnamespace \
                       WHERE relkind IN ('r', 'i') AND nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')";
/// A board of a million takes its time to be made; so that is made up for.
const ROUNDS: usize = 3;

#[expect(clippy::unnecessary_wraps, reason = "rows are of one type")]
pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    Ok(on_both(ground, "rank", on))
}

fn on(ground: &Ground, engine: Engine) -> Result<Report, Fault> {
    // The operating system may take files out of its memory, and then a disk would be measured.
    let ground = &ground.roomy()?;
    let accounts = ground.size.ranked;
    let store = ground.filled(engine, Fill::Scorecards { accounts, events: accounts })?;
    let mut rebuild = Side::start(&Task::Rebuild { store: store.clone() })?;
    rebuild.measure(&Order::default())?;
    let built = rebuild.end()?;
    if engine == Engine::Postgres {
        // As it does by itself within minutes: the rows are read later than they were written.
        ground.sql(&store.url, "VACUUM ANALYZE")?;
        ground.sql(&store.url, "CHECKPOINT")?;
        ground.sql(&store.url, "CREATE EXTENSION pg_prewarm")?;
        ground.sql(&store.url, PREWARM)?;
    }
    let mut peer = Side::start(&Task::Counts { store: store.clone() })?;
    let mut ours = Side::start(&Task::Ranks { store, accounts })?;
    let name = format!("rank of a random account, {}", engine.name());
    let work = Work { name: &name, order: "", unit: "ranks", targets: &[(1, 10.0)] };
    let (mut lines, mut bounds) = (Vec::new(), vec![Bound::memory(format!("rebuild of {accounts} accounts, {}", engine.name()), built)]);
    for clients in CLIENTS {
        let (line, pair) = in_rounds(ground, &work, clients, &mut ours, &mut peer, ROUNDS)?;
        lines.push(line);
        if clients == 1 {
            bounds.push(Bound { what: format!("p99: {name}"), value: pair.p99() / 1000.0, limit: Limit::AtMost(P99), unit: "ms".into() });
        }
    }
    let mut report = report(lines, &name, ours)?;
    report.bounds.extend(bounds);
    let settled =
        if engine == Engine::Postgres { ", all of it in the server's 2 GiB of shared buffers, after VACUUM and CHECKPOINT" } else { "" };
    report.notes.push(format!("Ranks on {} are asked among {accounts} accounts{settled}.", engine.name()));
    Ok(report)
}
