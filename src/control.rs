//! The control socket: how the command line reaches a running server, which alone may write to its stores. It is a file in
//! the data directory, for the server's own user; what is spoken is HTTP with JSON.

mod client;

use std::{
    fs::{File, Permissions},
    io::{Error, ErrorKind},
    os::{
        fd::AsRawFd,
        unix::{
            fs::{MetadataExt, PermissionsExt},
            net::UnixStream,
        },
    },
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use tokio::{net::UnixListener, sync::watch, task::JoinHandle};

pub(crate) use client::ask;

use crate::{
    node::turned,
    operator::{Answer, Operation, OperatorError, Parts, perform},
};

/// The socket's name in the data directory.
const SOCKET: &str = "control.sock";
/// Its only resource: takes an operation, gives an answer or says why there is none.
const OPERATIONS: &str = "/operations";

/// The way to a data directory's socket. Addresses of sockets have 108 bytes at the most; this one is short however long
/// the directory's name is.
struct Place {
    directory: File,
}

impl Place {
    fn open(directory: &Path) -> std::io::Result<Self> {
        File::open(directory).map(|directory| Self { directory })
    }

    fn path(&self, name: &str) -> PathBuf {
        format!("/proc/self/fd/{}/{name}", self.directory.as_raw_fd()).into()
    }
}

/// An open control socket.
pub(crate) struct Control {
    place: Place,
    /// The file's device and number, so that only this socket is removed.
    identity: (u64, u64),
    server: JoinHandle<std::io::Result<()>>,
}

impl Control {
    /// Listens in a data directory until told to stop. What a server left that is gone is replaced.
    ///
    /// # Errors
    /// Another server listens there, or no socket can be made.
    pub(crate) fn open(directory: &Path, parts: Parts, stop: watch::Receiver<bool>) -> std::io::Result<Self> {
        let place = Place::open(directory)?;
        if UnixStream::connect(place.path(SOCKET)).is_ok() {
            return Err(Error::new(ErrorKind::AddrInUse, "another server uses it"));
        }
        // Under another name first: nobody finds it before it is this user's alone.
        let name = format!("{SOCKET}.{}", std::process::id());
        let _ = std::fs::remove_file(place.path(&name)); // Left by a process that had the same number.
        let listener = UnixListener::bind(place.path(&name))?;
        std::fs::set_permissions(place.path(&name), Permissions::from_mode(0o600))?;
        let identity = identity(&place.path(&name))?;
        std::fs::rename(place.path(&name), place.path(SOCKET))?;
        let routes = Router::new().route(OPERATIONS, post(operation)).with_state(Arc::new(parts));
        let server = tokio::spawn(axum::serve(listener, routes).with_graceful_shutdown(turned(stop)).into_future());
        Ok(Self { place, identity, server })
    }

    /// Finishes what was asked for, after the server was told to stop, and removes the socket.
    pub(crate) async fn close(mut self, patience: std::time::Duration) {
        if tokio::time::timeout(patience, &mut self.server).await.is_err() {
            self.server.abort();
        }
        let path = self.place.path(SOCKET);
        if identity(&path).is_ok_and(|there| there == self.identity)
            && let Err(error) = std::fs::remove_file(path)
        {
            tracing::warn!(%error, "the control socket could not be removed");
        }
    }
}

fn identity(path: &Path) -> std::io::Result<(u64, u64)> {
    let file = std::fs::symlink_metadata(path)?;
    Ok((file.dev(), file.ino()))
}

async fn operation(
    State(parts): State<Arc<Parts>>,
    Json(operation): Json<Operation>,
) -> Result<Json<Answer>, (StatusCode, Json<OperatorError>)> {
    tracing::info!(?operation, "an operator asks over the control socket");
    perform(operation, &parts).await.map(Json).map_err(|error| (StatusCode::UNPROCESSABLE_ENTITY, Json(error)))
}

#[cfg(test)]
mod tests;
