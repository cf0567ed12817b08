//! What the saga needs of a place where environments live. Every driver passes the suite in `tests/driver_contract/`.
//!
//! A driver keeps no truth: names follow from the environment's id, and what exists is found by looking.

use std::time::Duration;

use commands::environments::Resources;
use domain::{
    kernel::{AccountId, EnvironmentId, SessionId},
    workshops::{
        cluster_needs::Isolation,
        content::{EnvironmentNeeds, ProvidedFile},
    },
};

/// What is to be made.
#[derive(Clone, Debug)]
pub struct EnvironmentSpec {
    /// Names everything that is made.
    pub id: EnvironmentId,
    /// For labels.
    pub session: SessionId,
    /// For labels.
    pub learner: AccountId,
    /// Limits and programs.
    pub needs: EnvironmentNeeds,
    /// In the home before the learner sees it: the workshop's, and those of the steps reached.
    pub files: Vec<ProvidedFile>,
}

/// Why a driver did not do as asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DriverError {
    /// Worth another try.
    #[error("{0}")]
    Transient(String),
    /// It will not work however often it is tried; the text says what to change.
    #[error("{0}")]
    Terminal(String),
}

/// What stands of an environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// Nothing.
    Absent,
    /// Something, but not all of it works.
    Partial,
    /// All of it.
    Running,
}

/// A script to run beside the learner. It is handed in at each run and is never in the learner's reach.
#[derive(Clone, Debug)]
pub struct ScriptRun {
    /// Bash.
    pub script: String,
    /// `$1` and so on.
    pub arguments: Vec<String>,
    /// Killed after.
    pub timeout: Duration,
    /// Killed after so many bytes of output.
    pub output_limit: u64,
    /// As the learner (in the learner's own namespaces, e.g. a solution), or beside them (a check).
    pub as_learner: bool,
}

/// How a script ended, as the driver saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptOutcome {
    /// How.
    pub end: ScriptEnd,
    /// The last 4 KiB of standard output and error, invalid UTF-8 replaced.
    pub tail: String,
    /// SHA-256 of all output up to the limit, in hexadecimal.
    pub digest: String,
    /// How long it ran.
    pub took: Duration,
}

/// Why a script stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScriptEnd {
    /// By itself, with this status.
    Exited(i32),
    /// By a signal that was not the driver's.
    Signalled(i32),
    /// It ran out of time.
    TimedOut,
    /// It printed too much.
    OutputLimit,
}

/// Columns and rows of a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalSize {
    /// Characters in a line.
    pub columns: u16,
    /// Lines.
    pub rows: u16,
}

/// A shell in an environment. Dropping it hangs up.
pub struct Terminal {
    /// What the shell prints; ends when the shell does.
    pub output: tokio::sync::mpsc::Receiver<Vec<u8>>,
    /// What the learner types.
    pub input: tokio::sync::mpsc::Sender<TerminalInput>,
}

/// What goes to a terminal.
#[derive(Clone, Debug)]
pub enum TerminalInput {
    /// Bytes for the shell.
    Bytes(Vec<u8>),
    /// A new size.
    Resize(TerminalSize),
}

/// Makes environments of one kind. All calls are safe to repeat, also after a crash in the middle of one.
#[async_trait::async_trait]
pub trait Driver: Send + Sync + 'static {
    /// `sandbox`, `kubernetes`; stored with each placement.
    fn name(&self) -> &'static str;

    /// The steps of provisioning in order; stored in events, so never renamed.
    fn steps(&self) -> &'static [&'static str];

    /// Does one step.
    async fn apply(&self, step: &str, spec: &EnvironmentSpec) -> Result<(), DriverError>;

    /// Undoes one step, also one that only may have run. Absent is done.
    async fn revert(&self, step: &str, environment: EnvironmentId) -> Result<(), DriverError>;

    /// What is there now.
    async fn observe(&self, environment: EnvironmentId) -> Result<Observed, DriverError>;

    /// Whether all of it is there, by what is known without asking, if something is; asked again and again of all that should be.
    async fn stands(&self, environment: EnvironmentId) -> Result<bool, DriverError> {
        Ok(self.observe(environment).await? == Observed::Running)
    }

    /// Every environment of which something is there; the reaper compares it with the live ones.
    async fn list(&self) -> Result<Vec<EnvironmentId>, DriverError>;

    /// Puts files into the home.
    async fn put_files(&self, environment: EnvironmentId, files: &[ProvidedFile]) -> Result<(), DriverError>;

    /// Runs a script.
    async fn run(&self, environment: EnvironmentId, run: &ScriptRun) -> Result<ScriptOutcome, DriverError>;

    /// Opens a shell.
    async fn terminal(&self, environment: EnvironmentId, size: TerminalSize) -> Result<Terminal, DriverError>;

    /// What shows the objects in learners' own parts of a cluster, which are kept apart like this; none where there are no such parts.
    fn resources(&self, _isolation: Isolation) -> Option<Box<dyn Resources>> {
        None
    }
}
