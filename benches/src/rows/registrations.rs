//! Registrations for one popular run, beside the same promise kept by a lock on a row of a plain table.

use load::{Fault, Figures};

use super::{Work, at, report};
use crate::{
    compare::{Pair, median},
    ground::{CLIENTS, Ground},
    process::Side,
    report::{Bound, Limit, Report},
    sides::{FUNCTION, STATEMENTS, Task},
    store::Engine,
};

/// As many as want in at once.
const MANY: usize = 256;
const UNIT: &str = "registrations";

pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    let store = ground.store(Engine::Postgres)?;
    let mut peer = Side::start(&Task::ForUpdate { url: ground.database()? })?;
    let mut ours = Side::start(&Task::Registrations { store, people: ground.size.registrants })?;
    let (mut lines, mut bounds, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let name = "registrations for one run, to SELECT … FOR UPDATE on plain tables";
    let work = Work { name, order: STATEMENTS, unit: UNIT, targets: &[(MANY, 1.0)] };
    for clients in CLIENTS {
        let (line, pair) = at(ground, &work, clients, &mut ours, &mut peer)?;
        lines.push(line);
        if clients == MANY {
            // Nobody waits longer for it, either.
            let limit = Limit::AtMost(p99(&pair.peer));
            bounds.push(Bound { what: format!("p99, {MANY} clients: {name}"), value: p99(&pair.ours), limit, unit: "ms".into() });
            notes.push(told(name, &pair));
        }
    }
    let name = "registrations for one run, to the same in a function of the database";
    let (line, pair) = at(ground, &Work { name, order: FUNCTION, unit: UNIT, targets: &[] }, MANY, &mut ours, &mut peer)?;
    lines.push(line);
    notes.push(told(name, &pair));
    let mut report = report(lines, "registrations for one run", ours)?;
    report.bounds.append(&mut bounds);
    report.notes.append(&mut notes);
    Ok(report)
}

fn told(name: &str, Pair { ours, peer }: &Pair) -> String {
    let of = |side: &[Figures]| format!("p50 {:.0} ms, p99 {:.0} ms", p50(side), p99(side));
    format!("{name}, {MANY} clients: {}, to {}.", of(ours), of(peer))
}

/// The median of the rounds, in milliseconds.
fn p50(side: &[Figures]) -> f64 {
    median(side.iter().map(|figures| figures.p50).collect()) / 1000.0
}

fn p99(side: &[Figures]) -> f64 {
    median(side.iter().map(|figures| figures.p99).collect()) / 1000.0
}
