//! Signs the journal's head, and puts the checkpoints where they are told to go.

use std::{
    fs::OpenOptions,
    io::Write,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use journal::evidence::{self, Options, Witness, WitnessError};
use tokio::{sync::watch, task::JoinHandle};

use super::Stores;
use crate::config::EvidenceConfig;

/// How long a webhook may take to answer; a stop waits for it.
const ANSWER: Duration = Duration::from_secs(2);

/// Signs what is recorded, and at the end what was recorded last.
pub(super) struct Evidence {
    task: JoinHandle<()>,
    stop: watch::Sender<bool>,
}

impl Evidence {
    pub(super) fn start(config: &EvidenceConfig, stores: &Stores) -> Self {
        let (stop, stopping) = watch::channel(false);
        Self { task: tokio::spawn(run(config, stores, stopping)), stop }
    }

    /// To be called once nothing more is recorded.
    pub(super) async fn end(&mut self, patience: Duration) {
        let _ = self.stop.send(true);
        if tokio::time::timeout(patience, &mut self.task).await.is_err() {
            tracing::warn!("what was recorded last is not signed yet; it is at the next start");
        }
    }
}

fn run(config: &EvidenceConfig, stores: &Stores, stop: watch::Receiver<bool>) -> impl Future<Output = ()> + Send + use<> {
    let options = Options { every_events: config.every_events, every: Duration::from_mins(config.every_minutes.into()) };
    let mut witnesses: Vec<Arc<dyn Witness>> = Vec::new();
    if let Some(path) = &config.file {
        witnesses.push(Arc::new(Log { path: path.clone(), last: Mutex::default() }));
    }
    if let Some(url) = &config.webhook {
        witnesses.push(Arc::new(Webhook { url: url.clone() }));
    }
    let (journal, vault) = (Arc::clone(&stores.journal), Arc::clone(&stores.vault));
    async move {
        if options.every_events > 0 || !options.every.is_zero() {
            evidence::run(journal, vault, options, witnesses, stop).await;
        }
    }
}

/// A file that checkpoints are appended to, each followed by a blank line.
struct Log {
    path: PathBuf,
    last: Mutex<String>,
}

#[async_trait::async_trait]
impl Witness for Log {
    async fn take(&self, note: &str) -> Result<(), WitnessError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if *last == note {
            return Ok(());
        }
        // What it ends with may be of the process before; a file that is not there has no end.
        let there = std::fs::read_to_string(&self.path).unwrap_or_default();
        if !there.trim_end().ends_with(note.trim_end()) {
            let file = OpenOptions::new().create(true).append(true).open(&self.path);
            let written = file.and_then(|mut file| file.write_all(format!("{note}\n").as_bytes()).and_then(|()| file.sync_all()));
            written.map_err(|error| WitnessError(format!("evidence.file {}: {error}", self.path.display())))?;
        }
        note.clone_into(&mut last);
        Ok(())
    }
}

/// Whoever listens on this host, such as a forwarder to a witness elsewhere.
struct Webhook {
    url: String,
}

#[async_trait::async_trait]
impl Witness for Webhook {
    async fn take(&self, note: &str) -> Result<(), WitnessError> {
        let failed = |error: reqwest::Error| WitnessError(format!("evidence.webhook: {error}"));
        let client = reqwest::Client::builder().no_proxy().timeout(ANSWER).build().map_err(failed)?;
        let post = client.post(&self.url).header("content-type", "text/plain; charset=utf-8").body(note.to_owned());
        post.send().await.and_then(reqwest::Response::error_for_status).map(drop).map_err(failed)
    }
}
