//! The history in pages of a thousand, decoded, beside the same pages as rows.

use load::Fault;

use super::{Work, at, on_both, report};
use crate::{ground::Ground, process::Side, report::Report, sides::Task, store::Engine};

#[expect(clippy::unnecessary_wraps, reason = "rows are of one type")]
pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    Ok(on_both(ground, "reading", |ground, engine| pages(ground, engine, "reading in global order, decoded", "read", 0.5)))
}

/// A follower has one connection, so there is one client.
pub(super) fn pages(ground: &Ground, engine: Engine, work: &str, order: &str, target: f64) -> Result<Report, Fault> {
    let store = ground.usual_history(engine)?;
    let mut peer = Side::start(&Task::Select { store: store.clone() })?;
    let mut ours = Side::start(&Task::Reading { store })?;
    let name = format!("{work}, {}", engine.name());
    let work = Work { name: &name, order, unit: "events", targets: &[(1, target)] };
    let (line, _) = at(ground, &work, 1, &mut ours, &mut peer)?;
    report(vec![line], &name, ours)
}
