//! Checks and solutions.

use std::{pin::pin, time::Duration};

use k8s_openapi::api::core::v1::Pod;
use kube::{Api, api::AttachedProcess};
use orchestrator::{
    driver::{DriverError, ScriptEnd, ScriptOutcome, ScriptRun},
    output::Output,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::{Instant, timeout, timeout_at},
};
use uuid::Uuid;

use super::{
    SWEEP,
    process::{bash, start, status, sweep},
};
use crate::desired::{EXAMINER, LEARNER};

pub(super) const SCRIPT: &str = include_str!("script.sh");
/// How long after its own limit a script is killed if this process is not there to do it.
const BACKSTOP: u64 = 10;
/// For the server's last word after the output has ended.
const LAST_WORD: Duration = Duration::from_secs(10);

/// Runs it to its end, also if the caller goes away.
///
/// # Errors
/// `Transient` if the script could not be started, or its end was not seen.
pub(crate) async fn run(pods: Api<Pod>, run: ScriptRun) -> Result<ScriptOutcome, DriverError> {
    let task = tokio::spawn(async move { execute(&pods, &run).await });
    task.await.map_err(|error| DriverError::Transient(format!("the script's run was lost: {error}")))?
}

async fn execute(pods: &Api<Pod>, run: &ScriptRun) -> Result<ScriptOutcome, DriverError> {
    let (kind, container) = if run.as_learner { ("solution", LEARNER) } else { ("check", EXAMINER) };
    let mark = Uuid::new_v4();
    let mut command = bash(&[("SWEEP", SWEEP)]);
    command.extend(["-c".to_owned(), SCRIPT.to_owned(), "nalabo".to_owned(), kind.to_owned(), mark.simple().to_string()]);
    command.extend([run.script.len().to_string(), (run.timeout.as_secs() + BACKSTOP).to_string()]);
    command.extend(run.arguments.iter().cloned());
    let started = Instant::now();
    let deadline = started + run.timeout;
    let process = match timeout_at(deadline, start(pods, container, command, false)).await {
        Ok(process) => process?,
        Err(_) => return Err(DriverError::Transient("the script was not started in time".to_owned())),
    };
    let mut output = Output::new(run.output_limit);
    let end = watch(process, run, deadline, &mut output).await;
    if !matches!(end, Ok(ScriptEnd::Exited(_) | ScriptEnd::Signalled(_))) {
        sweep(pods, container, mark, "now").await;
    }
    Ok(output.outcome(end?, started.elapsed()))
}

/// Until the script has ended, its time is up, or it has printed too much.
async fn watch(mut process: AttachedProcess, run: &ScriptRun, deadline: Instant, output: &mut Output) -> Result<ScriptEnd, DriverError> {
    let missing = || DriverError::Transient("the script's pipes are missing".to_owned());
    let ended = process.take_status().ok_or_else(missing)?;
    let (mut stdin, mut stdout, mut stderr) =
        (process.stdin().ok_or_else(missing)?, process.stdout().ok_or_else(missing)?, process.stderr().ok_or_else(missing)?);
    let script = run.script.clone();
    // On its own, because a long script is only taken while its reader runs.
    let writing = tokio::spawn(async move {
        let _ = stdin.write_all(script.as_bytes()).await;
        let _ = stdin.shutdown().await;
    });
    let complaint = tokio::spawn(async move {
        let mut message = Vec::new();
        let _ = (&mut stderr).take(2048).read_to_end(&mut message).await;
        message
    });
    let mut buffer = vec![0; 8192];
    let printed = async {
        loop {
            match stdout.read(&mut buffer).await {
                Ok(length) if length > 0 => {
                    if !output.push(&buffer[..length]) {
                        return false;
                    }
                }
                _ => return true,
            }
        }
    };
    let (mut printed, mut ended) = (pin!(timeout_at(deadline, printed)), pin!(ended));
    let (mut last, mut is_over) = (None, false);
    let is_whole = tokio::select! {
        is_whole = &mut printed => is_whole,
        word = &mut ended => {
            (last, is_over) = (word, true);
            // The pipes of a connection that broke off would never end.
            if last.is_some() { printed.await } else { Ok(true) }
        }
    };
    writing.abort();
    match is_whole {
        Err(_) => return Ok(ScriptEnd::TimedOut),
        Ok(false) => return Ok(ScriptEnd::OutputLimit),
        Ok(true) => {}
    }
    if !is_over {
        last = timeout(LAST_WORD, ended).await.ok().flatten();
    }
    let code = status(last).inspect_err(|_| complaint.abort())?;
    let message = timeout(LAST_WORD, complaint).await.ok().and_then(Result::ok).unwrap_or_default();
    if message.first() != Some(&b'+') {
        let message = String::from_utf8_lossy(&message);
        return Err(DriverError::Transient(format!("the workbench could not be entered: status {code} {}", message.trim())));
    }
    // A shell reports a signal as 128 and its number.
    Ok(if (129..=192).contains(&code) { ScriptEnd::Signalled(code - 128) } else { ScriptEnd::Exited(code) })
}
