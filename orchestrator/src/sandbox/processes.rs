//! The host's view of what runs in sandboxes, read from `/proc`.

use std::{
    collections::{HashMap, HashSet},
    fs, io,
    path::PathBuf,
};

use serde::{Deserialize, Serialize};

/// A process that is not mistaken for a later one of the same number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct ProcessKey {
    pub(super) pid: u32,
    /// Clock ticks after the host's start.
    pub(super) started: u64,
}

impl ProcessKey {
    /// The process that has this number now.
    pub(super) fn of(pid: u32) -> Option<Self> {
        Process::read(pid).map(|process| process.key)
    }

    /// The user id of this process.
    pub(super) fn own_uid() -> Option<u32> {
        Process::read(std::process::id()).map(|process| process.uid)
    }

    /// Whether it still runs; a zombie does not.
    pub(super) fn is_alive(self) -> bool {
        Process::read(self.pid).is_some_and(|process| process.key == self && !process.zombie)
    }
}

/// One process, as of the last look.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) key: ProcessKey,
    pub(super) parent: u32,
    /// The session's leader, as a number of the host.
    pub(super) session: u32,
    pub(super) uid: u32,
    pub(super) threads: u32,
    /// Anonymous and shared memory, in bytes. What is shared counts for each process.
    pub(super) resident: u64,
    /// Its number in each PID namespace, the host's first.
    pub(super) numbers: Vec<u32>,
    zombie: bool,
}

impl Process {
    fn read(pid: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        Self::parse(pid, &stat, &status)
    }

    fn parse(pid: u32, stat: &str, status: &str) -> Option<Self> {
        // The name stands in parentheses and may hold anything, also parentheses.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        let line = |name: &str| status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let first = |name| line(name)?.split_ascii_whitespace().next()?.parse::<u64>().ok();
        let kibibytes = |name| first(name).unwrap_or(0) * 1024;
        Some(Self {
            key: ProcessKey { pid, started: fields.get(19)?.parse().ok()? },
            parent: fields.get(1)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
            uid: u32::try_from(first("Uid")?).ok()?,
            threads: u32::try_from(first("Threads")?).ok()?,
            resident: kibibytes("RssAnon") + kibibytes("RssShmem"),
            numbers: line("NSpid")?.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect(),
            zombie: matches!(fields.first(), Some(&"Z" | &"X")),
        })
    }

    /// Its share of memory in bytes, exactly; costs the kernel a walk over its pages.
    pub(super) fn proportional(&self) -> u64 {
        let Ok(rollup) = fs::read_to_string(format!("/proc/{}/smaps_rollup", self.key.pid)) else { return self.resident };
        let kibibytes = |name: &str| {
            let value = rollup.lines().find_map(|line| line.strip_prefix(name));
            value.and_then(|text| text.split_ascii_whitespace().next()?.parse::<u64>().ok())
        };
        match (kibibytes("Pss_Anon:"), kibibytes("Pss_Shmem:")) {
            (Some(anonymous), Some(shared)) => (anonymous + shared) * 1024,
            _ => self.resident,
        }
    }

    /// Files that exist in memory only and that it holds open: identity and bytes.
    pub(super) fn memory_files(&self) -> Vec<((u64, u64), u64)> {
        use std::os::unix::fs::MetadataExt;
        let Ok(open) = fs::read_dir(format!("/proc/{}/fd", self.key.pid)) else { return Vec::new() };
        let memory = open.flatten().map(|entry| entry.path()).filter(is_memory_file);
        memory.filter_map(|path| fs::metadata(path).ok()).map(|found| ((found.dev(), found.ino()), found.blocks() * 512)).collect()
    }
}

fn is_memory_file(path: &PathBuf) -> bool {
    fs::read_link(path).is_ok_and(|target| target.to_string_lossy().starts_with("/memfd:"))
}

/// Every process of the host.
#[derive(Debug, Default)]
pub(super) struct Snapshot(HashMap<u32, Process>);

impl Snapshot {
    pub(super) fn take() -> io::Result<Self> {
        let pids = fs::read_dir("/proc")?.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        Ok(Self(pids.filter_map(|pid| Some((pid, Process::read(pid)?))).collect()))
    }

    pub(super) fn get(&self, pid: u32) -> Option<&Process> {
        self.0.get(&pid)
    }

    pub(super) fn uids(&self) -> HashSet<u32> {
        self.0.values().map(|process| process.uid).collect()
    }

    /// Whether `pid` is `ancestor` or stems from it.
    pub(super) fn stems_from(&self, pid: u32, ancestor: u32) -> bool {
        let mut next = pid;
        // Bounded, because the picture was not taken in one instant and could hold a circle.
        for _ in 0..=self.0.len() {
            if next == ancestor {
                return true;
            }
            match self.0.get(&next) {
                Some(process) => next = process.parent,
                None => return false,
            }
        }
        false
    }

    /// What runs under the outer level's first process: each process that has a number in its PID namespace.
    pub(super) fn members(&self, outer: &PidNamespace) -> Vec<&Process> {
        let deep = self.0.values().filter(|process| process.numbers.len() > outer.depth && !process.zombie);
        let mut inside = Vec::new();
        let mut nested = Vec::new();
        for process in deep {
            let own = PidNamespace::link(process.key.pid);
            if own.is_some_and(|own| own == outer.link || outer.nested.as_ref() == Some(&own)) {
                inside.push(process);
            } else {
                nested.push(process);
            }
        }
        let direct: HashSet<u32> = inside.iter().map(|process| process.key.pid).collect();
        let stems = |process: &&Process| self.ancestors(process.key.pid).any(|pid| direct.contains(&pid));
        inside.extend(nested.into_iter().filter(stems));
        inside
    }

    fn ancestors(&self, pid: u32) -> impl Iterator<Item = u32> {
        let mut next = Some(pid);
        std::iter::from_fn(move || {
            next = self.0.get(&next?).map(|process| process.parent).filter(|parent| *parent != 0);
            next
        })
        .take(self.0.len())
    }
}

/// The outer level's PID namespace, and the learner's in it.
#[derive(Clone, Debug)]
pub(super) struct PidNamespace {
    link: PathBuf,
    nested: Option<PathBuf>,
    /// How many numbers a process of it has.
    pub(super) depth: usize,
}

impl PidNamespace {
    pub(super) fn of(outer: ProcessKey) -> Option<Self> {
        let depth = Process::read(outer.pid)?.numbers.len();
        Some(Self { link: Self::link(outer.pid)?, nested: None, depth: depth - 1 })
    }

    pub(super) fn with_nested(mut self, inner: ProcessKey) -> Option<Self> {
        self.nested = Some(Self::link(inner.pid)?);
        Some(self)
    }

    /// Whether the process is of the learner's level.
    pub(super) fn is_learner(&self, process: &Process) -> bool {
        process.numbers.len() == self.depth + 2 && Self::link(process.key.pid) == self.nested
    }

    fn link(pid: u32) -> Option<PathBuf> {
        fs::read_link(format!("/proc/{pid}/ns/pid")).ok()
    }
}

#[cfg(test)]
mod tests;
