//! An environment's needs, as numbers for the kernel and the watchdog.

use domain::workshops::content::EnvironmentNeeds;

const MEBIBYTE: u64 = 1 << 20;
const PAGE: u64 = 4096;

/// Processes kept for checks and for the levels themselves, out of the learner's reach.
const RESERVED_PROCESSES: u32 = 48;

/// Address space that runtimes reserve and never use.
const RESERVED_ADDRESSES: u64 = 8 << 30;

/// Limits of one environment. Sizes in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) memory: u64,
    pub(super) processes: u32,
    cpu_seconds: u32,
    pub(super) home: u64,
}

impl From<&EnvironmentNeeds> for Limits {
    fn from(needs: &EnvironmentNeeds) -> Self {
        Self {
            memory: needs.memory.bytes().max(16 * MEBIBYTE),
            processes: needs.processes.max(8),
            cpu_seconds: needs.cpu.0.max(1),
            home: needs.disk.bytes().max(MEBIBYTE),
        }
    }
}

impl Limits {
    /// Of `/tmp`.
    pub(super) fn temporary(&self) -> u64 {
        (self.home / 2).max(16 * MEBIBYTE)
    }

    /// Of `/dev/shm`, and of System V shared memory.
    pub(super) fn shared_memory(&self) -> u64 {
        self.memory / 4
    }

    /// Of all processes and all writable file systems together.
    pub(super) fn everything(&self) -> u64 {
        self.memory.saturating_add(self.home).saturating_add(2 * self.temporary())
    }

    /// Pages of System V shared memory.
    pub(super) fn shared_pages(&self) -> u64 {
        self.shared_memory() / PAGE
    }

    /// Files in each writable file system: an empty file costs kernel memory too.
    pub(super) fn inodes(&self) -> u64 {
        (self.home / PAGE).max(4096)
    }

    /// Of everything in the outer level together.
    pub(super) fn all_processes(&self) -> u32 {
        self.processes.saturating_add(RESERVED_PROCESSES)
    }

    /// What `prlimit` is to set for a process that may have `processes` beside it.
    pub(super) fn prlimit(&self, processes: u32) -> Vec<String> {
        vec![
            format!("--nproc={processes}"),
            format!("--data={}", self.memory),
            format!("--as={}", self.memory.saturating_add(RESERVED_ADDRESSES)),
            format!("--cpu={}", self.cpu_seconds),
            format!("--fsize={}", self.home.max(self.temporary())),
            "--nofile=512".to_owned(),
            "--core=0".to_owned(),
            "--memlock=65536".to_owned(),
            "--msgqueue=65536".to_owned(),
        ]
    }
}
