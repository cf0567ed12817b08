//! Tells receivers of alerts, each signed, in the order in which they were recorded and at least once. Of several servers one tells
//! a receiver; how far it is stands in the journal, so that the next goes on where it was.

mod alert;
mod outbox;
pub(crate) mod signature;

use std::{sync::Arc, time::Duration};

use commands::{Commands, Fault};
use domain::kernel::ClusterId;
use journal::Journal;
use orchestrator_kubernetes::guard::{AddressPolicy, Courier};
use tokio::{sync::watch, task::JoinSet};

use crate::config::Webhook;
use outbox::Outbox;

/// How patient we are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// For an answer.
    pub(crate) answer: Duration,
    /// After the first failure; twice as long after each further one, give or take a quarter.
    pub(crate) pause: Duration,
    pub(crate) longest_pause: Duration,
    /// An alert that is this old is given up after a failure.
    pub(crate) give_up: chrono::TimeDelta,
    /// How long a node that has gone silent keeps others waiting.
    pub(crate) lease: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            answer: Duration::from_secs(10),
            pause: Duration::from_secs(2),
            longest_pause: Duration::from_mins(5),
            give_up: chrono::TimeDelta::days(1),
            lease: Duration::from_secs(10),
        }
    }
}

/// What clusters are called.
#[async_trait::async_trait]
pub(crate) trait Names: Send + Sync + 'static {
    /// None, if there is none any more.
    async fn name(&self, cluster: ClusterId) -> Result<Option<String>, Fault>;
}

#[async_trait::async_trait]
impl Names for Commands {
    async fn name(&self, cluster: ClusterId) -> Result<Option<String>, Fault> {
        Ok(self.environments.cluster(cluster).await?.member().map(|member| member.profile.name.as_str().to_owned()))
    }
}

/// Tells receivers of alerts.
pub(crate) struct Webhooks {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) names: Arc<dyn Names>,
    /// This node's name.
    pub(crate) node: String,
    pub(crate) options: Options,
}

impl Webhooks {
    /// Tells these until `stop` turns true.
    pub(crate) async fn run(self, receivers: Vec<Webhook>, stop: watch::Receiver<bool>) {
        // The configuration permits plain http to this host alone, and where a receiver is in a private network is its operator's choice.
        let addresses = AddressPolicy { allow_loopback: true, allow_private: true };
        let mut running = JoinSet::new();
        for receiver in receivers {
            let courier = match Courier::new(addresses, None, self.options.answer) {
                Ok(courier) => courier,
                Err(error) => {
                    tracing::error!(%error, "no receiver can be told of alerts");
                    return;
                }
            };
            let (journal, names, node) = (Arc::clone(&self.journal), Arc::clone(&self.names), self.node.clone());
            running.spawn(Outbox::new(receiver, courier, journal, names, node, self.options).follow(stop.clone()));
        }
        while running.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests;
