//! The sandbox as this host's driver of environments.

use std::{io::ErrorKind, path::Path, sync::Arc};

use commands::workshops::ScriptParser;
use orchestrator::{
    driver::DriverError,
    sandbox::{SandboxDriver, SandboxOptions},
    sites::Sites,
    workbench::{SandboxShell, Workbench},
};

use super::Stores;
use crate::config::Config;

/// What environments are made and reached with.
pub(super) struct Environments {
    pub(super) sites: Arc<Sites>,
    pub(super) shell: Arc<dyn ScriptParser>,
    pub(super) workbench: Workbench,
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
    let sites = Sites::new(Arc::new(sandbox), name(&config.data_dir)?);
    let workbench = Workbench::new(Arc::clone(&sites), Arc::clone(&stores.journal));
    Ok(Environments { sites, shell, workbench })
}

/// This node's name: the host's, and what tells its data directory from others. Made at the first start.
fn name(data_dir: &Path) -> Result<String, DriverError> {
    let path = data_dir.join("node");
    let failed = |error: std::io::Error| DriverError::Terminal(format!("cannot use {}: {error}", path.display()));
    match std::fs::read_to_string(&path) {
        Ok(name) if !name.trim().is_empty() => return Ok(name.trim().to_owned()),
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_else(|_| "localhost".into());
    let name = format!("{}-{}", host.trim(), hex::encode(rand::random::<[u8; 4]>()));
    std::fs::write(&path, &name).map_err(failed)?;
    Ok(name)
}
