//! Makes environments in one cluster.

mod apply;
mod namespaces;
mod places;
mod ready;
mod resources;
mod vcluster;
mod watch;

use std::{sync::Arc, time::Duration};

use commands::environments::Resources;
use domain::{
    kernel::EnvironmentId,
    workshops::{cluster_needs::Isolation, content::ProvidedFile},
};
use k8s_openapi::api::core::v1::{Namespace, Pod, ResourceQuota};
use kube::{Api, Client};
use orchestrator::driver::{Driver, DriverError, EnvironmentSpec, Observed, ScriptOutcome, ScriptRun, Terminal, TerminalSize};
use tokio::sync::Semaphore;

use self::{
    resources::{Followed, Own},
    watch::Watch,
};
use crate::{
    desired::{Facts, Settings, workbench_namespace},
    exec,
};

const NAMESPACE: &str = "namespace";
const LIMITS: &str = "limits";
const NETWORK: &str = "network";
const ACCESS: &str = "access";
const CLUSTER: &str = "cluster";
const WORKBENCH: &str = "workbench";
const FILES: &str = "files";
const STEPS: [&str; 7] = [NAMESPACE, LIMITS, NETWORK, ACCESS, CLUSTER, WORKBENCH, FILES];

/// How long one call waits for the cluster; the saga itself gives up on a call a little later.
pub const PATIENCE: Duration = Duration::from_secs(50);
/// Terminals at once.
const TERMINALS: usize = 512;
/// Watches of what stands in learners' namespaces at once, and logs of pods there.
const FOLLOWED: usize = 512;
/// Connections into vClusters at once: for all that is followed, and to look once.
const TUNNELS: usize = 2 * FOLLOWED + 64;

/// Makes environments in one cluster.
#[derive(Clone)]
pub struct KubernetesDriver(Arc<Cluster>);

struct Cluster {
    client: Client,
    settings: Settings,
    namespaces: Watch<Namespace>,
    pods: Watch<Pod>,
    quotas: Watch<ResourceQuota>,
    terminals: Arc<Semaphore>,
    followed: Followed,
    logs: Arc<Semaphore>,
    tunnels: Arc<Semaphore>,
    patience: Duration,
}

impl KubernetesDriver {
    /// Follows the cluster from now on; nothing else is asked of it yet. One call waits for the cluster for `patience` at the
    /// most, which is [`PATIENCE`] unless for tests. Call this inside of a Tokio runtime.
    #[must_use]
    pub fn new(client: Client, settings: Settings, patience: Duration) -> Self {
        Self(Arc::new(Cluster {
            namespaces: Watch::start(&client, &settings.instance),
            pods: Watch::start(&client, &settings.instance),
            quotas: Watch::start(&client, &settings.instance),
            terminals: Arc::new(Semaphore::new(TERMINALS)),
            followed: Followed::new(FOLLOWED),
            logs: Arc::new(Semaphore::new(FOLLOWED)),
            tunnels: Arc::new(Semaphore::new(TUNNELS)),
            patience,
            client,
            settings,
        }))
    }
}

impl Cluster {
    /// The pods beside which an environment's learner works.
    fn pods_of(&self, environment: EnvironmentId) -> Api<Pod> {
        Api::namespaced(self.client.clone(), &workbench_namespace(environment))
    }
}

fn unknown(step: &str) -> DriverError {
    DriverError::Terminal(format!("there is no step {step:?} on Kubernetes; expected one of {}", STEPS.join(", ")))
}

#[async_trait::async_trait]
impl Driver for KubernetesDriver {
    fn name(&self) -> &'static str {
        "kubernetes"
    }

    fn steps(&self) -> &'static [&'static str] {
        &STEPS
    }

    async fn apply(&self, step: &str, spec: &EnvironmentSpec) -> Result<(), DriverError> {
        let cluster = &self.0;
        let facts = Facts::of(spec, &cluster.settings);
        match step {
            NAMESPACE => cluster.make_namespaces(&facts).await,
            LIMITS => cluster.limit(&facts).await,
            NETWORK => cluster.wall_off(&facts).await,
            ACCESS => cluster.grant(&facts).await,
            CLUSTER => cluster.furnish(&facts).await,
            WORKBENCH => cluster.stand_workbench(&facts).await,
            FILES => {
                exec::require(&cluster.pods_of(spec.id), &spec.needs.programs).await?;
                cluster.fill_home(&facts, &spec.files).await
            }
            _ => Err(unknown(step)),
        }
    }

    async fn revert(&self, step: &str, environment: EnvironmentId) -> Result<(), DriverError> {
        match step {
            NAMESPACE => self.0.remove_namespaces(environment).await,
            WORKBENCH => self.0.remove_workbench(environment).await,
            // They go with their namespace.
            LIMITS | NETWORK | ACCESS | CLUSTER | FILES => Ok(()),
            _ => Err(unknown(step)),
        }
    }

    async fn observe(&self, environment: EnvironmentId) -> Result<Observed, DriverError> {
        self.0.observe(environment).await
    }

    async fn stands(&self, environment: EnvironmentId) -> Result<bool, DriverError> {
        // What the watches say is as old as they may be silent; what they miss is asked for.
        Ok(self.0.is_seen(environment) || self.0.observe(environment).await? == Observed::Running)
    }

    async fn list(&self) -> Result<Vec<EnvironmentId>, DriverError> {
        self.0.list().await
    }

    async fn put_files(&self, environment: EnvironmentId, files: &[ProvidedFile]) -> Result<(), DriverError> {
        exec::put(&self.0.standing(environment).await?, files).await
    }

    async fn run(&self, environment: EnvironmentId, run: &ScriptRun) -> Result<ScriptOutcome, DriverError> {
        exec::run(self.0.standing(environment).await?, run.clone()).await
    }

    async fn terminal(&self, environment: EnvironmentId, size: TerminalSize) -> Result<Terminal, DriverError> {
        let permit = Arc::clone(&self.0.terminals).try_acquire_owned();
        let permit = permit.map_err(|_| DriverError::Transient("too many terminals are open".to_owned()))?;
        exec::open(self.0.standing(environment).await?, size, permit).await
    }

    fn resources(&self, isolation: Isolation) -> Option<Box<dyn Resources>> {
        Some(Box::new(Own { driver: self.clone(), isolation }))
    }
}
