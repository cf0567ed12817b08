//! What every driver must do. Each function is one promise; a driver's own test file calls them all.

pub(crate) mod files;
pub(crate) mod lifecycle;
pub(crate) mod scripts;
pub(crate) mod terminals;

use std::{sync::Arc, time::Duration};

use domain::{
    kernel::{AccountId, EnvironmentId, SessionId},
    workshops::content::{EnvironmentNeeds, ProvidedFile},
};
use orchestrator::driver::{Driver, EnvironmentSpec, ScriptEnd, ScriptOutcome, ScriptRun};
use uuid::Uuid;

/// Far beyond what anything here takes.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

pub(crate) fn spec() -> EnvironmentSpec {
    EnvironmentSpec {
        id: EnvironmentId(Uuid::now_v7()),
        session: SessionId(Uuid::now_v7()),
        learner: AccountId(Uuid::now_v7()),
        needs: EnvironmentNeeds::default(),
        files: Vec::new(),
    }
}

pub(crate) fn file(path: &str, contents: &str) -> ProvidedFile {
    ProvidedFile { path: path.to_owned(), contents: contents.to_owned(), executable: false }
}

pub(crate) fn check(script: &str) -> ScriptRun {
    ScriptRun { script: script.to_owned(), arguments: Vec::new(), timeout: DEADLINE, output_limit: 1 << 20, as_learner: false }
}

pub(crate) fn solution(script: &str) -> ScriptRun {
    ScriptRun { as_learner: true, ..check(script) }
}

/// An environment by all of the driver's steps.
pub(crate) async fn stand(driver: &Arc<dyn Driver>, spec: &EnvironmentSpec) {
    for step in driver.steps() {
        driver.apply(step, spec).await.expect("the step is done");
    }
}

pub(crate) async fn fall(driver: &Arc<dyn Driver>, environment: EnvironmentId) {
    for step in driver.steps().iter().rev() {
        driver.revert(step, environment).await.expect("the step is undone");
    }
}

pub(crate) async fn run(driver: &Arc<dyn Driver>, environment: EnvironmentId, run: &ScriptRun) -> ScriptOutcome {
    driver.run(environment, run).await.expect("the script ran")
}

/// Runs a script that must succeed, and says what it printed.
pub(crate) async fn succeed(driver: &Arc<dyn Driver>, environment: EnvironmentId, script: &ScriptRun) -> String {
    let outcome = run(driver, environment, script).await;
    assert_eq!(outcome.end, ScriptEnd::Exited(0), "{}", outcome.tail);
    outcome.tail
}

/// Waits until a check succeeds.
pub(crate) async fn eventually(driver: &Arc<dyn Driver>, environment: EnvironmentId, script: &str) {
    let succeeded = tokio::time::timeout(DEADLINE, async {
        while run(driver, environment, &check(script)).await.end != ScriptEnd::Exited(0) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    if succeeded.await.is_err() {
        let processes = run(driver, environment, &check("ps -eo pid,ppid,sid,stat,args")).await.tail;
        panic!("expected in time: {script}\n{processes}");
    }
}

/// One word for a shell.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}
