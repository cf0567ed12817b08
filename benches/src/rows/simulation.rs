//! The whole server with simulated clusters: many sessions at once while requests fail, and many clusters that are watched.

use std::process::{Command, Stdio};

use load::Fault;

use crate::{
    ground::Ground,
    report::{Bound, Limit, Report},
};

const PROGRAM: &str = "nalabo";

/// What a crowd is on.
const CLUSTERS: u32 = 5;
/// Of a hundred requests, how many fail then.
const FAULTS: u32 = 5;

pub(super) fn measure(ground: &Ground) -> Result<Report, Fault> {
    let mut report = simulate(CLUSTERS, ground.size.sessions, FAULTS)?;
    report.add(simulate(ground.size.clusters, ground.size.clusters, 0)?);
    Ok(report)
}

/// Every bound that the demonstration tells of, and how long environments took.
fn simulate(clusters: u32, sessions: u32, faults: u32) -> Result<Report, Fault> {
    let what = format!("{sessions} sessions on {clusters} simulated clusters, {faults} % of requests failing");
    eprintln!("  {what}");
    let program = std::env::current_exe()?.with_file_name(PROGRAM);
    let mut command = Command::new(&program);
    command.args(["demo", "--once", "--simulate-clusters", &clusters.to_string()]);
    command.args(["--sessions", &sessions.to_string(), "--faults", &faults.to_string()]);
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("{}: {error}; scripts/bench builds it", program.display()))?;
    let said = String::from_utf8(output.stdout)?;
    let bounds: Vec<Bound> = said.lines().filter_map(|line| bound(line.trim(), &what)).collect();
    if let Some(broken) = said.lines().find(|line| line.contains("BROKEN")).filter(|_| bounds.iter().all(|bound| bound.verdict() == "ok")) {
        return Err(format!("{what}: {}", broken.trim()).into());
    }
    if bounds.is_empty() {
        return Err(format!("{what}: {}", output.status).into());
    }
    let times = said.lines().find(|line| line.contains("start to ready")).map(|line| format!("{what}: {}.", line.trim()));
    Ok(Report { bounds, notes: times.into_iter().collect(), ..Report::default() })
}

/// What a line such as `memory: 120.0 MiB, at most 300` tells.
fn bound(line: &str, of: &str) -> Option<Bound> {
    let (what, rest) = line.split_once(": ")?;
    let (measured, most) = rest.split_once(", at most ")?;
    let (value, unit) = measured.split_once(' ')?;
    let limit = Limit::AtMost(most.parse().ok()?);
    Some(Bound { what: format!("{what}: {of}"), value: value.parse().ok()?, limit, unit: unit.to_owned() })
}
