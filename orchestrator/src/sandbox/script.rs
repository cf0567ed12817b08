//! Running checks and solutions.

use std::{os::unix::process::ExitStatusExt, process::ExitStatus, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStderr, ChildStdout},
    time::{Instant, sleep, timeout},
};

use super::{
    launch::Argv,
    live::{Live, snapshot},
    processes::{Process, ProcessKey, Snapshot},
};
use crate::{
    driver::{DriverError, ScriptEnd, ScriptOutcome, ScriptRun},
    output::Output,
};

const CHECK: &str = include_str!("check.sh");
const SOLUTION: &str = include_str!("solution.sh");

/// How long after a solution's end its output is still read: what it started in the background may keep the pipe open.
const LINGER: Duration = Duration::from_millis(100);

/// Rounds of killing before a process that keeps forking is left to the watchdog.
const ROUNDS: u32 = 200;

/// Runs it to its end, also if the caller goes away.
///
/// # Errors
/// `Transient` if the script could not be started.
pub(super) async fn run(live: Arc<Live>, run: ScriptRun) -> Result<ScriptOutcome, DriverError> {
    let task = tokio::spawn(async move {
        if run.as_learner {
            return execute(&live, live.learner().then(["setsid"]).script("bash", SOLUTION, "solution"), run).await;
        }
        let _turn = live.outer.checks.lock().await;
        execute(&live, live.check().script("bash", CHECK, "check"), run).await
    });
    task.await.map_err(|error| DriverError::Transient(format!("the script's run was lost: {error}")))?
}

async fn execute(live: &Live, argv: Argv, run: ScriptRun) -> Result<ScriptOutcome, DriverError> {
    let started = Instant::now();
    let mut child = argv.then(run.arguments.clone()).spawn()?;
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
        return Err(DriverError::Transient("the script's pipes are missing".to_owned()));
    };
    // On its own, because a script longer than a pipe holds is only taken while its reader runs.
    let script = run.script.clone();
    tokio::spawn(async move {
        let _ = stdin.write_all(script.as_bytes()).await;
    });
    let mut watched =
        Watched { live, starter: child.id().unwrap_or_default(), child, stdout, output: Output::new(run.output_limit), run: &run };
    let end = watched.until_end(started + run.timeout).await?;
    if !run.as_learner || matches!(end, ScriptEnd::TimedOut | ScriptEnd::OutputLimit) {
        watched.sweep().await;
    }
    let Watched { stdout, output, .. } = watched;
    if matches!(end, ScriptEnd::Exited(_) | ScriptEnd::Signalled(_)) {
        entered(stderr).await?;
    }
    if run.as_learner {
        tokio::spawn(discard(stdout));
    }
    Ok(output.outcome(end, started.elapsed()))
}

/// What a server that a solution started prints later must go somewhere, or its next line kills it.
async fn discard(mut stdout: ChildStdout) {
    let mut buffer = [0; 4096];
    while stdout.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
}

/// The script's own status only counts if its shell was reached.
async fn entered(mut stderr: ChildStderr) -> Result<(), DriverError> {
    let mut message = Vec::new();
    let _ = timeout(LINGER, (&mut stderr).take(2048).read_to_end(&mut message)).await;
    if message.first() == Some(&b'+') {
        return Ok(());
    }
    Err(DriverError::Transient(format!("the sandbox could not be entered: {}", String::from_utf8_lossy(&message).trim())))
}

struct Watched<'a> {
    live: &'a Live,
    /// The first command of the chain, on the host.
    starter: u32,
    child: Child,
    stdout: ChildStdout,
    output: Output,
    run: &'a ScriptRun,
}

impl Watched<'_> {
    async fn until_end(&mut self, deadline: Instant) -> Result<ScriptEnd, DriverError> {
        let mut buffer = [0; 8192];
        let exit = loop {
            tokio::select! {
                () = tokio::time::sleep_until(deadline) => return Ok(ScriptEnd::TimedOut),
                status = self.child.wait() => break status,
                read = self.stdout.read(&mut buffer) => match read {
                    Ok(length) if length > 0 => if !self.output.push(&buffer[..length]) { return Ok(ScriptEnd::OutputLimit) },
                    // Closed by the script, which may go on.
                    _ => tokio::select! {
                        () = tokio::time::sleep_until(deadline) => return Ok(ScriptEnd::TimedOut),
                        status = self.child.wait() => break status,
                    },
                },
            }
        };
        let status = exit.map_err(|error| DriverError::Transient(format!("the script's end was not seen: {error}")))?;
        if !self.run.as_learner {
            // Whoever of the check still holds the pipe is killed now, so that reading it comes to an end.
            self.sweep().await;
        }
        while let Ok(Ok(length)) = timeout(LINGER, self.stdout.read(&mut buffer)).await {
            if length == 0 {
                break;
            }
            if !self.output.push(&buffer[..length]) {
                return Ok(ScriptEnd::OutputLimit);
            }
        }
        Ok(end(status))
    }

    /// Kills what belongs to the script until nothing is left.
    async fn sweep(&mut self) {
        for _ in 0..ROUNDS {
            let Ok(snapshot) = snapshot() else { return };
            let belongings = if self.run.as_learner { self.live.stemming_from(&snapshot, self.starter) } else { self.of_check(&snapshot) };
            if belongings.is_empty() {
                return;
            }
            self.live.kill(&belongings).await;
            sleep(Duration::from_millis(2)).await;
        }
        tracing::warn!(environment = %self.live.environment, "a script left processes that keep forking");
    }

    /// Descendants, and orphans of the outer level: nothing but a check makes such. The first process of a level for confined code
    /// is one of them, if it was left before it could tie itself to the check.
    fn of_check(&self, snapshot: &Snapshot) -> Vec<ProcessKey> {
        let first = self.live.outer.level.first.pid;
        let namespace = &self.live.pid_namespace;
        let belongs = |process: &Process| {
            let orphan = process.parent == first && !namespace.is_learner(process);
            orphan || snapshot.stems_from(process.key.pid, self.starter)
        };
        let members = snapshot.members(namespace).into_iter().filter(|process| belongs(process)).map(|process| process.key);
        members.filter(|key| !self.live.foundation.contains(key)).collect()
    }
}

fn end(status: ExitStatus) -> ScriptEnd {
    match (status.code(), status.signal()) {
        (Some(code), _) => ScriptEnd::Exited(code),
        (None, signal) => ScriptEnd::Signalled(signal.unwrap_or_default()),
    }
}
