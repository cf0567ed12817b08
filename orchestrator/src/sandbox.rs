//! Environments on the server's own host, made with bubblewrap: for a laptop, a class room or a demo.
//!
//! # For operators
//!
//! Needed: Linux 5.14 or later with user namespaces, and bubblewrap 0.8, util-linux, bash and coreutils under `/usr`. The server
//! may run as root or as anybody; [`SandboxDriver::probe`] says what is missing. Nothing outlives the server.
//!
//! **Levels.** A sandbox is two nested levels. The outer one has its own user, PID, mount, network, IPC and host name
//! namespaces. In it stands the learner's level, with PID and mount namespaces below those and without the right to make
//! user namespaces. Terminals and solutions run in the learner's level. Checks run in the outer one: they see the
//! learner's processes, files and servers, while the learner can neither see, signal, trace nor read a check. A check's script
//! reaches its shell through a pipe and is in no file and no argument list. What a check does not trust it runs by
//! `learner COMMAND…`, in another level like the learner's that ends with the check.
//!
//! **Isolated.** Of the host's files, `/usr` and what of `/etc` programs cannot do without are visible, read-only; no home, no
//! `/var`, no `/tmp`, no password file, no environment variable. There is no network but loopback. No process has a capability
//! over the host or can gain one. As root, each sandbox runs under a user id of its own
//! ([`SandboxOptions::first_uid`]); otherwise all run under the server's.
//!
//! **Limited**, by an environment's needs:
//! - processes and threads: by the kernel, per user namespace. A learner who holds every slot for a second has their processes killed.
//! - memory: per process by the kernel (private writable memory), all together by a watchdog that looks ten times a second
//!   and kills the largest processes; with [`SandboxOptions::cgroup`] by the kernel as well.
//! - disk: the home is a file system in memory of that size; `/tmp`, `/dev/shm` and a check's own scratch space are smaller ones. They come
//!   on top of the memory limit. The number of files is limited too.
//! - CPU time per process, output and time of scripts, number of terminals. Everything inside is niced.
//!
//! **Not isolated.** The kernel is the host's: whoever has an exploit for it is out. Without a cgroup, memory that the kernel holds for
//! sockets and pipes is bounded only by the number of descriptors, CPU is shared by niceness alone, and between two looks of the
//! watchdog a sandbox may exceed its memory. Two servers on one host must not share a range of user ids. Serve strangers
//! from a cluster instead.

mod cgroup;
mod diagnosis;
mod files;
mod launch;
mod limits;
mod live;
mod options;
mod processes;
mod programs;
mod records;
mod rehearsal;
mod script;
mod syntax;
mod terminal;
mod watchdog;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    kernel::{AccountId, EnvironmentId, SessionId},
    workshops::content::{EnvironmentNeeds, ProvidedFile},
};
use tokio::sync::Semaphore;
use uuid::Uuid;

use self::{
    launch::Launch,
    limits::Limits,
    live::{Live, Outer},
    processes::ProcessKey,
    programs::Programs,
    records::{Record, Records},
};
pub use self::{
    options::SandboxOptions,
    rehearsal::{Rehearsal, dismantle, provision, rehearse},
    syntax::LONGEST_SCRIPT,
};
use crate::driver::{Driver, DriverError, EnvironmentSpec, Observed, ScriptOutcome, ScriptRun, Terminal, TerminalSize};

const SANDBOX: &str = "sandbox";
const FILES: &str = "files";

/// For a killed sandbox to be gone. Usual are some ten milliseconds.
const END: Duration = Duration::from_secs(20);

/// Changes to different environments go on side by side, unless they meet in one of these.
const LANES: usize = 64;

/// Makes environments on this host.
#[derive(Clone, Debug)]
pub struct SandboxDriver(Arc<Sandboxes>);

#[derive(Debug)]
struct Sandboxes {
    options: SandboxOptions,
    programs: Programs,
    is_root: bool,
    records: Records,
    live: Mutex<HashMap<EnvironmentId, Arc<Live>>>,
    lanes: [tokio::sync::Mutex<()>; LANES],
    terminals: Arc<Semaphore>,
}

impl SandboxDriver {
    /// Looks for the programs and the state directory. Call [`Self::probe`] to learn whether the host permits sandboxes.
    ///
    /// # Errors
    /// `Terminal`, saying what to install or change.
    pub fn try_new(options: SandboxOptions) -> Result<Self, DriverError> {
        let programs = Programs::find(&options.path)?;
        if let Some(cgroup) = &options.cgroup {
            cgroup::require(cgroup)?;
        }
        let own = ProcessKey::own_uid().ok_or_else(|| DriverError::Terminal("/proc is not mounted".to_owned()))?;
        let sandboxes = Arc::new(Sandboxes {
            records: Records::try_open(&options.directory)?,
            terminals: Arc::new(Semaphore::new(options.max_terminals)),
            options,
            programs,
            is_root: own == 0,
            live: Mutex::default(),
            lanes: std::array::from_fn(|_| tokio::sync::Mutex::default()),
        });
        watchdog::start(&sandboxes).map_err(|error| DriverError::Terminal(format!("no thread for the watchdog: {error}")))?;
        Ok(Self(sandboxes))
    }

    /// Makes a sandbox and takes it down again.
    ///
    /// # Errors
    /// `Terminal`, saying what of the host forbids it and how to permit it.
    pub async fn probe(&self) -> Result<(), DriverError> {
        let nobody = Uuid::nil();
        let spec = EnvironmentSpec {
            id: EnvironmentId(Uuid::new_v4()),
            session: SessionId(nobody),
            learner: AccountId(nobody),
            needs: EnvironmentNeeds::default(),
            files: Vec::new(),
        };
        provision(self, &spec).await?;
        let run =
            ScriptRun { script: "learner true".to_owned(), arguments: Vec::new(), timeout: END, output_limit: 4096, as_learner: false };
        let outcome = self.run(spec.id, &run).await;
        dismantle(self, spec.id).await?;
        match outcome? {
            ScriptOutcome { end: crate::driver::ScriptEnd::Exited(0), .. } => Ok(()),
            outcome => Err(diagnosis::explain(&outcome.tail)),
        }
    }

    /// Whether bash can parse a script, for authors. Nothing of it is executed.
    ///
    /// # Errors
    /// Bash's message, with the line.
    pub async fn parses(&self, script: &str) -> Result<(), String> {
        // An id of its own, below those of sandboxes: a script is not trusted to be harmless to parse.
        let uid = self.0.is_root.then(|| self.0.options.first_uid.saturating_sub(1));
        let launch = Launch { programs: self.0.programs.clone(), uid, cgroup: None };
        syntax::parses(&launch, &self.0.options, script).await
    }
}

impl Sandboxes {
    fn lives(&self) -> MutexGuard<'_, HashMap<EnvironmentId, Arc<Live>>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn all_live(&self) -> Vec<Arc<Live>> {
        self.lives().values().cloned().collect()
    }

    fn live(&self, environment: EnvironmentId) -> Result<Arc<Live>, DriverError> {
        let live = self.lives().get(&environment).cloned().filter(|live| live.is_whole());
        live.ok_or_else(|| DriverError::Terminal(format!("the sandbox of {environment} does not run")))
    }

    fn lane(&self, environment: EnvironmentId) -> &tokio::sync::Mutex<()> {
        &self.lanes[usize::from(environment.0.as_bytes()[15]) % LANES]
    }

    /// Makes both levels; one that stands is kept.
    async fn start(&self, spec: &EnvironmentSpec) -> Result<(), DriverError> {
        let _lane = self.lane(spec.id).lock().await;
        let before = self.lives().get(&spec.id).cloned();
        let outer = match before {
            Some(live) if live.is_whole() => return Ok(()),
            // A learner can break their own level; the home is the outer one's and stays.
            Some(live) if live.outer.level.first.is_alive() => live.outer.clone(),
            _ => {
                self.end(spec.id).await?;
                Arc::new(self.start_outer(spec).await?)
            }
        };
        let live = Arc::new(Live::start(spec.id, outer).await?);
        let record = Record { uid: live.outer.launch.uid, outer: Some(live.outer.level.first), inner: Some(live.inner.first) };
        self.records.write(spec.id, &record)?;
        self.lives().insert(spec.id, live);
        Ok(())
    }

    async fn start_outer(&self, spec: &EnvironmentSpec) -> Result<Outer, DriverError> {
        let limits = Limits::from(&spec.needs);
        let options = &self.options;
        let uids = self.is_root.then(|| options.first_uid..options.first_uid.saturating_add(options.uids));
        let record = self.records.claim(spec.id, uids)?;
        let cgroup = options.cgroup.as_ref().map(|parent| cgroup::make(parent, spec.id, &limits)).transpose()?;
        let launch = Launch { programs: self.programs.clone(), uid: record.uid, cgroup };
        let arguments = [launch::outer_arguments(options, &limits), launch::learner_arguments(options)];
        let outer = Outer::start(launch, limits, arguments).await?;
        self.records.write(spec.id, &Record { outer: Some(outer.level.first), ..record })?;
        Ok(outer)
    }

    /// Kills what stands, also what a crashed predecessor left, and forgets it.
    async fn end(&self, environment: EnvironmentId) -> Result<(), DriverError> {
        let Some(record) = self.records.read(environment)? else { return Ok(()) };
        let live = self.lives().remove(&environment);
        // The kernel ends a PID namespace, and those nested in it, with its first process.
        let firsts: Vec<ProcessKey> = [record.inner, record.outer].into_iter().flatten().collect();
        let launch = Launch { programs: self.programs.clone(), uid: record.uid.filter(|_| self.is_root), cgroup: None };
        live::signal(&launch, "KILL", &firsts).await;
        let gone = tokio::time::timeout(END, async {
            while firsts.iter().any(|process| process.is_alive()) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            // Busy until the last command that was in the sandbox has been reaped.
            while self.options.cgroup.as_ref().is_some_and(|parent| cgroup::remove(parent, environment).is_err()) {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
        gone.await.map_err(|_| DriverError::Transient(format!("the sandbox of {environment} does not end")))?;
        drop(live);
        self.records.remove(environment)
    }
}

fn unknown(step: &str) -> DriverError {
    DriverError::Terminal(format!("a sandbox has no step {step:?}; expected {SANDBOX} or {FILES}"))
}

#[async_trait::async_trait]
impl Driver for SandboxDriver {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    fn steps(&self) -> &'static [&'static str] {
        &[SANDBOX, FILES]
    }

    async fn apply(&self, step: &str, spec: &EnvironmentSpec) -> Result<(), DriverError> {
        match step {
            SANDBOX => self.0.start(spec).await,
            FILES => {
                let live = self.0.live(spec.id)?;
                files::require(&live, &spec.needs.programs).await?;
                files::put(&live, &spec.files).await
            }
            _ => Err(unknown(step)),
        }
    }

    async fn revert(&self, step: &str, environment: EnvironmentId) -> Result<(), DriverError> {
        match step {
            SANDBOX => {
                let _lane = self.0.lane(environment).lock().await;
                self.0.end(environment).await
            }
            // Files go with the home.
            FILES => Ok(()),
            _ => Err(unknown(step)),
        }
    }

    async fn observe(&self, environment: EnvironmentId) -> Result<Observed, DriverError> {
        if self.0.live(environment).is_ok() {
            return Ok(Observed::Running);
        }
        Ok(if self.0.records.read(environment)?.is_some() { Observed::Partial } else { Observed::Absent })
    }

    async fn list(&self) -> Result<Vec<EnvironmentId>, DriverError> {
        self.0.records.list()
    }

    async fn put_files(&self, environment: EnvironmentId, files: &[ProvidedFile]) -> Result<(), DriverError> {
        files::put(&*self.0.live(environment)?, files).await
    }

    async fn run(&self, environment: EnvironmentId, run: &ScriptRun) -> Result<ScriptOutcome, DriverError> {
        script::run(self.0.live(environment)?, run.clone()).await
    }

    async fn terminal(&self, environment: EnvironmentId, size: TerminalSize) -> Result<Terminal, DriverError> {
        let live = self.0.live(environment)?;
        let permit = Arc::clone(&self.0.terminals).try_acquire_owned();
        let permit = permit.map_err(|_| DriverError::Transient("too many terminals are open".to_owned()))?;
        terminal::open(live, size, permit)
    }
}
