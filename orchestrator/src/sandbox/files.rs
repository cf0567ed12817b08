//! Putting files into a sandbox's home.

use std::time::Duration;

use domain::workshops::content::ProvidedFile;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::live::Live;
use crate::driver::DriverError;

const FILES: &str = include_str!("files.sh");
const PROGRAMS: &str = r#"for program in "$@"; do type -P -- "$program" >/dev/null || { echo "$program"; exit 3; }; done"#;

/// The script's status for what no second try will change.
const REFUSED: i32 = 3;

/// For all files of one call.
const DEADLINE: Duration = Duration::from_mins(1);

/// Writes the files as the learner, in the learner's level: a link that the learner made leads nowhere that the learner could not go.
///
/// # Errors
/// `Terminal`, naming the file, if its path may not be used or leads through a link; else `Transient`.
pub(super) async fn put(live: &Live, files: &[ProvidedFile]) -> Result<(), DriverError> {
    let mut input = Vec::new();
    for file in files {
        acceptable(&file.path)?;
        let mode = if file.executable { "755" } else { "644" };
        input.extend_from_slice(format!("{} {mode} {}\n", file.contents.len(), file.path).as_bytes());
        input.extend_from_slice(file.contents.as_bytes());
    }
    if input.is_empty() {
        return Ok(());
    }
    match pipe(live, FILES, &[], input).await? {
        (Some(0), _) => Ok(()),
        (Some(REFUSED), message) => Err(DriverError::Terminal(format!("a file could not be put into the home: {message}"))),
        (_, message) => Err(DriverError::Transient(format!("a file could not be put into the home: {message}"))),
    }
}

/// Looks for the programs a workshop needs.
///
/// # Errors
/// `Terminal`, naming the first that is missing; `Transient` if the sandbox could not be asked.
pub(super) async fn require(live: &Live, programs: &[String]) -> Result<(), DriverError> {
    if programs.is_empty() {
        return Ok(());
    }
    match pipe(live, PROGRAMS, programs, Vec::new()).await? {
        (Some(0), _) => Ok(()),
        (Some(REFUSED), name) => {
            Err(DriverError::Terminal(format!("the workshop needs the program {name}, which this host does not have")))
        }
        (_, message) => Err(DriverError::Transient(format!("the programs could not be looked for: {message}"))),
    }
}

/// Runs a script of ours as the learner with `input`; its status and what it printed.
async fn pipe(live: &Live, script: &str, arguments: &[String], input: Vec<u8>) -> Result<(Option<i32>, String), DriverError> {
    let argv = live.learner().script("bash", script, "files").then(arguments.iter().map(String::as_str));
    let mut child = argv.spawn()?;
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
        return Err(DriverError::Transient("the script's pipes are missing".to_owned()));
    };
    let finished = timeout(DEADLINE, async move {
        let (mut said, mut complained) = (Vec::new(), Vec::new());
        let (mut stdout, mut stderr) = (stdout.take(1024), stderr.take(1024));
        let write = async move {
            let _ = stdin.write_all(&input).await;
        };
        let ((), _, _) = tokio::join!(write, stdout.read_to_end(&mut said), stderr.read_to_end(&mut complained));
        said.extend(complained);
        (child.wait().await, said)
    });
    let (status, said) = finished.await.map_err(|_| DriverError::Transient("the sandbox did not answer in time".to_owned()))?;
    let status = status.map_err(|error| DriverError::Transient(format!("a script's end was not seen: {error}")))?;
    Ok((status.code(), String::from_utf8_lossy(&said).trim().to_owned()))
}

/// A path that stays in the home.
fn acceptable(path: &str) -> Result<(), DriverError> {
    let reason = if path.starts_with('/') {
        "it must be relative to the home"
    } else if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        "it may not have empty parts, `.` or `..`"
    } else if path.len() > 1024 || path.split('/').any(|part| part.len() > 200) {
        "it is too long"
    } else if path.chars().any(char::is_control) {
        "it may not have control characters"
    } else if path.starts_with(' ') || path.ends_with(' ') {
        "it may not begin or end with a space"
    } else {
        return Ok(());
    };
    Err(DriverError::Terminal(format!("the file path {path:?} cannot be used: {reason}")))
}

#[cfg(test)]
mod tests;
