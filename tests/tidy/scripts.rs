//! Shell scripts.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    none,
    repository::{files, root, text},
};

/// What is run from a shell. Files that end in `.sh` are read by another script.
fn scripts() -> Vec<PathBuf> {
    let scripts: Vec<_> = files().into_iter().filter(|file| file.starts_with("scripts") || file.starts_with(".ci")).collect();
    assert!(!scripts.is_empty());
    scripts
}

#[test]
fn scripts_can_be_run() {
    let mut findings = Vec::new();
    for script in scripts().iter().filter(|script| script.extension().is_none()) {
        let mode = root().join(script).metadata().expect("a script").permissions().mode();
        if mode & 0o111 != 0o111 {
            findings.push(format!("{}: not executable", script.display()));
        }
        let text = text(script).expect("a script is text");
        for expected in ["#!/usr/bin/env bash\n", "\nset -euo pipefail\n"] {
            if !text.contains(expected) {
                findings.push(format!("{}: expected {}", script.display(), expected.trim()));
            }
        }
    }
    none(&findings);
}

#[test]
fn scripts_can_be_parsed() {
    let complaint = |script: &Path| {
        let parsed = Command::new("bash").arg("-n").arg(root().join(script)).output().expect("bash");
        (!parsed.status.success()).then(|| String::from_utf8_lossy(&parsed.stderr).into_owned())
    };
    none(&scripts().iter().filter_map(|script| complaint(script)).collect::<Vec<_>>());
}
