//! What an operator may set.

use std::path::PathBuf;

/// How sandboxes are made on this host.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// Where it is written down which sandboxes exist; one folder for each. Made if absent, readable by the server alone.
    pub directory: PathBuf,
    /// Where `bwrap` and the other programs are looked for, separated by colons. They must lie under `/usr`, `/bin` or `/sbin`.
    pub path: String,
    /// As root: the first of the user ids that sandboxes run under. Nothing else on the host may use them.
    pub first_uid: u32,
    /// As root: how many user ids there are, and thereby the most sandboxes at once.
    pub uids: u32,
    /// More of the host to show read-only under the same path, such as `/opt/toolchain`.
    pub read_only: Vec<PathBuf>,
    /// Terminals open at once, over all sandboxes.
    pub max_terminals: usize,
    /// A cgroup v2 folder delegated to the server that has the `memory` and `pids` controllers enabled for its children
    /// and no process of its own. Each sandbox gets a child of it.
    pub cgroup: Option<PathBuf>,
}

impl SandboxOptions {
    /// The defaults, with the given state directory.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            path: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin".to_owned(),
            first_uid: 200_000,
            uids: 1000,
            read_only: Vec::new(),
            max_terminals: 64,
            cgroup: None,
        }
    }
}
