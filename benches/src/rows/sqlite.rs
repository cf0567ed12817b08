//! Commands on `SQLite`, each flushed on both sides.

use load::Fault;

use super::{Work, at_all_clients, report};
use crate::{ground::Ground, process::Side, report::Report, sides::Task, store::Engine};

pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    let mut ours = Side::start(&Task::Commands { store: ground.store(Engine::Sqlite)?, cache: None })?;
    let beside = ground.store(Engine::Sqlite)?.file();
    let mut peer = Side::peer(&["sqlite", &beside.to_string_lossy()])?;
    let name = "commands on new aggregates, SQLite";
    let work = Work { name, order: "new", unit: "commands", targets: &[(64, 5.0)] };
    let lines = at_all_clients(ground, &work, &mut ours, &mut peer)?;
    report(lines, name, ours)
}
