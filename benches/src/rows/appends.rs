//! Durable appends, with receipts and hashes, beside single rows that pgbench inserts.

use load::Fault;

use super::{Work, at_all_clients, report};
use crate::{
    ground::Ground,
    pgbench::Pgbench,
    process::Side,
    report::Report,
    sides::{TABLE, Task},
    store::Engine,
};

pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    let mut ours = Side::start(&Task::Appends { store: ground.store(Engine::Postgres)? })?;
    let url = ground.database()?;
    ground.sql(&url, TABLE)?;
    let mut peer = Pgbench::new(&url, ground.directory())?;
    let name = "durable appends with receipts and hashes, to pgbench's single rows";
    let work = Work { name, order: "", unit: "events", targets: &[(64, 1.5)] };
    let lines = at_all_clients(ground, &work, &mut ours, &mut peer)?;
    report(lines, "durable appends", ours)
}
