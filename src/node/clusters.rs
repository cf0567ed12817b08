//! The clusters outside: how they are reached, made use of and looked at.

use std::{sync::Arc, time::Duration};

use commands::Commands;
use journal::Journal;
use orchestrator::{
    saga::SagaOptions,
    sites::Sites,
    stocker::{StockOptions, Stocker},
    watch::{Watch, WatchOptions},
};
use orchestrator_kubernetes::{
    client::ClientOptions,
    clusters::KubernetesClusters,
    desired::{Settings, VclusterSettings},
    fleet::KubernetesFleet,
    guard::AddressPolicy,
};
use projections::Projections;

use crate::config::{Config, ConfigError};

/// Letters of the journal's id that tell installations on one cluster apart.
const DISTINCT: usize = 12;

/// How clusters are reached.
pub(crate) fn fleet(config: &Config) -> KubernetesFleet {
    let clusters = &config.clusters;
    let addresses = AddressPolicy { allow_loopback: clusters.allow_loopback, allow_private: clusters.allow_private };
    let (concurrency, per_second) = (clusters.requests_at_once, clusters.requests_per_second);
    KubernetesFleet { client: ClientOptions { addresses, concurrency, per_second, ..ClientOptions::default() } }
}

/// How much the saga does there, and for how many.
pub(super) fn saga_options(config: &Config) -> SagaOptions {
    SagaOptions { queue: config.clusters.queue, at_once: config.clusters.environments_at_once, ..SagaOptions::default() }
}

/// What makes environments ahead of their sessions.
pub(super) fn stocker(
    config: &Config,
    sites: &Arc<Sites>,
    commands: &Arc<Commands>,
    journal: &Arc<dyn Journal>,
    projections: &Arc<Projections>,
) -> Stocker {
    Stocker {
        commands: Arc::clone(commands),
        sites: Arc::clone(sites),
        journal: Arc::clone(journal),
        projections: Arc::clone(projections),
        options: StockOptions { budget: config.clusters.pool_budget, ..StockOptions::default() },
    }
}

/// How environments are made on them. All servers on one journal are one installation.
fn settings(config: &Config, journal: &dyn Journal) -> Settings {
    let clusters = config.clusters.clone();
    let usual = Settings::default();
    Settings {
        instance: format!("nalabo-{}", &journal.id().simple().to_string()[..DISTINCT]),
        image: clusters.image,
        runtime_class: clusters.runtime_class,
        allow_private_egress: clusters.allow_private_egress,
        vcluster: VclusterSettings {
            image: clusters.vcluster_image,
            kubernetes_image: clusters.vcluster_kubernetes_image,
            ..usual.vcluster
        },
        ..usual
    }
}

/// Has environments made on clusters, and gives what looks at these.
pub(super) fn init(
    config: &Config,
    sites: &Sites,
    commands: &Arc<Commands>,
    journal: &Arc<dyn Journal>,
    projections: &Arc<Projections>,
) -> Result<Arc<Watch>, ConfigError> {
    let fleet = fleet(config);
    sites.add(Arc::new(KubernetesClusters::new(commands, fleet, settings(config, &**journal))));
    let usual = WatchOptions::default();
    let every = Duration::from_secs(config.clusters.health_seconds.into());
    Ok(Arc::new(Watch {
        commands: Arc::clone(commands),
        fleet: Arc::new(fleet),
        journal: Arc::clone(journal),
        projections: Arc::clone(projections),
        node: sites.node.clone(),
        options: WatchOptions { every, soon: usual.soon.min(every), thresholds: config.clusters.thresholds()?, ..usual },
    }))
}
