//! Putting files into a sandbox's home.

use std::time::Duration;

use domain::workshops::content::ProvidedFile;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

use super::live::Live;
use crate::{driver::DriverError, home};

/// For all files of one call.
const DEADLINE: Duration = Duration::from_mins(1);

/// Writes the files as the learner, in the learner's level: a link that the learner made leads nowhere that the learner could not go.
///
/// # Errors
/// `Terminal`, naming the file, if its path may not be used or leads through a link; else `Transient`.
pub(super) async fn put(live: &Live, files: &[ProvidedFile]) -> Result<(), DriverError> {
    let input = home::input(files)?;
    if input.is_empty() {
        return Ok(());
    }
    match pipe(live, home::WRITE, &[], input).await? {
        (Some(0), _) => Ok(()),
        (Some(home::REFUSED), message) => Err(DriverError::Terminal(format!("a file could not be put into the home: {message}"))),
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
    match pipe(live, home::PROGRAMS, programs, Vec::new()).await? {
        (Some(0), _) => Ok(()),
        (Some(home::REFUSED), name) => {
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
