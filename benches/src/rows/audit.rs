//! Pages of a long audit, wherever they are and whatever is asked for, beside those of one a hundredth as long.

use std::time::Instant;

use load::Fault;

use super::{Work, in_rounds, on_both, report};
use crate::{
    ground::Ground,
    process::Side,
    report::{Bound, Limit, Report},
    sides::{AUDIT_PAGE, AUDIT_PAGES, Task},
    store::{Engine, Store},
};

/// Milliseconds.
const P99: f64 = 20.0;
const FEWER: u64 = 100;
const ROUNDS: usize = 3;

#[expect(clippy::unnecessary_wraps, reason = "rows are of one type")]
pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    Ok(on_both(ground, "audit", on))
}

fn on(ground: &Ground, engine: Engine) -> Result<Report, Fault> {
    // A directory and a server of its own, which go with it: there may be room for one engine's entries at a time.
    let ground = &ground.roomy()?;
    let (many, few) = (ground.size.entries, ground.size.entries / FEWER);
    let long = filled(ground, engine, many)?;
    let short = filled(ground, engine, few)?;
    let mut peer = Side::start(&Task::Audit { store: short, entries: few })?;
    let mut ours = Side::start(&Task::Audit { store: long.clone(), entries: many })?;
    let (mut lines, mut bounds) = (Vec::new(), Vec::new());
    for order in AUDIT_PAGES {
        let name = format!("a page of {AUDIT_PAGE} of {many} audit entries, {order}, to {few}, {}", engine.name());
        let work = Work { name: &name, order, unit: "pages", targets: &[] };
        let (line, pair) = in_rounds(ground, &work, 1, &mut ours, &mut peer, ROUNDS)?;
        lines.push(line);
        bounds.push(Bound { what: format!("p99: {name}"), value: pair.p99() / 1000.0, limit: Limit::AtMost(P99), unit: "ms".into() });
    }
    let mut report = report(lines, &format!("pages of {many} audit entries, {}", engine.name()), ours)?;
    report.bounds.append(&mut bounds);
    report.notes.push(format!(
        "Pages of {many} audit entries on {}, {:.1} GiB with what they are about and all indexes: the first, the middle or the last one, \
         forward and backward, each as often as the others.",
        engine.name(),
        gibibytes(ground, &long)?
    ));
    Ok(report)
}

fn filled(ground: &Ground, engine: Engine, entries: u64) -> Result<Store, Fault> {
    eprintln!("  filling {}: {entries} entries", engine.name());
    let (store, begun) = (ground.store(engine)?, Instant::now());
    Side::start(&Task::FillAudit { store: store.clone(), entries })?.end()?;
    if engine == Engine::Postgres {
        // As it does by itself within minutes.
        ground.sql(&store.url, "VACUUM ANALYZE")?;
        ground.sql(&store.url, "CHECKPOINT")?;
    }
    eprintln!("  filled in {:.0} s", begun.elapsed().as_secs_f64());
    Ok(store)
}

/// What the read models take on the disk.
fn gibibytes(ground: &Ground, store: &Store) -> Result<f64, Fault> {
    let bytes = match store.engine {
        Engine::Postgres => ground.sql(&store.url, "SELECT pg_database_size(current_database())")?.trim().parse()?,
        Engine::Sqlite => {
            let sizes = std::fs::read_dir(store.models())?.map(|entry| Ok(entry?.metadata()?.len()));
            sizes.sum::<Result<u64, std::io::Error>>()?
        }
    };
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    Ok(bytes as f64 / f64::from(1 << 30))
}
