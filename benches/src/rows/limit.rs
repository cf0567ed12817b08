//! Durable appends of many clients, beside what one connection can write.

use load::Fault;

use super::{Work, at, report};
use crate::{ground::Ground, process::Side, report::Report, sides::Task, store::Engine};

pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    let mut ours = Side::start(&Task::Appends { store: ground.store(Engine::Postgres)? })?;
    let mut peer = Side::start(&Task::Batches { url: ground.database()? })?;
    let name = "durable appends with receipts and hashes, to UNNEST of 1000 on one connection";
    let work = Work { name, order: "", unit: "events", targets: &[(256, 0.4)] };
    let (line, _) = at(ground, &work, 256, &mut ours, &mut peer)?;
    report(vec![line], "durable appends of 256 clients", ours)
}
