//! What a failed request means for the one who asked.

use kube::core::Status;
use orchestrator::driver::DriverError;

use crate::unreachable::Unreachable;

/// How long a message of the server's may be before it is cut.
const LONGEST: usize = 500;

/// A failed request as the saga takes it: worth another try, or not.
pub(crate) fn failure(doing: &str, error: &kube::Error) -> DriverError {
    let text = format!("{doing}: {}", describe(error));
    if is_lasting(error) { DriverError::Terminal(text) } else { DriverError::Transient(text) }
}

/// What went wrong, in a line, without anything that could be a secret.
pub(crate) fn describe(error: &kube::Error) -> String {
    if let Some(unreachable) = Unreachable::find(error) {
        return unreachable.to_string();
    }
    match error {
        kube::Error::Api(status) => {
            let message: String = status.message.chars().filter(|c| !c.is_control()).take(LONGEST).collect();
            format!("the server answers {} {}: {message}", status.code, status.reason)
        }
        kube::Error::SerdeError(_) | kube::Error::FromUtf8(_) => "the server's answer is not what was asked for".to_owned(),
        kube::Error::UpgradeConnection(error) => format!("no WebSocket: {error}"),
        _ => "the connection broke off".to_owned(),
    }
}

fn is_lasting(error: &kube::Error) -> bool {
    if let Some(unreachable) = Unreachable::find(error) {
        return unreachable.is_lasting();
    }
    match error {
        kube::Error::Api(status) => is_lasting_status(status),
        kube::Error::BuildRequest(_) => true,
        _ => false,
    }
}

/// 401, 403 and 422 say that something must be changed first, with exceptions that pass by themselves.
fn is_lasting_status(status: &Status) -> bool {
    match status.code {
        403 => !passes(status),
        400 | 401 | 405 | 406 | 413 | 415 | 422 => true,
        _ => false,
    }
}

/// Refusals because something is not there yet, or not gone yet.
fn passes(status: &Status) -> bool {
    let is_terminating = status.details.iter().flat_map(|details| &details.causes).any(|cause| cause.reason == "NamespaceTerminating");
    let not_yet = ["status unknown for quota", "error looking up service account", "because it is being terminated"];
    is_terminating || not_yet.iter().any(|words| status.message.contains(words))
}

/// The status code of the server's answer, if it gave one.
pub(crate) fn code(error: &kube::Error) -> Option<u16> {
    match error {
        kube::Error::Api(status) => Some(status.code),
        _ => None,
    }
}

/// Absent is done.
pub(crate) fn absent_is_done<T>(result: Result<T, kube::Error>) -> Result<(), kube::Error> {
    match result {
        Err(error) if code(&error) == Some(404) => Ok(()),
        other => other.map(drop),
    }
}

#[cfg(test)]
mod tests;
