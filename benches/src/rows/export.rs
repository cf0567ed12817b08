//! The whole history as lines of JSON in a file, beside the same rows as JSON by the database's own client.

use load::{Fault, Order};

use super::{on_both, report};
use crate::{
    compare::Pair,
    dump::Dump,
    ground::Ground,
    process::Side,
    report::{Bound, Limit, Line, Report},
    sides::Task,
    store::Engine,
};

/// Events in a second.
const LEAST: f64 = 100_000.0;

#[expect(clippy::unnecessary_wraps, reason = "rows are of one type")]
pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    Ok(on_both(ground, "export", on))
}

fn on(ground: &Ground, engine: Engine) -> Result<Report, Fault> {
    let store = ground.usual_history(engine)?;
    let mut peer = Dump::new(&store, ground.directory(), ground.size.events)?;
    let mut ours = Side::start(&Task::Export { store, file: ground.directory().join("export.ndjson") })?;
    let pair = Pair::measure((&mut ours, &Order::default()), (&mut peer, &Order::default()), ground.size.rounds)?;
    let name = format!("export to NDJSON, to a dump by {}, {}", peer.program(), engine.name());
    let line = Line::new(name.clone(), 1, "events", &pair, None);
    eprintln!("  {name}: {:.0} to {:.0} events/s, {:.2}×", line.ours, line.peer, line.ratio);
    let speed = Bound {
        what: format!("speed: export to NDJSON, {}", engine.name()),
        value: line.ours,
        limit: Limit::AtLeast(LEAST),
        unit: "events/s".into(),
    };
    let mut report = report(vec![line], &format!("export to NDJSON, {}", engine.name()), ours)?;
    report.bounds.push(speed);
    Ok(report)
}
