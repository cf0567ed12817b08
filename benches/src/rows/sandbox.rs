//! A sandbox from nothing until a learner could work, beside a bare `bwrap`.

use load::Fault;

use super::{Work, at, report};
use crate::{
    ground::Ground,
    process::Side,
    report::{Bound, Limit, Report},
    sides::Task,
};

/// Milliseconds.
const P50: f64 = 100.0;

pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    let mut ours = Side::start(&Task::Sandboxes { directory: ground.directory().join("sandboxes") })?;
    let mut peer = Side::start(&Task::Bwrap)?;
    let name = "a sandbox, from nothing to ready, to a bare bwrap";
    let work = Work { name, order: "", unit: "starts", targets: &[] };
    let (line, pair) = at(ground, &work, 1, &mut ours, &mut peer)?;
    let mut report = report(vec![line], name, ours)?;
    report.bounds.push(Bound {
        what: "p50: a sandbox, from nothing to ready".into(),
        value: pair.p50() / 1000.0,
        limit: Limit::AtMost(P50),
        unit: "ms".into(),
    });
    Ok(report)
}
