//! What an author should know about their files.

use serde::Serialize;

/// How many are kept of one workshop.
const MAX_DIAGNOSTICS: usize = 1000;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Imported, though perhaps not as meant.
    Warning,
    /// Something was left out, or the workshop cannot be used.
    Error,
}

/// A finding, where it is, and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// Relative to the workshop's folder, with `/`.
    pub file: String,
    /// From 1; absent when it is about the file as a whole.
    pub line: Option<u32>,
    /// A sentence.
    pub message: String,
}

impl std::fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        match self.line {
            Some(line) => write!(f, "{severity}: {}:{line}: {}", self.file, self.message),
            None => write!(f, "{severity}: {}: {}", self.file, self.message),
        }
    }
}

/// The diagnostics of one workshop while it is imported.
#[derive(Debug, Default)]
pub(crate) struct Findings(Vec<Diagnostic>);

impl Findings {
    pub(crate) fn error(&mut self, file: &str, line: impl Into<Option<u32>>, message: impl Into<String>) {
        self.push(Severity::Error, file, line.into(), message.into());
    }

    pub(crate) fn warning(&mut self, file: &str, line: impl Into<Option<u32>>, message: impl Into<String>) {
        self.push(Severity::Warning, file, line.into(), message.into());
    }

    fn push(&mut self, severity: Severity, file: &str, line: Option<u32>, message: String) {
        match self.0.len() {
            0..MAX_DIAGNOSTICS => self.0.push(Diagnostic { severity, file: file.to_owned(), line, message }),
            MAX_DIAGNOSTICS => {
                let message = "there is more to report than this".to_owned();
                self.0.push(Diagnostic { severity: Severity::Error, file: file.to_owned(), line, message });
            }
            _ => {}
        }
    }

    pub(crate) fn has(&self, severity: Severity) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == severity)
    }

    pub(crate) fn into_diagnostics(self) -> Vec<Diagnostic> {
        self.0
    }
}
