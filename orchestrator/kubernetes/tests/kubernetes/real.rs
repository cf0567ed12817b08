//! A real cluster, if there is one: `NALABO_TEST_KUBECONFIG` is its kubeconfig. See docs/infrastructure.md.

use std::{sync::Arc, time::Duration};

use domain::workshops::cluster_needs::KubernetesNeeds;
use orchestrator::driver::{Driver, Observed};
use orchestrator_kubernetes::{
    api_access,
    client::{ClientOptions, client},
    connection::Connection,
    desired::Settings,
    driver::KubernetesDriver,
    guard::AddressPolicy,
    kubeconfig,
    probe::probe,
};
use uuid::Uuid;

use crate::{
    driver_contract::{DEADLINE, fall, spec},
    stage::{clustered, vcluster},
};

/// A cluster under an instance of this test's own.
pub(crate) struct Real {
    pub(crate) driver: Arc<dyn Driver>,
    client: kube::Client,
    connection: Connection,
    settings: Settings,
}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

impl Real {
    fn connect() -> Option<Self> {
        let Some(path) = std::env::var_os("NALABO_TEST_KUBECONFIG") else {
            eprintln!("skipped: NALABO_TEST_KUBECONFIG names no cluster");
            return None;
        };
        let text = std::fs::read_to_string(path).expect("the kubeconfig that NALABO_TEST_KUBECONFIG names");
        let connection = kubeconfig::read(&text, None).expect("a kubeconfig that is taken");
        let is_private = std::env::var("NALABO_TEST_ADDRESSES").is_ok_and(|addresses| addresses == "private");
        let addresses = AddressPolicy { allow_loopback: is_private, allow_private: is_private };
        let client = client(&connection, &ClientOptions { addresses, ..ClientOptions::default() }).expect("a client");
        let instance = format!("test-{}", Uuid::new_v4().simple());
        let settings = Settings { instance, ..Settings::default() };
        let driver = Arc::new(KubernetesDriver::new(client.clone(), settings.clone(), DEADLINE));
        Some(Self { driver, client, connection, settings })
    }

    /// One that runs pods.
    pub(crate) fn with_pods() -> Option<Self> {
        if is_set("NALABO_TEST_KUBECONFIG") && is_set("NALABO_TEST_NO_KUBELET") {
            eprintln!("skipped: NALABO_TEST_NO_KUBELET says that the cluster runs no pods");
            return None;
        }
        Self::connect()
    }
}

impl Drop for Real {
    /// Removes what a failed test left.
    fn drop(&mut self) {
        let (connection, settings) = (self.connection.clone(), self.settings.clone());
        let addresses = AddressPolicy { allow_loopback: true, allow_private: true };
        let cleaning = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
            runtime.block_on(async {
                let client = client(&connection, &ClientOptions { addresses, ..ClientOptions::default() }).expect("a client");
                let driver = KubernetesDriver::new(client, settings, Duration::from_mins(1));
                for environment in driver.list().await.unwrap_or_default() {
                    let _ = driver.revert("namespace", environment).await;
                }
            });
        });
        let _ = cleaning.join();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cluster_is_tested() {
    let Some(real) = Real::connect() else { return };
    let report = probe(&real.client).await;
    eprintln!("{report:#?}");
    assert!(report.version.is_some(), "{}", report.failures());
    let permissions = report.points.iter().find(|point| point.name == "permissions");
    assert!(permissions.is_some_and(|point| point.outcome == orchestrator_kubernetes::probe::Outcome::Passed), "{}", report.failures());
    let access = api_access(&real.client, &real.connection).await.expect("where the API is");
    assert!(access.ca.is_some(), "{access:?}");
}

/// Without a kubelet, as far as that goes: all that the API server itself judges.
#[tokio::test(flavor = "multi_thread")]
async fn what_needs_no_running_pod_is_made_and_unmade() {
    let Some(real) = Real::connect() else { return };
    for spec in [spec(), clustered(KubernetesNeeds { egress: vec!["0.0.0.0/0".to_owned()], ..KubernetesNeeds::default() })] {
        for _ in 0..2 {
            for step in &real.driver.steps()[..5] {
                real.driver.apply(step, &spec).await.unwrap_or_else(|error| panic!("{step}: {error}"));
            }
        }
        assert_eq!(real.driver.observe(spec.id).await.expect("seen"), Observed::Partial);
        assert!(real.driver.list().await.expect("listed").contains(&spec.id));
        fall(&real.driver, spec.id).await;
        assert_eq!(real.driver.observe(spec.id).await.expect("seen"), Observed::Absent);
    }
}

/// The pod is admitted: within the quota, within the standard. Nothing runs it.
#[tokio::test(flavor = "multi_thread")]
async fn the_pods_are_admitted() {
    let Some(real) = Real::connect() else { return };
    let quick = KubernetesDriver::new(real.client.clone(), real.settings.clone(), Duration::from_secs(3));
    for spec in [clustered(KubernetesNeeds::default()), clustered(vcluster())] {
        for step in &real.driver.steps()[..4] {
            quick.apply(step, &spec).await.unwrap_or_else(|error| panic!("{step}: {error}"));
        }
        for step in ["cluster", "workbench"] {
            let stood = quick.apply(step, &spec).await;
            let is_waited_for =
                matches!(&stood, Err(orchestrator::driver::DriverError::Transient(text)) if text.contains("not as it should be"));
            assert!(stood.is_ok() || is_waited_for, "{step}: {stood:?}");
        }
        fall(&real.driver, spec.id).await;
    }
}
