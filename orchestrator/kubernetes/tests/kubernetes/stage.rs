//! A simulated cluster with a driver for it.

use std::{sync::Arc, time::Duration};

use domain::workshops::{
    cluster_needs::{Isolation, KubernetesNeeds},
    content::EnvironmentNeeds,
};
use kube::Client;
use orchestrator::driver::{Driver, DriverError, EnvironmentSpec};
use orchestrator_kubernetes::{
    client::{ClientOptions, client},
    connection::Connection,
    desired::{ApiAccess, Settings},
    driver::KubernetesDriver,
    guard::AddressPolicy,
    kubeconfig,
};
use test_cluster_simulator::{Options, Simulator};

use crate::driver_contract;

pub(crate) struct Stage {
    pub(crate) driver: Arc<dyn Driver>,
    pub(crate) simulator: Simulator,
}

/// Far beyond what anything here takes, except for what is made to fail.
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn options() -> ClientOptions {
    ClientOptions { addresses: AddressPolicy { allow_loopback: true, allow_private: true }, ..ClientOptions::default() }
}

pub(crate) fn connection(kubeconfig: &str) -> Connection {
    kubeconfig::read(kubeconfig, None).expect("a kubeconfig that is taken")
}

pub(crate) fn connect(kubeconfig: &str) -> Client {
    client(&connection(kubeconfig), &options()).expect("a client")
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self::with(&Options::default(), PATIENCE)
    }

    pub(crate) fn impatient() -> Self {
        Self::with(&Options::default(), Duration::from_millis(300))
    }

    pub(crate) fn with(options: &Options, patience: Duration) -> Self {
        let simulator = Simulator::start(options).expect("a simulator");
        let kubeconfig = simulator.kubeconfig();
        Self::by(simulator, &kubeconfig, patience)
    }

    /// A driver with the rights of this kubeconfig.
    pub(crate) fn by(simulator: Simulator, kubeconfig: &str, patience: Duration) -> Self {
        let client = connect(kubeconfig);
        // What a real cluster has inside as `kubernetes.default.svc`.
        let api = ApiAccess { server: simulator.url(), ca: Some(simulator.ca_pem()), endpoints: vec![] };
        let driver = KubernetesDriver::new(client, Settings { api, ..Settings::default() }, patience);
        Self { driver: Arc::new(driver), simulator }
    }

    /// One step after the other, up to the first that fails.
    pub(crate) async fn stand(&self, spec: &EnvironmentSpec) -> Result<(), DriverError> {
        for step in self.driver.steps() {
            self.driver.apply(step, spec).await?;
        }
        Ok(())
    }

    pub(crate) async fn fall(&self, spec: &EnvironmentSpec) -> Result<(), DriverError> {
        for step in self.driver.steps().iter().rev() {
            self.driver.revert(step, spec.id).await?;
        }
        Ok(())
    }
}

/// An environment with a part of the cluster.
pub(crate) fn clustered(needs: KubernetesNeeds) -> EnvironmentSpec {
    let needs = EnvironmentNeeds { kubernetes: Some(needs), ..EnvironmentNeeds::default() };
    EnvironmentSpec { needs, ..driver_contract::spec() }
}

pub(crate) fn vcluster() -> KubernetesNeeds {
    KubernetesNeeds { isolation: Isolation::Vcluster, ..KubernetesNeeds::default() }
}

#[track_caller]
pub(crate) fn terminal(result: Result<(), DriverError>) -> String {
    match result {
        Err(DriverError::Terminal(text)) => text,
        other => panic!("expected a failure for good, not {other:?}"),
    }
}

#[track_caller]
pub(crate) fn transient(result: Result<(), DriverError>) -> String {
    match result {
        Err(DriverError::Transient(text)) => text,
        other => panic!("expected a failure worth another try, not {other:?}"),
    }
}
