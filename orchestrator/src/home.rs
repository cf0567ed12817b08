//! What every driver does alike with files for a home.

use domain::workshops::content::ProvidedFile;

use crate::driver::DriverError;

/// Bash that writes the files of [`input`] into the home, as the learner.
pub const WRITE: &str = include_str!("home/write.sh");
/// Bash that looks for programs; it prints the first that is missing.
pub const PROGRAMS: &str = r#"for program in "$@"; do type -P -- "$program" >/dev/null || { echo "$program"; exit 3; }; done"#;
/// The status of both for what no second try will change.
pub const REFUSED: i32 = 3;

/// What [`WRITE`] reads.
///
/// # Errors
/// `Terminal`, naming the file, if its path may not be used.
pub fn input(files: &[ProvidedFile]) -> Result<Vec<u8>, DriverError> {
    let mut input = Vec::new();
    for file in files {
        acceptable(&file.path)?;
        let mode = if file.executable { "755" } else { "644" };
        input.extend_from_slice(format!("{} {mode} {}\n", file.contents.len(), file.path).as_bytes());
        input.extend_from_slice(file.contents.as_bytes());
    }
    Ok(input)
}

/// A path that stays in the home.
fn acceptable(path: &str) -> Result<(), DriverError> {
    let reason = if path.starts_with('/') {
        "it must be relative to the home"
    } else if path.split('/').any(|part| matches!(part, "" | "." | "..")) {
        "it may not have empty parts, `.` or `..`"
    } else if path.len() > 1024 || path.split('/').any(|part| part.len() > 200) {
        "it is too long"
    } else if path.chars().any(char::is_control) {
        "it may not have control characters"
    } else if path.starts_with(' ') || path.ends_with(' ') {
        "it may not begin or end with a space"
    } else {
        return Ok(());
    };
    Err(DriverError::Terminal(format!("the file path {path:?} cannot be used: {reason}")))
}

#[cfg(test)]
mod tests;
