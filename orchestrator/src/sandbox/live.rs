//! A sandbox that runs, and how its two levels are started.

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::kernel::EnvironmentId;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::{Child, ChildStdin},
    time::timeout,
};

use super::{
    diagnosis,
    launch::{Argv, Launch},
    limits::Limits,
    processes::{PidNamespace, Process, ProcessKey, Snapshot},
};
use crate::driver::DriverError;

/// For a level to be ready. Usual are some ten milliseconds.
const START: Duration = Duration::from_secs(20);

const OUTER: &str = include_str!("outer.sh");
const INNER: &str = include_str!("inner.sh");

/// One level's first process. It ends when its standard input does: when this is dropped, or the server dies however it may.
#[derive(Debug)]
pub(super) struct Level {
    pub(super) first: ProcessKey,
    /// The number of the first process where the level was started.
    pub(super) number: u32,
    _hold: ChildStdin,
    /// Reaps what it started, for which the kernel waits when the level ends. So it is not killed.
    _starter: Child,
}

/// The outer level and what belongs to it.
#[derive(Debug)]
pub(super) struct Outer {
    pub(super) level: Level,
    pub(super) launch: Launch,
    pub(super) limits: Limits,
    /// Checks of one sandbox run one after the other, so that what one leaves behind is known to be its own.
    pub(super) checks: tokio::sync::Mutex<()>,
    pid_namespace: PidNamespace,
}

/// A sandbox of which both levels were ready.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) environment: EnvironmentId,
    pub(super) outer: Arc<Outer>,
    pub(super) inner: Level,
    pub(super) pid_namespace: PidNamespace,
    /// What the levels consist of when nobody works in them. Never killed while the sandbox stands.
    pub(super) foundation: Vec<ProcessKey>,
}

impl Outer {
    /// Starts an outer level.
    ///
    /// # Errors
    /// `Terminal` if the host does not permit it, else `Transient`.
    pub(super) async fn start(launch: Launch, limits: Limits, arguments: [Vec<String>; 2]) -> Result<Self, DriverError> {
        let [outer, inner] = arguments;
        let bash = launch.programs.bash.clone();
        let argv = launch.host().script(&bash, OUTER, "outer").then([outer.len().to_string()]).then(outer).then(inner);
        let (number, hold, starter) = ready(&argv).await?;
        let first = ProcessKey::of(number).ok_or_else(vanished)?;
        let pid_namespace = PidNamespace::of(first).ok_or_else(vanished)?;
        let level = Level { first, number, _hold: hold, _starter: starter };
        Ok(Self { level, launch, limits, checks: tokio::sync::Mutex::default(), pid_namespace })
    }
}

impl Live {
    /// Starts a learner's level in an outer one.
    ///
    /// # Errors
    /// `Terminal` if the host does not permit it, else `Transient`.
    pub(super) async fn start(environment: EnvironmentId, outer: Arc<Outer>) -> Result<Self, DriverError> {
        let limits = outer.limits;
        let argv = outer.launch.outer(outer.level.first.pid).script("bash", INNER, "inner");
        let argv = argv.then([limits.inodes().to_string(), limits.shared_pages().to_string()]);
        let (number, hold, starter) = ready(&argv.then(limits.prlimit(limits.all_processes()))).await?;
        let snapshot = snapshot()?;
        let is_first = |process: &&Process| process.numbers.get(outer.pid_namespace.depth) == Some(&number);
        let members = snapshot.members(&outer.pid_namespace);
        let first = members.iter().copied().find(is_first).ok_or_else(vanished)?.key;
        let pid_namespace = outer.pid_namespace.clone().with_nested(first).ok_or_else(vanished)?;
        let parent = snapshot.get(first.pid).and_then(|process| snapshot.get(process.parent));
        let foundation = [Some(outer.level.first), Some(first), parent.map(|process| process.key)].into_iter().flatten().collect();
        let inner = Level { first, number, _hold: hold, _starter: starter };
        Ok(Self { environment, outer, inner, pid_namespace, foundation })
    }

    /// Whether both levels stand.
    pub(super) fn is_whole(&self) -> bool {
        self.outer.level.first.is_alive() && self.inner.first.is_alive()
    }

    /// A command in the learner's level.
    pub(super) fn learner(&self) -> Argv {
        self.outer.launch.learner(self.outer.level.first.pid, self.inner.number, &self.outer.limits)
    }

    /// A command in the outer level.
    pub(super) fn check(&self) -> Argv {
        self.outer.launch.check(self.outer.level.first.pid, &self.outer.limits)
    }

    /// What runs in the learner's level because of `starter`, a process of the host: its descendants and their sessions.
    pub(super) fn stemming_from(&self, snapshot: &Snapshot, starter: u32) -> Vec<ProcessKey> {
        let members = snapshot.members(&self.pid_namespace);
        let stems = |process: &Process| snapshot.stems_from(process.key.pid, starter);
        // A session that is led from outside is the server's own.
        let led = |session: u32| members.iter().any(|member| member.key.pid == session);
        let sessions: HashSet<u32> =
            members.iter().filter(|process| stems(process) && led(process.session)).map(|process| process.session).collect();
        let belongings = members.iter().filter(|process| stems(process) || sessions.contains(&process.session));
        belongings.map(|process| process.key).filter(|key| !self.foundation.contains(key)).collect()
    }

    /// Kills these processes, unless they belong to the levels themselves.
    pub(super) async fn kill(&self, processes: &[ProcessKey]) {
        self.signal("KILL", processes).await;
    }

    /// Signals these processes, unless they belong to the levels themselves.
    pub(super) async fn signal(&self, name: &str, processes: &[ProcessKey]) {
        let meant: Vec<_> = processes.iter().copied().filter(|process| !self.foundation.contains(process)).collect();
        signal(&self.outer.launch, name, &meant).await;
    }
}

/// Signals processes by their number on the host, under the sandbox's user id, which cannot hurt anybody else's.
pub(super) async fn signal(launch: &Launch, name: &str, processes: &[ProcessKey]) {
    let Some(argv) = signal_argv(launch, name, processes) else { return };
    let Ok(mut child) = argv.spawn() else { return };
    if let Err(error) = child.wait().await {
        tracing::warn!(%error, "processes of a sandbox could not be signalled");
    }
}

/// The command for it; none if all are gone.
pub(super) fn signal_argv(launch: &Launch, name: &str, processes: &[ProcessKey]) -> Option<Argv> {
    let alive: Vec<_> = processes.iter().filter(|process| process.is_alive()).map(|process| process.pid.to_string()).collect();
    let script = r#"kill -s "$@" 2>/dev/null"#;
    (!alive.is_empty()).then(|| launch.host().script(&launch.programs.bash, script, "kill").then([name]).then(alive))
}

/// What runs on the host now.
pub(super) fn snapshot() -> Result<Snapshot, DriverError> {
    Snapshot::take().map_err(|error| DriverError::Transient(format!("/proc could not be read: {error}")))
}

fn vanished() -> DriverError {
    DriverError::Transient("the sandbox ended while it was started".to_owned())
}

/// Starts a level and waits until it says that it is ready.
async fn ready(argv: &Argv) -> Result<(u32, ChildStdin, Child), DriverError> {
    let mut child = argv.spawn()?;
    let (Some(hold), Some(stdout), Some(mut stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
        return Err(vanished());
    };
    let mut lines = BufReader::new(stdout).lines();
    let said = timeout(START, async {
        let mut number = None;
        while let Ok(Some(line)) = lines.next_line().await {
            if let Some(pid) = line.trim().strip_prefix("\"child-pid\":") {
                number = pid.trim_end_matches(',').trim().parse().ok();
            }
            if line == "ready" {
                return number;
            }
        }
        None
    });
    if let Ok(Some(number)) = said.await {
        return Ok((number, hold, child));
    }
    drop(hold);
    let _ = child.start_kill();
    let mut message = Vec::new();
    // Bounded in time as well: what was started half-way may keep the pipe open.
    let _ = timeout(Duration::from_secs(1), (&mut stderr).take(4096).read_to_end(&mut message)).await;
    Err(diagnosis::explain(&String::from_utf8_lossy(&message)))
}
