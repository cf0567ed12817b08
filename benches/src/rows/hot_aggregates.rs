//! Commands on aggregates of a hundred events: all in the cache, and ten times more than it holds.

use load::Fault;

use super::{Work, at_all_clients, report};
use crate::{
    ground::Ground,
    process::Side,
    report::Report,
    sides::{Fill, METADATA, Task},
    store::Engine,
};

const EVENTS: u64 = 100;

pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    let cached = ground.size.cached;
    let all = u64::from(cached) * 11;
    let store = ground.filled(Engine::Postgres, Fill::Counters { streams: all, events: EVENTS })?;
    let url = ground.peer_database()?;
    ground.sql(&url, &peer_events(all))?;
    ground.sql(&url, "VACUUM ANALYZE")?;
    ground.sql(&url, "CHECKPOINT")?;
    let mut ours = Side::start(&Task::Commands { store, cache: Some(cached) })?;
    let mut peer = Side::peer(&["postgres", &url, "256"])?;
    let (few, many) = (format!("0..{cached}"), format!("{cached}..{all}"));
    let unit = "commands";
    let name = "commands on aggregates with 100 events, all cached";
    let work = Work { name, order: &few, unit, targets: &[(64, 12.0)] };
    let mut lines = at_all_clients(ground, &work, &mut ours, &mut peer)?;
    let name = "commands on aggregates with 100 events, ten times more than the cache holds";
    let work = Work { name, order: &many, unit, targets: &[(64, 3.0)] };
    lines.extend(at_all_clients(ground, &work, &mut ours, &mut peer)?);
    report(lines, "commands on aggregates with 100 events", ours)
}

/// The same aggregates in the peer's table.
fn peer_events(streams: u64) -> String {
    let id = "'00000000-0000-7000-8000-' || lpad(to_hex(stream), 12, '0')";
    let payload = "json_build_object('Counted', json_build_object('by', 1, 'times', turn, 'total', turn, \
                   'door', '00000000-0000-0000-0000-000000000000', \
                   'remark', 'went through the door on the left, was counted by hand, and took the seat that was free'))";
    format!(
        "INSERT INTO events SELECT 'counter', {id}, turn, 'Counted', '1', {payload}, '{METADATA}' \
         FROM generate_series(0, {}) stream, generate_series(1, {EVENTS}) turn",
        streams - 1
    )
}
