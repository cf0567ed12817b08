//! Files in the home, and programs that must be there.

use std::time::Duration;

use domain::workshops::content::ProvidedFile;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use orchestrator::{driver::DriverError, home};
use tokio::time::timeout;

use super::process::{bash, finish};
use crate::desired::LEARNER;

/// For all files of one call.
const DEADLINE: Duration = Duration::from_secs(50);

/// Writes the files as the learner: a link that the learner made leads nowhere that the learner could not go.
///
/// # Errors
/// `Terminal`, naming the file, if its path may not be used or leads through a link; else `Transient`.
pub(crate) async fn put(pods: &Api<Pod>, files: &[ProvidedFile]) -> Result<(), DriverError> {
    let input = home::input(files)?;
    if input.is_empty() {
        return Ok(());
    }
    // Counted, because an older server has no way to say that the input has ended.
    let script = format!("head -c {} | {{ {}\n}}", input.len(), home::WRITE);
    match piped(pods, &script, &[], &input).await? {
        (0, _) => Ok(()),
        (home::REFUSED, message) => Err(DriverError::Terminal(format!("a file could not be put into the home: {message}"))),
        (_, message) => Err(DriverError::Transient(format!("a file could not be put into the home: {message}"))),
    }
}

/// Looks for the programs a workshop needs.
///
/// # Errors
/// `Terminal`, naming the first that is missing; `Transient` if the workbench could not be asked.
pub(crate) async fn require(pods: &Api<Pod>, programs: &[String]) -> Result<(), DriverError> {
    if programs.is_empty() {
        return Ok(());
    }
    match piped(pods, home::PROGRAMS, programs, &[]).await? {
        (0, _) => Ok(()),
        (home::REFUSED, name) => {
            Err(DriverError::Terminal(format!("the workshop needs the program {name}, which the workbench's image does not have")))
        }
        (_, message) => Err(DriverError::Transient(format!("the programs could not be looked for: {message}"))),
    }
}

async fn piped(pods: &Api<Pod>, script: &str, arguments: &[String], input: &[u8]) -> Result<(i32, String), DriverError> {
    let mut command = bash(&[]);
    command.extend(["-c".to_owned(), script.to_owned(), "files".to_owned()]);
    command.extend(arguments.iter().cloned());
    let finished = timeout(DEADLINE, finish(pods, LEARNER, command, input)).await;
    finished.map_err(|_| DriverError::Transient("the workbench did not answer in time".to_owned()))?
}
