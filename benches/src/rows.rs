//! What is measured, a file for each row.

mod appends;
mod audit;
mod compatible;
mod export;
mod growth;
mod hot_aggregates;
mod leaderboards;
mod limit;
mod new_aggregates;
mod races;
mod rank;
mod reading;
mod registrations;
mod run_search;
mod sandbox;
mod sign_in_flood;
mod simulation;
mod sqlite;
mod tokens;
mod unknown_accounts;
mod verify;

use load::Fault;

use crate::{
    compare::Pair,
    ground::{CLIENTS, Ground},
    process::{Measured, Side},
    report::{Bound, Line, Report},
};

type Measure = fn(&Ground) -> Result<Report, Fault>;

/// In the order of the table. `growth` is last, because it appends to histories that others read.
pub(crate) const ROWS: [(&str, Measure); 22] = [
    ("new_aggregates", new_aggregates::measure),
    ("hot_aggregates", hot_aggregates::measure),
    ("appends", appends::measure),
    ("limit", limit::measure),
    ("sqlite", sqlite::measure),
    ("leaderboards", leaderboards::measure),
    ("rank", rank::measure),
    ("reading", reading::measure),
    ("verify", verify::measure),
    ("export", export::measure),
    ("compatible", compatible::measure),
    ("sandbox", sandbox::measure),
    ("simulation", simulation::measure),
    ("tokens", tokens::measure),
    ("unknown_accounts", unknown_accounts::measure),
    ("sign_in_flood", sign_in_flood::measure),
    ("audit", audit::measure),
    ("registrations", registrations::measure),
    ("races_postgres", races::on_postgres),
    ("races_sqlite", races::on_sqlite),
    ("run_search", run_search::measure),
    ("growth", growth::measure),
];

/// One kind of work.
struct Work<'a> {
    /// As in the table.
    name: &'a str,
    /// As in an order.
    order: &'a str,
    unit: &'static str,
    /// The least ratio, by clients.
    targets: &'a [(usize, f64)],
}

/// The same work at each number of clients.
fn at_all_clients(ground: &Ground, work: &Work<'_>, ours: &mut Side, peer: &mut dyn Measured) -> Result<Vec<Line>, Fault> {
    CLIENTS.iter().map(|clients| at(ground, work, *clients, ours, peer).map(|(line, _)| line)).collect()
}

fn at(ground: &Ground, work: &Work<'_>, clients: usize, ours: &mut Side, peer: &mut dyn Measured) -> Result<(Line, Pair), Fault> {
    in_rounds(ground, work, clients, ours, peer, ground.size.rounds)
}

fn in_rounds(
    ground: &Ground,
    work: &Work<'_>,
    clients: usize,
    ours: &mut Side,
    peer: &mut dyn Measured,
    rounds: usize,
) -> Result<(Line, Pair), Fault> {
    let order = ground.order(work.order, clients);
    let pair = Pair::measure((ours, &order), (peer, &order), rounds)?;
    let target = work.targets.iter().find(|(at, _)| *at == clients).map(|(_, target)| *target);
    let line = Line::new(work.name, clients, work.unit, &pair, target);
    eprintln!("  {}, {clients} clients: {:.0} to {:.0} {}/s, {:.2}×", work.name, line.ours, line.peer, work.unit, line.ratio);
    Ok((line, pair))
}

/// Runs a row on each engine; what one of them cannot do is not the other's fault.
fn on_both(ground: &Ground, row: &str, measure: impl Fn(&Ground, crate::store::Engine) -> Result<Report, Fault>) -> Report {
    let mut report = Report::default();
    for engine in crate::store::Engine::BOTH {
        match measure(ground, engine) {
            Ok(measured) => report.add(measured),
            Err(fault) => report.add(Report::failure(&format!("{row} on {}", engine.name()), &fault)),
        }
    }
    report
}

/// Lines, and the memory of the process that ours were measured in.
fn report(lines: Vec<Line>, what: &str, ours: Side) -> Result<Report, Fault> {
    Ok(Report { lines, bounds: vec![Bound::memory(what, ours.end()?)], ..Report::default() })
}
