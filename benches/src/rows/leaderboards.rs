//! All leaderboards from the first event on, beside a transaction for each event.

use load::{Fault, Order};

use super::{on_both, report};
use crate::{
    compare::Pair,
    ground::Ground,
    process::{Measured, Side},
    report::{Line, Report, number},
    sides::{AT_ONCE, FOLDS, Task},
    store::Engine,
};

#[expect(clippy::unnecessary_wraps, reason = "rows are of one type")]
pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    Ok(on_both(ground, "leaderboards", on))
}

fn on(ground: &Ground, engine: Engine) -> Result<Report, Fault> {
    let store = ground.usual_history(engine)?;
    let mut peer = Side::start(&Task::EventByEvent { store: store.clone(), into: ground.store(engine)? })?;
    let mut ours = Side::start(&Task::Rebuild { store })?;
    // A few seconds of it are enough to know its rate.
    let bounded = |work: &str| Order { work: work.into(), clients: 1, run_ms: ground.size.run_ms * 4, warm_up_ms: 0 };
    let pair = Pair::measure((&mut ours, &Order::default()), (&mut peer, &bounded("")), ground.size.long_rounds)?;
    let name = format!("rebuild of all leaderboards, {}", engine.name());
    let line = Line::new(name.clone(), 1, "events", &pair, Some(40.0));
    let at_once = vec![peer.measure(&bounded(AT_ONCE))?; pair.ours.len()];
    let stronger = Line::new(format!("{name}, to an event's rows at once"), 1, "events", &Pair { peer: at_once, ..pair }, None);
    #[expect(clippy::cast_precision_loss, reason = "eight")]
    let folds = line.ours * FOLDS as f64;
    eprintln!("  {name}: {:.0} to {:.0} events/s, {:.1}×, {folds:.0} row-folds/s", line.ours, line.peer, line.ratio);
    let (events, accounts) = (ground.size.events, ground.size.accounts);
    let mut report = report(vec![line, stronger], &name, ours)?;
    report.notes.push(format!(
        "The rebuild on {} takes {events} events of {accounts} accounts, each on {FOLDS} boards: {} row-folds a second.",
        engine.name(),
        number(folds)
    ));
    Ok(report)
}
