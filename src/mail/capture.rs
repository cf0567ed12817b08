//! Mails as files: for developing, for tests, and for whoever picks them up from there.

use std::{
    fs::OpenOptions,
    io::Write,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use commands::identity::{Outgoing, Undelivered};
use domain::identity::mail::Failure;
use lettre::Message;

use super::Route;
use crate::node::prepare;

/// A directory, for its owner alone: what is in the files is in the clear.
pub(super) struct Directory(PathBuf);

impl Directory {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self(path)
    }
}

#[async_trait::async_trait]
impl Route for Directory {
    async fn take(&self, mail: &Outgoing, message: &Message) -> Result<(), Undelivered> {
        let (directory, name, bytes) = (self.0.clone(), format!("{}.eml", mail.id), message.formatted());
        let written = tokio::task::spawn_blocking(move || write(&directory, &name, &bytes)).await;
        let problem = match written {
            Ok(Ok(())) => return Ok(()),
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        tracing::error!(directory = %self.0.display(), problem, "a mail could not be written");
        Err(Undelivered { failure: Failure::Local, permanent: false })
    }
}

/// All of the file or none: it gets its name once it is there. The same mail again takes its own place.
pub(crate) fn write(directory: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    prepare(directory)?;
    let (made, whole) = (directory.join(format!(".{name}.part")), directory.join(name));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&made)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&made, &whole)?;
    std::fs::File::open(directory)?.sync_all()
}
