//! What the clusters alone take: environments that are made and removed with the same requests, and no saga, journal or read models
//! behind them.

use std::{sync::Arc, time::Duration};

use domain::{
    kernel::{AccountId, EnvironmentId, SessionId},
    workshops::content::EnvironmentNeeds,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use orchestrator::driver::{Driver, EnvironmentSpec};
use orchestrator_kubernetes::{
    client::{ClientOptions, client},
    desired::{ApiAccess, Settings},
    driver::{KubernetesDriver, PATIENCE},
    guard::AddressPolicy,
    kubeconfig,
};
use uuid::Uuid;

use super::{cost::Cpu, simulator::Simulator};
use crate::demo::DemoError;

/// Environments, at the most.
const MOST: u32 = 400;
/// On one cluster.
const AT_ONCE: usize = 64;

/// Time of a processor for each request, with what it brings the watches, from nothing to nothing.
pub(super) async fn per_request(simulator: &mut Simulator, needs: &EnvironmentNeeds, sessions: u32) -> Result<Duration, DemoError> {
    let before = simulator.report().await?.requests();
    let drivers = simulator.kubeconfigs().map(driver).collect::<Result<Vec<_>, _>>()?;
    let count = sessions.min(MOST);
    let cpu = Cpu::now()?;
    let each = drivers.iter().cycle().take(count as usize).map(|driver| come_and_go(driver, needs));
    let all = stream::iter(each.collect::<Vec<_>>()).buffer_unordered(AT_ONCE * drivers.len());
    all.try_collect::<Vec<()>>().await?;
    let requests = simulator.report().await?.requests() - before;
    cpu.per(u32::try_from(requests).unwrap_or(u32::MAX))
}

fn driver(config: &str) -> Result<Arc<dyn Driver>, DemoError> {
    let doing = "connect to a simulated cluster";
    let connection = kubeconfig::read(config, None).map_err(|error| DemoError::step(doing, error))?;
    let addresses = AddressPolicy { allow_loopback: true, allow_private: true };
    let options = ClientOptions { addresses, ..ClientOptions::default() };
    let client = client(&connection, &options).map_err(|error| DemoError::step(doing, error))?;
    let api = ApiAccess { server: "https://kubernetes.default.svc".to_owned(), ..ApiAccess::default() };
    // Under another name than the server's, which removes what it does not know.
    let settings = Settings { instance: "nalabo-bare".to_owned(), api, ..Settings::default() };
    Ok(Arc::new(KubernetesDriver::new(client, settings, PATIENCE)))
}

async fn come_and_go(driver: &Arc<dyn Driver>, needs: &EnvironmentNeeds) -> Result<(), DemoError> {
    let spec = EnvironmentSpec {
        id: EnvironmentId(Uuid::now_v7()),
        session: SessionId(Uuid::now_v7()),
        learner: AccountId(Uuid::now_v7()),
        needs: needs.clone(),
        files: vec![],
    };
    for step in driver.steps() {
        driver.apply(step, &spec).await.map_err(|error| DemoError::step("make an environment by requests alone", error))?;
    }
    for step in driver.steps().iter().rev() {
        driver.revert(step, spec.id).await.map_err(|error| DemoError::step("remove an environment by requests alone", error))?;
    }
    Ok(())
}
