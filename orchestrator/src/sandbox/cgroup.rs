//! The kernel's own account of a sandbox, where the operator delegated a cgroup: then nothing escapes the limits, not even
//! memory the kernel holds for sockets and pipes.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use domain::kernel::EnvironmentId;

use super::limits::Limits;
use crate::driver::DriverError;

/// Whether `parent` can hold the sandboxes' cgroups.
///
/// # Errors
/// `Terminal`, saying what is missing.
pub(super) fn require(parent: &Path) -> Result<(), DriverError> {
    let terminal = |what: String| DriverError::Terminal(format!("the cgroup {} cannot be used: {what}", parent.display()));
    let enabled = fs::read_to_string(parent.join("cgroup.subtree_control")).map_err(|error| terminal(error.to_string()))?;
    for controller in ["memory", "pids"] {
        if !enabled.split_ascii_whitespace().any(|name| name == controller) {
            return Err(terminal(format!(
                "its children have no {controller} controller: write +{controller} to its cgroup.subtree_control"
            )));
        }
    }
    Ok(())
}

/// Makes the cgroup of one sandbox, or sets the limits of the one that is there.
///
/// # Errors
/// `Transient`, naming the cgroup.
pub(super) fn make(parent: &Path, environment: EnvironmentId, limits: &Limits) -> Result<PathBuf, DriverError> {
    let cgroup = parent.join(environment.to_string());
    let make = || {
        fs::create_dir_all(&cgroup)?;
        fs::write(cgroup.join("memory.max"), limits.everything().to_string())?;
        fs::write(cgroup.join("pids.max"), limits.all_processes().saturating_mul(2).to_string())?;
        // Absent where the kernel does not account for swap.
        match fs::write(cgroup.join("memory.swap.max"), "0") {
            Err(error) if error.kind() != io::ErrorKind::NotFound && error.kind() != io::ErrorKind::PermissionDenied => Err(error),
            _ => Ok(()),
        }
    };
    make().map_err(|error: io::Error| fault(&cgroup, &error))?;
    Ok(cgroup)
}

/// Removes the cgroup of a sandbox that has ended, killing what may be left in it.
///
/// # Errors
/// `Transient`, naming the cgroup.
pub(super) fn remove(parent: &Path, environment: EnvironmentId) -> Result<(), DriverError> {
    let cgroup = parent.join(environment.to_string());
    if !cgroup.exists() {
        return Ok(());
    }
    // Absent before Linux 5.14; then the sandbox's own end has to do.
    let _ = fs::write(cgroup.join("cgroup.kill"), "1");
    match fs::remove_dir(&cgroup) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(fault(&cgroup, &error)),
        _ => Ok(()),
    }
}

fn fault(cgroup: &Path, error: &io::Error) -> DriverError {
    DriverError::Transient(format!("the cgroup {}: {error}", cgroup.display()))
}

#[cfg(test)]
mod tests;
