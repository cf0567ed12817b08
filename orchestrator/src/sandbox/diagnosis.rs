//! Why a host refuses to make a sandbox, in words that say what to change.

use std::fs;

use crate::driver::DriverError;

/// A setting of the kernel, the value that forbids sandboxes, and what to do.
const SETTINGS: [(&str, &str, &str); 3] = [
    ("/proc/sys/kernel/unprivileged_userns_clone", "0", "unprivileged user namespaces are off: sysctl kernel.unprivileged_userns_clone=1"),
    ("/proc/sys/user/max_user_namespaces", "0", "user namespaces are off: sysctl user.max_user_namespaces=10000"),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "AppArmor restricts user namespaces: sysctl kernel.apparmor_restrict_unprivileged_userns=0, \
         or install an AppArmor profile that allows `userns` for bwrap",
    ),
];

/// Parts of messages that no second try will change.
const FINAL: [(&str, &str); 6] = [
    ("Operation not permitted", ""),
    ("Permission denied", ""),
    ("No permissions to create", ""),
    ("Unknown option", "bubblewrap 0.8 or later is needed"),
    ("unrecognized option", "util-linux 2.36 or later is needed"),
    ("Can't mount proc", "in a container, /proc must not be masked (Docker: --security-opt systempaths=unconfined)"),
];

/// The error for what the programs printed when a sandbox did not come up.
pub(super) fn explain(message: &str) -> DriverError {
    let found = SETTINGS.iter().filter(|(file, value, _)| fs::read_to_string(file).is_ok_and(|text| text.trim() == *value));
    diagnose(message, &found.map(|(.., advice)| *advice).collect::<Vec<_>>())
}

fn diagnose(message: &str, advice: &[&str]) -> DriverError {
    let message = message.trim();
    let matching: Vec<_> = FINAL.iter().filter(|(part, _)| message.contains(part)).collect();
    if matching.is_empty() {
        return DriverError::Transient(format!("the sandbox did not start: {message}"));
    }
    let hints = matching.iter().map(|(_, hint)| *hint).filter(|hint| !hint.is_empty());
    let parts: Vec<_> = std::iter::once(message).chain(hints).chain(advice.iter().copied()).collect();
    DriverError::Terminal(format!("this host does not permit sandboxes: {}", parts.join("; ")))
}

#[cfg(test)]
mod tests;
