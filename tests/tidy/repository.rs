//! The files of the repository.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::none;

/// What building and running leaves behind.
const SKIPPED: [&str; 4] = ["target", ".git", "nalabo-data", "node_modules"];

/// Paths of somebody's machine. In halves, so that they are not found here.
const MACHINE_PATHS: [[&str; 2]; 4] = [["/ro", "ot/"], ["/wo", "rk/"], ["/Use", "rs/"], ["/home/run", "ner/"]];

/// The repository's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file, as a path relative to the root, sorted.
pub(crate) fn files() -> Vec<PathBuf> {
    let mut found = Vec::new();
    collect(root(), &mut found);
    found.sort();
    found
}

/// Files whose name ends in `.extension`.
pub(crate) fn files_with(extension: &str) -> Vec<PathBuf> {
    files().into_iter().filter(|file| file.extension().is_some_and(|found| found == extension)).collect()
}

/// A file's text; none, if it is no text.
pub(crate) fn text(file: &Path) -> Option<String> {
    let bytes = fs::read(root().join(file)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    String::from_utf8(bytes).ok()
}

/// The text of a file that must be there.
pub(crate) fn required(file: &str) -> String {
    text(Path::new(file)).unwrap_or_else(|| panic!("{file} is no text"))
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository") {
        let path = entry.expect("an entry").path();
        if SKIPPED.iter().any(|skipped| path.ends_with(skipped)) || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect(&path, found);
        } else {
            found.push(path.strip_prefix(root()).expect("a path below the root").to_owned());
        }
    }
}

#[test]
fn no_file_knows_the_machine_it_was_written_on() {
    let mut findings = Vec::new();
    for file in files() {
        let Some(text) = text(&file) else { continue };
        for (number, line) in (1..).zip(text.lines()) {
            if MACHINE_PATHS.iter().any(|halves| line.contains(&halves.concat())) {
                findings.push(format!("{}:{number}: a path of one machine", file.display()));
            }
        }
    }
    none(&findings);
}
