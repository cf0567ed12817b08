//! Appends and rebuilds of a long history beside those of a short one: cost must not grow with it.

use load::{Fault, Order};

use super::{Work, at, on_both, report};
use crate::{
    compare::Pair,
    ground::Ground,
    process::Side,
    report::{Line, Report},
    sides::Task,
    store::Engine,
};

const TARGET: f64 = 0.75;

#[expect(clippy::unnecessary_wraps, reason = "rows are of one type")]
pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    Ok(on_both(ground, "growth", on))
}

fn on(ground: &Ground, engine: Engine) -> Result<Report, Fault> {
    let grown = grown(ground, engine);
    // There may be room for one engine's at a time.
    ground.discard(engine)?;
    grown
}

fn grown(ground: &Ground, engine: Engine) -> Result<Report, Fault> {
    let size = ground.size;
    let (long, short) = (ground.usual_history(engine)?, ground.history(engine, size.accounts, size.fewer_events)?);
    let at_length = |what: &str| format!("{what} at {} events, to {}, {}", size.events, size.fewer_events, engine.name());

    let mut peer = Side::start(&Task::Rebuild { store: short.clone() })?;
    let mut ours = Side::start(&Task::Rebuild { store: long.clone() })?;
    let name = at_length("rebuild");
    let pair = Pair::measure((&mut ours, &Order::default()), (&mut peer, &Order::default()), size.long_rounds)?;
    let line = Line::new(name.clone(), 1, "events", &pair, Some(TARGET));
    eprintln!("  {name}: {:.0} to {:.0} events/s, {:.2}×", line.ours, line.peer, line.ratio);
    peer.end()?;
    let mut grown = report(vec![line], &name, ours)?;

    let mut peer = Side::start(&Task::Appends { store: short })?;
    let mut ours = Side::start(&Task::Appends { store: long })?;
    let name = at_length("append");
    let work = Work { name: &name, order: "", unit: "events", targets: &[(64, TARGET)] };
    let (line, _) = at(ground, &work, 64, &mut ours, &mut peer)?;
    grown.add(report(vec![line], &name, ours)?);
    Ok(grown)
}
