//! What stands between the network and the API, as it is configured.

use std::sync::Arc;

use graphql::{Documents, Options, Rates, Sockets};
use tokio::sync::watch;

use super::StartError;
use crate::{
    config::{Config, DocumentPolicy},
    http::{Guard, Tls},
};

/// What stands between the network and the API.
pub(super) struct Guards {
    pub(super) tls: Option<Tls>,
    pub(super) guard: Guard,
    rates: Arc<Rates>,
    sockets: Arc<Sockets>,
    documents: Arc<Documents>,
}

impl Guards {
    /// How the API faces the network.
    pub(super) fn options(&self, config: &Config, stopping: watch::Receiver<bool>) -> Options {
        Options {
            development: config.development,
            origins: config.origins.clone(),
            rates: Arc::clone(&self.rates),
            sockets: Arc::clone(&self.sockets),
            documents: Arc::clone(&self.documents),
            ..Options::new(stopping)
        }
    }
}

pub(super) fn init(config: &Config) -> Result<Guards, StartError> {
    let exclusive = config.graphql.documents == DocumentPolicy::Trusted;
    let documents = match &config.graphql.trusted_documents {
        Some(path) => Documents::load(path, exclusive)?,
        None => Documents::default(),
    };
    if exclusive {
        tracing::info!(documents = documents.len(), "no other documents are executed");
    }
    Ok(Guards {
        tls: Tls::open(&config.tls)?,
        guard: Guard { proxies: config.proxies()?, hsts_days: config.tls.hsts_days },
        rates: Arc::new(Rates::new(&config.rates.quotas())),
        sockets: Arc::new(Sockets::new(config.sockets.bounds())),
        documents: Arc::new(documents),
    })
}
