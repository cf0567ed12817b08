//! How clusters are reached, and how environments are made on them.

use std::num::NonZeroU32;

use domain::environments::{
    cluster::Thresholds,
    cost::{PriceList, Prices},
};
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// How clusters are reached, and how environments are made on them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClustersConfig {
    /// Permits connections to this host, for clusters on a laptop.
    pub allow_loopback: bool,
    /// Permits connections to private networks.
    pub allow_private: bool,
    /// Between two looks at a cluster that does well.
    pub health_seconds: u32,
    /// Requests begun per second, to one cluster.
    pub requests_per_second: NonZeroU32,
    /// Requests under way at once, to one cluster.
    pub requests_at_once: usize,
    /// Environments made and unmade at once, on one cluster.
    pub environments_at_once: usize,
    /// How many environments may wait for a place; those that come then are refused.
    pub queue: usize,
    /// How many environments may be made ahead of their sessions, for all workshops together.
    pub pool_budget: u32,
    /// The workbench's container image where a workshop names none.
    pub image: String,
    /// For pods of workshops that name none.
    pub runtime_class: Option<String>,
    /// Permits workshops to open private networks to learners.
    pub allow_private_egress: bool,
    /// The image of a vCluster's control plane, with its version.
    pub vcluster_image: String,
    /// The image with its Kubernetes.
    pub vcluster_kubernetes_image: String,
    /// So many percent of something requested, and a cluster is short of it.
    pub short_percent: u32,
    /// Less than so many, and it is not any more.
    pub regained_percent: u32,
    /// What clusters cost.
    pub prices: PricesConfig,
}

/// What clusters cost an hour, in units of a currency; nothing is said of cost without one.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PricesConfig {
    /// ISO 4217, such as `EUR`.
    pub currency: Option<String>,
    /// Of a core.
    pub cpu_hour: f64,
    /// Of a GiB of memory.
    pub gibibyte_hour: f64,
    /// Of a cluster, whatever is on it.
    pub cluster_hour: f64,
}

impl PricesConfig {
    /// Prices, if there are any.
    ///
    /// # Errors
    /// One that is none, by its name.
    pub fn checked(&self) -> Result<Option<Prices>, ConfigError> {
        let Self { currency, cpu_hour, gibibyte_hour, cluster_hour } = self;
        let (cpu_hour, gibibyte_hour, cluster_hour) = (*cpu_hour, *gibibyte_hour, *cluster_hour);
        // Without a currency, prices are looked at all the same: they are there by mistake.
        let list = PriceList { currency: currency.as_deref().unwrap_or("XXX"), cpu_hour, gibibyte_hour, cluster_hour };
        let prices = Prices::try_new(&list).map_err(|error| ConfigError(format!("clusters.prices.{error}")))?;
        if currency.is_none() && cpu_hour + gibibyte_hour + cluster_hour > 0.0 {
            return Err(ConfigError("clusters.prices.currency: expected one beside prices, such as EUR".into()));
        }
        Ok(currency.is_some().then_some(prices))
    }
}

impl ClustersConfig {
    /// When a cluster is short of something.
    ///
    /// # Errors
    /// One is out of range, by its name.
    pub fn thresholds(&self) -> Result<Thresholds, ConfigError> {
        let (short, regained) = (self.short_percent, self.regained_percent);
        if !(1..=100).contains(&short) {
            return Err(ConfigError("clusters.short_percent: expected a number from 1 to 100".into()));
        }
        if !(1..=short).contains(&regained) {
            return Err(ConfigError("clusters.regained_percent: expected a number from 1 to short_percent".into()));
        }
        Ok(Thresholds { short, regained })
    }
}

impl Default for ClustersConfig {
    fn default() -> Self {
        let settings = orchestrator_kubernetes::desired::Settings::default();
        let saga = orchestrator::saga::SagaOptions::default();
        let client = orchestrator_kubernetes::client::ClientOptions::default();
        Self {
            allow_loopback: client.addresses.allow_loopback,
            allow_private: client.addresses.allow_private,
            health_seconds: 300,
            requests_per_second: client.per_second,
            requests_at_once: client.concurrency,
            environments_at_once: saga.at_once,
            queue: saga.queue,
            pool_budget: orchestrator::stocker::StockOptions::default().budget,
            image: settings.image,
            runtime_class: settings.runtime_class,
            allow_private_egress: settings.allow_private_egress,
            vcluster_image: settings.vcluster.image,
            vcluster_kubernetes_image: settings.vcluster.kubernetes_image,
            short_percent: Thresholds::default().short,
            regained_percent: Thresholds::default().regained,
            prices: PricesConfig::default(),
        }
    }
}
