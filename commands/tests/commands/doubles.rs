//! What stands in for the shell and for environments.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
};

use commands::{
    Fault,
    learning::{Laboratory, LaboratoryError, Observation},
    workshops::ScriptParser,
};
use domain::{
    kernel::SessionId,
    learning::session::CheckEnd,
    workshops::content::{Check, ProvidedFile},
};
use tokio::sync::watch;

/// A shell that takes everything but an `if` without its `fi`.
pub(crate) struct Shell;

#[async_trait::async_trait]
impl ScriptParser for Shell {
    async fn complaint(&self, script: &str) -> Result<Option<String>, Fault> {
        let open = script.contains("if ") && !script.contains("fi");
        Ok(open.then(|| "line 2: syntax error: unexpected end of file".to_owned()))
    }
}

/// Environments that do as they are told, and well if they are not told anything.
#[derive(Default)]
pub(crate) struct Bench {
    script: Mutex<Script>,
    /// While true, checks do not end.
    pub(crate) held: watch::Sender<bool>,
    /// How many checks have begun.
    pub(crate) begun: watch::Sender<usize>,
}

#[derive(Default)]
struct Script {
    checks: VecDeque<Result<CheckEnd, LaboratoryError>>,
    provisions: VecDeque<LaboratoryError>,
    checked: Vec<String>,
    provided: Vec<Vec<String>>,
}

impl Bench {
    /// What the next check gives.
    pub(crate) fn next_check(&self, end: Result<CheckEnd, LaboratoryError>) {
        self.script().checks.push_back(end);
    }

    /// How the next provision of files fails.
    pub(crate) fn next_provision(&self, error: LaboratoryError) {
        self.script().provisions.push_back(error);
    }

    /// The names of the checks that have run.
    pub(crate) fn checked(&self) -> Vec<String> {
        self.script().checked.clone()
    }

    /// The paths of the files of each provision that was asked for.
    pub(crate) fn provided(&self) -> Vec<Vec<String>> {
        self.script().provided.clone()
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().expect("no test panics with it")
    }
}

#[async_trait::async_trait]
impl Laboratory for Bench {
    async fn check(&self, _session: SessionId, check: &Check) -> Result<Observation, LaboratoryError> {
        self.begun.send_modify(|begun| *begun += 1);
        self.held.subscribe().wait_for(|held| !held).await.expect("the bench outlives its checks");
        let mut script = self.script();
        script.checked.push(check.name.clone());
        let end = script.checks.pop_front().unwrap_or(Ok(CheckEnd::Exited(0)))?;
        Ok(Observation { end, output: format!("{} ran", check.name), digest: "0".repeat(64), milliseconds: 1 })
    }

    async fn provide(&self, _session: SessionId, files: &[ProvidedFile]) -> Result<(), LaboratoryError> {
        let mut script = self.script();
        script.provided.push(files.iter().map(|file| file.path.clone()).collect());
        script.provisions.pop_front().map_or(Ok(()), Err)
    }
}
