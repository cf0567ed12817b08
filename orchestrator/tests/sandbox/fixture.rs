//! A driver with a state directory of its own.

use std::{
    io::Write,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use orchestrator::{
    driver::{Driver, DriverError},
    sandbox::{SandboxDriver, SandboxOptions},
};
use tempfile::TempDir;

pub(crate) struct Fixture {
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) sandboxes: Arc<SandboxDriver>,
    pub(crate) directory: TempDir,
}

/// A driver, unless this host forbids sandboxes: then the reason is printed.
pub(crate) async fn sandbox() -> Option<Fixture> {
    let directory = tempfile::tempdir().expect("a temporary directory");
    let ready = async |options| {
        let driver = SandboxDriver::try_new(options)?;
        driver.probe().await?;
        Ok(driver)
    };
    match ready(options(&directory)).await {
        Ok(sandboxes) => {
            let sandboxes = Arc::new(sandboxes);
            Some(Fixture { driver: sandboxes.clone(), sandboxes, directory })
        }
        Err(DriverError::Terminal(reason)) => {
            not_tested(&reason);
            None
        }
        Err(fault) => panic!("{fault}"),
    }
}

/// Says so past the test harness, which keeps what a test that passes prints.
pub(crate) fn not_tested(reason: &str) {
    let test = std::thread::current().name().unwrap_or_default().to_owned();
    let _ = writeln!(std::io::stderr(), "{test}: not tested here: {reason}");
}

/// Options with user ids that no other test uses.
pub(crate) fn options(directory: &TempDir) -> SandboxOptions {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let first_uid = 1_000_000 + (std::process::id() % 1000) * 10_000 + NEXT.fetch_add(10, Ordering::Relaxed);
    SandboxOptions { first_uid, uids: 9, ..SandboxOptions::new(directory.path().join("sandboxes")) }
}

pub(crate) fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().expect("id runs");
    id.stdout == b"0\n"
}
