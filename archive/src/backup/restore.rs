//! Puts a backup where a server takes it from, once it has been verified.

use std::{
    fs::{DirBuilder, File},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use journal::{
    Link, Position,
    evidence::{self, Verifier, Walk},
    sqlite::SqliteHistory,
};

use super::{JOURNAL, Manifest, at, beside, shared, tidy};
use crate::ArchiveError;

/// What is appended to the name of a file that is not verified yet.
const UNFINISHED: &str = ".restoring";

/// What to restore, and where.
#[derive(Clone, Debug)]
pub struct Restore {
    /// The backup's folder.
    pub from: PathBuf,
    /// Where the journal goes; there must be none.
    pub journal: PathBuf,
    /// The backup of the keys, and where it goes; there must be none.
    pub keys: Option<(PathBuf, PathBuf)>,
    /// What checks the signed checkpoints; without it the manifest's is taken.
    pub verifier: Option<Verifier>,
}

/// Restores a backup: digests of the files, then every hash of the journal up to the manifest's head, then its signed
/// checkpoints. `progress` is told the position reached.
///
/// # Errors
/// The target is not empty, or the backup is not as it was made. Then nothing was put there.
pub async fn restore(restore: &Restore, progress: impl FnMut(Link) + Send) -> Result<Manifest, ArchiveError> {
    let manifest = Manifest::read(&restore.from)?;
    let mut files = vec![Copy::new(restore.from.join(JOURNAL), restore.journal.clone())?];
    manifest.file.check(&files[0].from)?;
    if let Some((from, into)) = &restore.keys {
        let known = manifest.keys.as_ref();
        let known = known.ok_or_else(|| ArchiveError::Backup { path: from.clone(), what: "the backup was made without keys".into() })?;
        files.push(Copy::new(from.clone(), into.clone())?);
        known.check(from)?;
    }
    for file in &files {
        file.write()?;
    }
    verify(&files[0].unfinished, restore.verifier.as_ref(), &manifest, progress).await?;
    // The journal last: a server that finds no journal makes one.
    for file in files.iter_mut().rev() {
        file.finish()?;
    }
    Ok(manifest)
}

async fn verify(
    journal: &Path,
    verifier: Option<&Verifier>,
    manifest: &Manifest,
    progress: impl FnMut(Link) + Send,
) -> Result<(), ArchiveError> {
    let wrong = |what: String| ArchiveError::Backup { path: journal.to_owned(), what };
    let own: Option<Verifier> = match &manifest.verifier_key {
        Some(key) => Some(key.parse().map_err(|error| wrong(format!("the manifest's verifier key: {error}")))?),
        None => None,
    };
    let (file, history) = shared(SqliteHistory::init(journal).await?);
    let walked = async {
        if history.id() != manifest.journal {
            return Err(wrong(format!("expected journal {}, found {}", manifest.journal, history.id())));
        }
        let told = |error: evidence::WalkError| match error {
            evidence::WalkError::Wrong(finding) => wrong(finding.to_string()),
            evidence::WalkError::Journal(error) => error.into(),
        };
        let known = evidence::stored(&*history, verifier.or(own.as_ref())).await.map_err(told)?;
        evidence::walk(&history, Walk { known, ..Walk::default() }, progress).await.map_err(told)
    };
    let walked = walked.await;
    file.close().await;
    tidy(journal);
    let head = walked?;
    if head.position != Position(manifest.position) || hex::encode(head.hash) != manifest.hash {
        return Err(wrong(format!(
            "expected the head at position {} with the manifest's hash, found {}",
            manifest.position, head.position
        )));
    }
    Ok(())
}

/// A file on its way. Dropped unfinished, it leaves nothing behind.
struct Copy {
    from: PathBuf,
    into: PathBuf,
    unfinished: PathBuf,
    done: bool,
}

impl Copy {
    fn new(from: PathBuf, into: PathBuf) -> Result<Self, ArchiveError> {
        if into.exists() {
            return Err(ArchiveError::Backup { path: into, what: "there is one already: restore into a data directory without it".into() });
        }
        let unfinished = beside(&into, UNFINISHED);
        Ok(Self { from, into, unfinished, done: false })
    }

    fn write(&self) -> Result<(), ArchiveError> {
        let folder = folder(&self.into);
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(at(folder))?;
        let mut source = File::open(&self.from).map_err(at(&self.from))?;
        let target = File::options().write(true).create(true).truncate(true).mode(0o600).open(&self.unfinished);
        let copied = target.and_then(|mut target| std::io::copy(&mut source, &mut target).and_then(|_| target.sync_all()));
        copied.map_err(at(&self.unfinished))
    }

    fn finish(&mut self) -> Result<(), ArchiveError> {
        std::fs::rename(&self.unfinished, &self.into).map_err(at(&self.into))?;
        self.done = true;
        let folder = folder(&self.into);
        File::open(folder).and_then(|folder| folder.sync_all()).map_err(at(folder))
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        if !self.done {
            let _ = std::fs::remove_file(&self.unfinished); // It may not be there yet.
        }
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}
