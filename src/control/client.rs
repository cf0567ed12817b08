//! The command line's side of the control socket.

use std::{io::ErrorKind, os::unix::net::UnixStream, path::Path, time::Duration};

use reqwest::StatusCode;

use super::{OPERATIONS, Place, SOCKET};
use crate::operator::{Answer, Operation, OperatorError};

/// How long an operation may take; a cluster's test takes up to two minutes.
const PATIENCE: Duration = Duration::from_mins(3);

/// Why a running server did not do what was asked for.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ControlError {
    #[error("permission denied: {0} can be used by the server's own user and by root")]
    Permission(String),
    #[error("the server's control socket {path}: {source}")]
    Socket { path: String, source: std::io::Error },
    #[error("the server did not answer on its control socket: {0}")]
    Silent(reqwest::Error),
    #[error("the server answered with status {0}; is it of another version?")]
    Foreign(StatusCode),
    #[error(transparent)]
    Operator(#[from] OperatorError),
}

/// The answer of the server that has a data directory open; nothing, if there is no server.
///
/// # Errors
/// It may not be asked, does not answer, or says why it cannot do it.
pub(crate) async fn ask(directory: &Path, operation: &Operation) -> Result<Option<Answer>, ControlError> {
    let Some(place) = find(directory)? else { return Ok(None) };
    let client = reqwest::Client::builder().no_proxy().timeout(PATIENCE).unix_socket(place.path(SOCKET)).build();
    let url = format!("http://localhost{OPERATIONS}");
    let response = client.map_err(ControlError::Silent)?.post(url).json(operation).send().await.map_err(ControlError::Silent)?;
    match response.status() {
        StatusCode::OK => response.json().await.map(Some).map_err(|_| ControlError::Foreign(StatusCode::OK)),
        StatusCode::UNPROCESSABLE_ENTITY => {
            let error: OperatorError = response.json().await.map_err(|_| ControlError::Foreign(StatusCode::UNPROCESSABLE_ENTITY))?;
            Err(error.into())
        }
        status => Err(ControlError::Foreign(status)),
    }
}

/// The way to a socket at which somebody listens.
fn find(directory: &Path) -> Result<Option<Place>, ControlError> {
    let path = || directory.join(SOCKET).display().to_string();
    let found = Place::open(directory).and_then(|place| UnixStream::connect(place.path(SOCKET)).map(|_| place));
    match found.map_err(|source| (source.kind(), source)) {
        Ok(place) => Ok(Some(place)),
        Err((ErrorKind::NotFound | ErrorKind::ConnectionRefused, _)) => Ok(None),
        Err((ErrorKind::PermissionDenied, _)) => Err(ControlError::Permission(path())),
        Err((_, source)) => Err(ControlError::Socket { path: path(), source }),
    }
}
