//! Sandboxes from nothing until a learner could work, and what a bare `bwrap` takes to run a program that does nothing.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use domain::{
    kernel::{AccountId, EnvironmentId, SessionId},
    workshops::content::EnvironmentNeeds,
};
use load::{Fault, Figures, Order, serve};
use orchestrator::{
    driver::{Driver, EnvironmentSpec},
    sandbox::{SandboxDriver, SandboxOptions},
};
use tokio::process::Command;
use uuid::Uuid;

/// What a program needs of the host to run at all.
const BARE: &str = "--unshare-all --die-with-parent --ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/lib /lib \
                    --symlink usr/lib64 /lib64 --proc /proc --dev /dev --tmpfs /tmp /usr/bin/true";

pub(super) async fn ours(directory: &Path) -> Result<(), Fault> {
    let driver = SandboxDriver::try_new(SandboxOptions::new(directory))?;
    driver.probe().await?;
    let driver = &driver;
    serve(|order: Order| async move {
        again_and_again(&order, async || {
            let spec = spec();
            let began = Instant::now();
            for step in driver.steps() {
                driver.apply(step, &spec).await?;
            }
            let took = began.elapsed();
            for step in driver.steps().iter().rev() {
                driver.revert(step, spec.id).await?;
            }
            Ok(took)
        })
        .await
    })
    .await
}

pub(super) async fn bare() -> Result<(), Fault> {
    serve(|order: Order| async move {
        again_and_again(&order, async || {
            let began = Instant::now();
            let status = Command::new("bwrap").args(BARE.split_whitespace()).stdin(Stdio::null()).status().await?;
            if status.success() { Ok(began.elapsed()) } else { Err(format!("bwrap: {status}").into()) }
        })
        .await
    })
    .await
}

fn spec() -> EnvironmentSpec {
    EnvironmentSpec {
        id: EnvironmentId(Uuid::now_v7()),
        session: SessionId(Uuid::now_v7()),
        learner: AccountId(Uuid::now_v7()),
        needs: EnvironmentNeeds::default(),
        files: vec![],
    }
}

/// One after the other; what is cleared away in between does not count.
async fn again_and_again(order: &Order, work: impl AsyncFn() -> Result<Duration, Fault>) -> Result<Figures, Fault> {
    let mut all = Vec::new();
    let (warm_up, run) = (Duration::from_millis(order.warm_up_ms), Duration::from_millis(order.run_ms));
    let began = Instant::now();
    while began.elapsed() < warm_up + run {
        let is_counted = began.elapsed() >= warm_up;
        let took = work().await?;
        all.extend(is_counted.then_some(took));
    }
    all.sort_unstable();
    let at = |percent: usize| all.get((all.len() * percent / 100).min(all.len().saturating_sub(1))).copied().unwrap_or_default();
    let micros = |took: Duration| took.as_secs_f64() * 1e6;
    let counted = Figures::of(all.len() as u64, all.iter().sum());
    Ok(Figures { p50: micros(at(50)), p99: micros(at(99)), ..counted })
}
