//! Commands on aggregates that are not there yet.

use load::Fault;

use super::{Work, at_all_clients, report};
use crate::{ground::Ground, process::Side, report::Report, sides::Task, store::Engine};

pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    let mut ours = Side::start(&Task::Commands { store: ground.store(Engine::Postgres)?, cache: None })?;
    let mut peer = Side::peer(&["postgres", &ground.peer_database()?, "256"])?;
    let name = "commands on new aggregates, PostgreSQL";
    let work = Work { name, order: "new", unit: "commands", targets: &[(1, 1.3), (64, 4.0)] };
    let lines = at_all_clients(ground, &work, &mut ours, &mut peer)?;
    report(lines, name, ours)
}
