//! Workshops on disk.

use std::fs::{self, DirEntry, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{ImportError, Source};
use crate::bundle::{Bundle, MAX_FILE_BYTES};

const MAX_DEPTH: usize = 12;
/// What makes a folder a workshop.
const MARKS: [&str; 4] = ["workshop.yaml", "resources/workshop.yaml", "resources/workshop.yml", "workshop/content"];
/// What is read of it; everything else, such as version control and images, has no meaning here.
const MEANINGFUL: [&str; 9] = [
    "workshop.yaml",
    "steps",
    "checks",
    "files",
    "resources",
    "workshop/config.yaml",
    "workshop/modules.yaml",
    "workshop/workshop.yaml",
    "workshop/examiner/tests",
];
const PAGES: &str = "workshop/content";

/// A folder that is a workshop, or whose folders are.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

impl Source for Folder {
    fn bundles(&self) -> Result<Vec<Bundle>, ImportError> {
        let unreadable = |source| ImportError::Unreadable { path: self.0.clone(), source };
        let root = self.0.canonicalize().map_err(unreadable)?;
        if is_workshop(&root) {
            return Ok(vec![bundle(&root).map_err(unreadable)?]);
        }
        let mut bundles = Vec::new();
        for entry in entries(&root).map_err(unreadable)? {
            if entry.file_type().map_err(unreadable)?.is_dir() && is_workshop(&entry.path()) {
                bundles.push(bundle(&entry.path()).map_err(unreadable)?);
            }
        }
        if bundles.is_empty() { Err(ImportError::NoWorkshop { path: self.0.clone() }) } else { Ok(bundles) }
    }
}

fn is_workshop(folder: &Path) -> bool {
    MARKS.iter().any(|mark| folder.join(mark).exists())
}

fn bundle(root: &Path) -> io::Result<Bundle> {
    let name = root.file_name().map_or_else(|| "workshop".into(), |name| name.to_string_lossy().into_owned());
    let mut bundle = Bundle::new(name);
    walk(root, root, "", 0, &mut bundle)?;
    Ok(bundle)
}

fn walk(root: &Path, folder: &Path, prefix: &str, depth: usize, bundle: &mut Bundle) -> io::Result<()> {
    if depth > MAX_DEPTH {
        bundle.refuse(prefix, format!("folders may be nested at most {MAX_DEPTH} deep"));
        return Ok(());
    }
    for entry in entries(folder)? {
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if bundle.is_full() {
            bundle.insert(&path, Vec::new());
            return Ok(());
        }
        let kind = entry.file_type()?;
        if kind.is_dir() && leads_to_meaning(&path) {
            walk(root, &entry.path(), &path, depth + 1, bundle)?;
        } else if kind.is_symlink() && leads_to_meaning(&path) {
            follow(root, &entry.path(), &path, bundle);
        } else if kind.is_file() && is_meaningful(&path) {
            read(&entry.path(), &path, bundle);
        }
    }
    Ok(())
}

fn entries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}

/// Reads a link's target if it is a file of the same workshop.
fn follow(root: &Path, link: &Path, path: &str, bundle: &mut Bundle) {
    match link.canonicalize() {
        Ok(target) if !target.starts_with(root) => bundle.refuse(path, "a link that leaves the workshop's folder".into()),
        Ok(target) if target.is_file() => read(&target, path, bundle),
        Ok(_) => bundle.refuse(path, "links to folders are not followed".into()),
        Err(error) => bundle.refuse(path, error.to_string()),
    }
}

fn read(file: &Path, path: &str, bundle: &mut Bundle) {
    let mut contents = Vec::new();
    // One byte more than allowed, so that the bundle sees that there is more.
    match File::open(file).and_then(|file| file.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut contents)) {
        Ok(_) => bundle.insert(path, contents),
        Err(error) => bundle.refuse(path, error.to_string()),
    }
}

fn is_meaningful(path: &str) -> bool {
    let extension = Path::new(path).extension().and_then(|extension| extension.to_str());
    let is_page = is_within(path, PAGES) && matches!(extension, Some("md" | "adoc"));
    is_page || MEANINGFUL.iter().any(|meaningful| is_within(path, meaningful))
}

/// Whether it is meaningful itself or a folder above or below something that is.
fn leads_to_meaning(path: &str) -> bool {
    MEANINGFUL.iter().chain([&PAGES]).any(|meaningful| is_within(path, meaningful) || is_within(meaningful, path))
}

fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests;
