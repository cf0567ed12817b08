//! The programs of the host that the driver is built from.

use std::{
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use crate::driver::DriverError;

/// Name, and the packages that bring it: Debian's and Fedora's.
const NEEDED: [(&str, &str, &str); 9] = [
    ("bwrap", "bubblewrap", "bubblewrap"),
    ("setpriv", "util-linux", "util-linux"),
    ("prlimit", "util-linux", "util-linux"),
    ("nsenter", "util-linux", "util-linux"),
    ("setsid", "util-linux", "util-linux"),
    ("mount", "mount", "util-linux"),
    ("bash", "bash", "bash"),
    ("nice", "coreutils", "coreutils"),
    ("timeout", "coreutils", "coreutils"),
];

/// Where those of them are that are started on the host itself.
#[derive(Clone, Debug)]
pub(super) struct Programs {
    pub(super) setpriv: String,
    pub(super) prlimit: String,
    pub(super) nsenter: String,
    pub(super) bash: String,
    pub(super) nice: String,
    pub(super) timeout: String,
}

impl Programs {
    /// Looks for all of them along `path`.
    ///
    /// # Errors
    /// `Terminal` with each that is missing and how to install it.
    pub(super) fn find(path: &str) -> Result<Self, DriverError> {
        let missing: Vec<_> = NEEDED.iter().filter(|(name, ..)| locate(name, path).is_none()).collect();
        if !missing.is_empty() {
            let names: Vec<_> = missing.iter().map(|(name, ..)| *name).collect();
            let packages = |pick: fn(&(&'static str, &'static str, &'static str)) -> &'static str| {
                let mut packages: Vec<_> = missing.iter().map(|program| pick(program)).collect();
                packages.dedup();
                packages.join(" ")
            };
            return Err(DriverError::Terminal(format!(
                "sandboxes need {}, which is not in {path}: apt-get install {} / dnf install {}",
                names.join(", "),
                packages(|program| program.1),
                packages(|program| program.2),
            )));
        }
        let at = |name| locate(name, path).ok_or_else(|| DriverError::Terminal(format!("{name} is gone from {path}")));
        Ok(Self {
            setpriv: at("setpriv")?,
            prlimit: at("prlimit")?,
            nsenter: at("nsenter")?,
            bash: at("bash")?,
            nice: at("nice")?,
            timeout: at("timeout")?,
        })
    }
}

fn locate(name: &str, path: &str) -> Option<String> {
    let candidates = path.split(':').filter(|folder| !folder.is_empty()).map(|folder| PathBuf::from(folder).join(name));
    candidates.filter(|program| is_executable(program)).find_map(|program| program.into_os_string().into_string().ok())
}

fn is_executable(program: &Path) -> bool {
    program.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}
