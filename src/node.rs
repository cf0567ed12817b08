//! One running server: stores, commands, read models, reactions, the saga and the API, put together.

mod accounts;
mod clusters;
mod environments;
mod evidence;
mod guards;
mod housekeeping;
pub(crate) mod master_key;
mod retention;
mod signing;
mod stores;

use std::{net::SocketAddr, sync::Arc, time::Duration};

use commands::{Commands, Fault, reactions};
use journal::{Journal, JournalError, vault::VaultError};
use orchestrator::{driver::DriverError, saga::Saga, tickets::Tickets};
use projections::{
    Place, ProjectionError, ProjectionOptions, Projections,
    time_travel::{self, TimeTravel},
};
use secrecy::ExposeSecret;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

pub use accounts::{NOBODY, random_password};
pub(crate) use environments::{sandbox, shell};
pub use stores::Stores;

pub use crate::http::TlsError;
pub(crate) use stores::{look_at_vault, open_vault, prepare};

use self::evidence::Evidence;
use crate::{
    config::{Config, ConfigError},
    control::Control,
    federation::Federation,
    http, mail,
    operator::Parts,
    payments, telemetry, texts, webhooks,
};

/// Connections that answer queries.
const READERS: u32 = 8;
/// How long requests and sockets may take to end.
const DRAIN: Duration = Duration::from_secs(15);
/// How long what nobody waits for may take to end.
const SHORT: Duration = Duration::from_secs(5);

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen at {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("cannot use the data directory {path}: {source}")]
    DataDirectory { path: std::path::PathBuf, source: std::io::Error },
    #[error("cannot listen for operators in the data directory {path}: {source}")]
    Control { path: std::path::PathBuf, source: std::io::Error },
    #[error(transparent)]
    Journal(#[from] JournalError),
    #[error(transparent)]
    Vault(#[from] VaultError),
    #[error(transparent)]
    Projections(#[from] ProjectionError),
    #[error(transparent)]
    Commands(#[from] Fault),
    #[error("environments cannot be made on this host: {0}")]
    Environments(DriverError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("tls: {0}")]
    Tls(#[from] TlsError),
    #[error("graphql.trusted_documents: {0}")]
    Documents(#[from] graphql::DocumentError),
    #[error(
        "{0} can be reached by others than this host, and sandboxes share its kernel; accept that with --sandbox-on-public-address, or listen on 127.0.0.1"
    )]
    PublicSandbox(SocketAddr),
}

/// A running server.
pub struct Node {
    /// Where it serves.
    pub address: SocketAddr,
    /// `http` or `https`.
    pub scheme: &'static str,
    pub commands: Arc<Commands>,
    pub journal: Arc<dyn Journal>,
    pub projections: Arc<Projections>,
    stores: Stores,
    stop: watch::Sender<bool>,
    stop_workers: watch::Sender<bool>,
    server: JoinHandle<()>,
    workers: JoinSet<()>,
    evidence: Evidence,
    control: Control,
}

impl Node {
    /// Opens the stores, starts what works in the background, and serves.
    ///
    /// # Errors
    /// What is missing or in the way, named.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        if !config.listen.ip().is_loopback() && !config.sandbox.allow_public {
            return Err(StartError::PublicSandbox(config.listen));
        }
        let (receivers, prices) = (config.alerts.checked()?, config.clusters.prices.checked()?);
        let (guards, metrics) = (guards::init(&config)?, telemetry::metrics());
        let stores = Stores::open(&config).await?;
        let environments = environments::init(&config, &stores).await.map_err(StartError::Environments)?;
        let (shell, bench) = (environments.shell, environments.workbench);
        let federation = config.sign_in.checked()?.map(Federation::try_new).transpose()?.map(Arc::new);
        let commands = stores.commands(&config, shell, Arc::new(bench.clone())).await?;
        let commands = Arc::new(reachable(commands, &config, federation.as_deref())?);
        let journal = Arc::clone(&stores.journal);
        let projections = Arc::new(Projections::init(Arc::clone(&journal), &projection_options(&config)).await?);
        let past = config.data_dir.join("past");
        let time_travel = TimeTravel::new(&past, journal.clone(), config.time_zone, time_travel::Limits::default())?;
        let listener = listen(config.listen).await?;
        let address = listener.local_addr().map_err(|source| StartError::Listen { address: config.listen, source })?;

        let (stop, stopping) = watch::channel(false);
        let parts = Parts { stores: stores.clone(), projections: Arc::clone(&projections), commands: Arc::clone(&commands) };
        let control = Control::open(&config.data_dir, parts, stopping.clone())
            .map_err(|source| StartError::Control { path: config.data_dir.clone(), source })?;
        let (stop_workers, stopping_workers) = watch::channel(false);
        let mut workers = JoinSet::new();
        workers.spawn(Arc::clone(&projections).run(turned(stopping_workers.clone())));
        let rules =
            reactions::run(reactions::all(), Arc::clone(&commands), Arc::clone(&journal), commands::system_clock, stopping_workers.clone());
        workers.spawn(rules);
        let watch = clusters::init(&config, &environments.sites, &commands, &journal, &projections)?;
        workers.spawn(watch.run(stopping_workers.clone()));
        let stocker = clusters::stocker(&config, &environments.sites, &commands, &journal, &projections);
        workers.spawn(stocker.run(stopping_workers.clone()));
        let sites = Arc::clone(&environments.sites);
        let options = clusters::saga_options(&config);
        let saga = Saga::new(Arc::clone(&commands), sites, Arc::clone(&journal), Arc::clone(&projections), options);
        workers.spawn(saga.run(stopping_workers.clone()));
        let webhooks = webhooks::Webhooks {
            journal: Arc::clone(&journal),
            names: Arc::clone(&commands) as _,
            node: environments.sites.node.clone(),
            options: webhooks::Options::default(),
        };
        workers.spawn(webhooks.run(receivers, stopping_workers.clone()));
        let evidence = Evidence::start(&config.evidence, &stores);
        spawn_chores(&mut workers, &config, &stores, (&commands, &projections), &stopping_workers)?;
        if let Some(tls) = guards.tls.clone() {
            workers.spawn(tls.follow(stopping_workers));
        }

        let services = http::Services {
            commands: Arc::clone(&commands),
            projections: Arc::clone(&projections),
            stores: stores.clone(),
            time_travel: time_travel.clone(),
            tickets: Arc::new(Tickets::new(commands::system_clock)),
            workbench: bench,
            sites: environments.sites,
            metrics,
            idle: Duration::from_mins(config.terminal.idle_minutes.into()),
            prices,
            sender: config.mail.sender().map(|sender| sender.email.to_string()).unwrap_or_default(),
            federation,
        };
        let (api, scheme) = (guards.options(&config, stopping.clone()), if guards.tls.is_some() { "https" } else { "http" });
        let app = http::router(services, api, guards.guard);
        let server = tokio::spawn(http::serve(listener, app, guards.tls, config.connections, stopping));
        Ok(Self { address, scheme, commands, journal, projections, stores, stop, stop_workers, server, workers, evidence, control })
    }

    /// Ends: takes no more requests, closes sockets, finishes what is being written, releases the files.
    pub async fn stop(mut self) {
        let _ = self.stop.send(true);
        if timeout(DRAIN, &mut self.server).await.is_err() {
            tracing::warn!("some requests did not end in time and are cut off");
            self.server.abort();
        }
        self.control.close(SHORT).await;
        let _ = self.stop_workers.send(true);
        let workers = async { while self.workers.join_next().await.is_some() {} };
        if timeout(SHORT, workers).await.is_err() {
            tracing::warn!("some work in the background did not end in time; it goes on at the next start");
            self.workers.abort_all();
        }
        // Whoever was asked for money may have taken it.
        if timeout(DRAIN, self.commands.booking.paid()).await.is_err() {
            tracing::warn!("some payments are not known yet: what became of them is to be asked of who moves money");
        }
        // What was noted, and what was only counted of it, is nowhere else yet.
        if !matches!(timeout(SHORT, self.commands.audit.settle()).await, Ok(Ok(()))) {
            tracing::warn!("not all that was noted for the audit could be written");
        }
        self.evidence.end(SHORT).await;
        self.projections.close().await;
        self.stores.close().await;
    }
}

/// What is done every so often, whatever happens.
fn spawn_chores(
    workers: &mut JoinSet<()>,
    config: &Config,
    stores: &Stores,
    (commands, projections): (&Arc<Commands>, &Arc<Projections>),
    stop: &watch::Receiver<bool>,
) -> Result<(), ConfigError> {
    let kept_for = config.retention.kept_for()?;
    workers.spawn(signing::run(Arc::clone(commands), stop.clone()));
    workers.spawn(housekeeping::run(stores.clone(), Arc::clone(commands), kept_for, stop.clone()));
    retention::spawn(workers, &config.retention, (&stores.journal, commands, projections), stop)
}

/// Commands that reach people, and are reached by them, by mail, by texts and by providers, and that watch who signs in.
fn reachable(commands: Commands, config: &Config, federation: Option<&Federation>) -> Result<Commands, StartError> {
    let postman = mail::postman(&config.mail, &config.data_dir)?;
    let texter = texts::texter(&config.text_messages, &config.data_dir)?;
    let providers = federation.map(Federation::providers).unwrap_or_default();
    let commands = commands.with_postman(postman).with_backup_codes(texter, config.second_factor.email_codes).with_providers(providers);
    let commands = commands.with_reminders(config.booking.reminded_before()?);
    let provider = payments::provider(config.payments.checked(config.development)?);
    let commands = commands.with_payments(provider, config.payments.patience()?);
    let commands = commands.with_operators(config.alerts.operators()?);
    Ok(commands.with_passkeys(config.passkeys()?).with_watch(config.unusual_sign_ins.watch()?).with_lead(config.runs.lead()))
}

/// Where the read models are.
pub(crate) fn projection_options(config: &Config) -> ProjectionOptions {
    let place = match &config.database_url {
        Some(url) => Place::Postgres { url: url.expose_secret().to_owned() },
        None => Place::Directory(config.data_dir.join("read-models")),
    };
    ProjectionOptions { time_zone: config.time_zone, readers: READERS, ..ProjectionOptions::new(place) }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address).await.map_err(|source| StartError::Listen { address, source })
}

/// Waits until it is time to stop.
pub(crate) async fn turned(mut stop: watch::Receiver<bool>) {
    // An error means that the other side is gone, which is a reason to stop as well.
    let _ = stop.wait_for(|stop| *stop).await;
}
