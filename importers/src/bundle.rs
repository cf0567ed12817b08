//! The files of one workshop in memory.

use std::collections::BTreeMap;

use crate::diagnostic::Findings;

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// How many files a workshop may have.
pub const MAX_FILES: usize = 2000;
/// The largest sum of a workshop's files, in bytes.
pub const MAX_TOTAL_BYTES: usize = 32 << 20;
/// How many refused files are reported by name.
const MAX_REFUSED: usize = 100;

/// The files of one workshop that its format gives a meaning, by their path relative to its folder, with `/`.
#[derive(Clone, Debug, Default)]
pub struct Bundle {
    folder: String,
    files: BTreeMap<String, Vec<u8>>,
    bytes: usize,
    refused: Vec<(String, String)>,
}

impl Bundle {
    /// An empty bundle; `folder` is its name, which stands in for a missing slug.
    #[must_use]
    pub fn new(folder: impl Into<String>) -> Self {
        Self { folder: folder.into(), ..Self::default() }
    }

    /// Adds a file, or notes why it was refused: too large, too many, or a path that is not plain.
    pub fn insert(&mut self, path: &str, contents: Vec<u8>) {
        if !is_plain(path) {
            self.refuse(path, "its path leaves the workshop's folder".into());
        } else if contents.len() > MAX_FILE_BYTES {
            self.refuse(path, format!("a file may have at most {MAX_FILE_BYTES} bytes"));
        } else if self.files.len() >= MAX_FILES {
            self.refuse(path, format!("a workshop may have at most {MAX_FILES} files"));
        } else if self.bytes + contents.len() > MAX_TOTAL_BYTES {
            self.refuse(path, format!("a workshop's files may have at most {MAX_TOTAL_BYTES} bytes together"));
        } else {
            self.bytes += contents.len();
            self.files.insert(path.to_owned(), contents);
        }
    }

    /// Notes that a file is there but was not read.
    pub(crate) fn refuse(&mut self, path: &str, reason: String) {
        if self.refused.len() < MAX_REFUSED {
            self.refused.push((path.to_owned(), reason));
        }
    }

    /// Its folder's name.
    #[must_use]
    pub fn folder(&self) -> &str {
        &self.folder
    }

    pub(crate) fn is_full(&self) -> bool {
        self.files.len() >= MAX_FILES || self.bytes >= MAX_TOTAL_BYTES
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.files.contains_key(path)
    }

    /// Paths that start with `prefix`, sorted.
    pub(crate) fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.files.range(prefix.to_owned()..).map(|(path, _)| path.as_str()).take_while(move |path| path.starts_with(prefix))
    }

    /// Reports every file that was refused.
    pub(crate) fn report_refused(&self, findings: &mut Findings) {
        for (path, reason) in &self.refused {
            findings.error(path, None, format!("not read: {reason}"));
        }
    }

    /// A file's text without a byte order mark; `None` if it is missing, or is no UTF-8, which is reported.
    pub(crate) fn text(&self, path: &str, findings: &mut Findings) -> Option<&str> {
        let bytes = self.files.get(path)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.strip_prefix('\u{feff}').unwrap_or(text)),
            Err(error) => {
                let before = String::from_utf8_lossy(&bytes[..error.valid_up_to()]);
                let line = 1 + before.matches('\n').count();
                findings.error(path, u32::try_from(line).ok(), "expected UTF-8 text");
                None
            }
        }
    }

    /// A shell script with line feeds alone, because a carriage return becomes part of a command.
    pub(crate) fn script(&self, path: &str, findings: &mut Findings) -> Option<String> {
        self.text(path, findings).map(|text| text.replace("\r\n", "\n"))
    }
}

/// Whether a path is relative and stays where it is put.
pub(crate) fn is_plain(path: &str) -> bool {
    !path.contains(['\\', '\0']) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

#[cfg(test)]
mod tests;
