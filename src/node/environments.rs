//! The sandbox as this host's driver of environments.

use std::sync::Arc;

use commands::workshops::ScriptParser;
use orchestrator::{
    driver::{Driver, DriverError},
    sandbox::{SandboxDriver, SandboxOptions},
    workbench::{SandboxShell, Workbench},
};

use super::Stores;
use crate::config::Config;

/// What environments are made and reached with.
pub(super) struct Environments {
    pub(super) driver: Arc<dyn Driver>,
    pub(super) shell: Arc<dyn ScriptParser>,
    pub(super) workbench: Workbench,
    /// This host's name, as recorded with placements.
    pub(super) node: String,
}

/// The sandbox driver as configured.
///
/// # Errors
/// What the host lacks, and how to get it.
pub(crate) fn sandbox(config: &Config) -> Result<SandboxDriver, DriverError> {
    let sandbox = &config.sandbox;
    SandboxDriver::try_new(SandboxOptions {
        first_uid: sandbox.first_uid,
        uids: sandbox.uids,
        read_only: sandbox.read_only.clone(),
        cgroup: sandbox.cgroup.clone(),
        max_terminals: config.terminal.at_once,
        ..SandboxOptions::new(config.data_dir.join("sandboxes"))
    })
}

/// What parses scripts, where no environments are needed.
///
/// # Errors
/// What the host lacks, and how to get it.
pub(crate) fn shell(config: &Config) -> Result<Arc<dyn ScriptParser>, DriverError> {
    Ok(Arc::new(SandboxShell(sandbox(config)?)))
}

pub(super) async fn init(config: &Config, stores: &Stores) -> Result<Environments, DriverError> {
    let sandbox = sandbox(config)?;
    sandbox.probe().await?;
    let shell = Arc::new(SandboxShell(sandbox.clone()));
    let driver: Arc<dyn Driver> = Arc::new(sandbox);
    let workbench = Workbench::new(Arc::clone(&driver), Arc::clone(&stores.journal));
    let node = std::fs::read_to_string("/proc/sys/kernel/hostname").map_or_else(|_| "localhost".into(), |name| name.trim().to_owned());
    Ok(Environments { driver, shell, workbench, node })
}
