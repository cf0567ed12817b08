//! What the kernel does not limit by itself without a cgroup: memory of all processes together, and a learner who holds
//! every process slot. Looks at `/proc` ten times a second, on a thread of its own so that a busy runtime does not blind it.

use std::{
    collections::{HashMap, HashSet},
    io,
    sync::{Arc, Weak},
    thread,
    time::Duration,
};

use domain::kernel::EnvironmentId;

use super::{
    Sandboxes,
    launch::starting,
    live::{Live, signal_argv},
    processes::{Process, ProcessKey, Snapshot},
};

const INTERVAL: Duration = Duration::from_millis(100);

/// Looks in a row at which the learner had no process left to start: about a second.
const PATIENCE: u32 = 10;

/// Starts to watch for as long as the sandboxes exist.
///
/// # Errors
/// The host has no thread left.
pub(super) fn start(sandboxes: &Arc<Sandboxes>) -> io::Result<()> {
    let sandboxes = Arc::downgrade(sandboxes);
    thread::Builder::new().name("sandbox-watchdog".to_owned()).spawn(move || watch(&sandboxes)).map(drop)
}

fn watch(sandboxes: &Weak<Sandboxes>) {
    let mut crowded: HashMap<EnvironmentId, u32> = HashMap::new();
    loop {
        thread::sleep(INTERVAL);
        let Some(sandboxes) = sandboxes.upgrade() else { return };
        let live = sandboxes.all_live();
        crowded.retain(|environment, _| live.iter().any(|live| live.environment == *environment));
        if live.is_empty() {
            continue;
        }
        let Ok(snapshot) = Snapshot::take() else { continue };
        for live in &live {
            look(live, &snapshot, crowded.entry(live.environment).or_default());
        }
    }
}

fn look(live: &Live, snapshot: &Snapshot, crowded: &mut u32) {
    let members = snapshot.members(&live.pid_namespace);
    let learner = members.iter().filter(|process| live.pid_namespace.is_learner(process));
    let threads: u32 = learner.map(|process| process.threads).sum();
    *crowded = if threads + 2 >= live.outer.limits.processes { *crowded + 1 } else { 0 };
    if *crowded >= PATIENCE {
        *crowded = 0;
        tracing::warn!(environment = %live.environment, threads, "a learner's processes filled the sandbox and were killed");
        execute(&live.outer.launch.killer(live.outer.level.first.pid, live.inner.first.pid));
        return;
    }
    let victims = over_memory(&members, &live.foundation, live.outer.limits.memory);
    if let Some(argv) = signal_argv(&live.outer.launch, "KILL", &victims) {
        tracing::warn!(environment = %live.environment, processes = victims.len(), "processes were killed for memory");
        execute(&argv);
    }
}

fn execute(argv: &super::launch::Argv) {
    let child = {
        let _guard = starting();
        argv.blocking().stdin(std::process::Stdio::null()).spawn()
    };
    if let Err(error) = child.and_then(|mut child| child.wait()) {
        tracing::warn!(%error, "the watchdog could not act");
    }
}

/// The largest processes that together bring the sandbox below its memory.
fn over_memory(members: &[&Process], foundation: &[ProcessKey], limit: u64) -> Vec<ProcessKey> {
    let mut seen = HashSet::new();
    let files: HashMap<u32, u64> = members.iter().map(|process| (process.key.pid, held(process, &mut seen))).collect();
    let held = |process: &Process| files.get(&process.key.pid).copied().unwrap_or(0);
    // Cheap, and never too low; only if that is too much is the exact sum worth its price.
    if members.iter().map(|process| process.resident + held(process)).sum::<u64>() <= limit {
        return Vec::new();
    }
    let sizes = members.iter().map(|process| (process.key, process.proportional() + held(process)));
    largest(sizes.collect(), foundation, limit)
}

/// Bytes in memory files that no process before it holds.
fn held(process: &Process, seen: &mut HashSet<(u64, u64)>) -> u64 {
    process.memory_files().into_iter().filter(|(file, _)| seen.insert(*file)).map(|(_, bytes)| bytes).sum()
}

fn largest(mut sizes: Vec<(ProcessKey, u64)>, foundation: &[ProcessKey], limit: u64) -> Vec<ProcessKey> {
    let mut total: u64 = sizes.iter().map(|(_, size)| size).sum();
    sizes.retain(|(process, _)| !foundation.contains(process));
    sizes.sort_by_key(|(_, size)| std::cmp::Reverse(*size));
    let mut victims = Vec::new();
    for (process, size) in sizes {
        if total <= limit {
            break;
        }
        total = total.saturating_sub(size);
        victims.push(process);
    }
    victims
}

#[cfg(test)]
mod tests;
