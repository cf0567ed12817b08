//! `nalabo demo`: a server with the built-in workshops, and a learner who works through one of them over the public API; or a crowd
//! of learners on simulated clusters.

mod answers;
mod follow;
mod guests;
mod narrator;
mod play;
mod runs;
mod samples;
mod simulation;
mod work;

use std::{future::Future, net::SocketAddr, path::PathBuf, time::Duration};

use tempfile::TempDir;
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    config::{Config, PaymentKind, TextTransport, TlsConfig},
    node::{Node, StartError},
    telemetry,
};
use guests::Administrator;
use narrator::Narrator;
pub use simulation::Simulation;

/// How long anything that is waited for may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// What is logged beside the narration, unless the environment says otherwise.
const LOG: &str = "warn";
/// The same where failures are made on purpose.
const LOG_OF_SIMULATION: &str = "error";

/// How to run the demo.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Settings that the demo does not make itself.
    pub config: Config,
    /// Use a free port and a data directory that is removed, and end after the tour.
    pub once: bool,
    /// Where everything is kept; `./nalabo-data`, or with `once` a temporary directory.
    pub data_dir: Option<PathBuf>,
    /// Where to serve; 127.0.0.1:8080, or with `once` a free port.
    pub listen: Option<SocketAddr>,
    /// Instead of the tour.
    pub simulation: Option<Simulation>,
}

/// Which part of the demo failed, and why.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    #[error("logging: {0}")]
    Logging(String),
    #[error("cannot make a temporary directory: {0}")]
    Directory(std::io::Error),
    #[error("cannot wait for signals: {0}")]
    Signals(std::io::Error),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("the demo failed when it was to {doing}: {why}")]
    Step {
        /// In the infinitive.
        doing: String,
        /// What happened instead.
        why: String,
    },
    #[error("{0} promises were broken")]
    Promises(usize),
}

impl DemoError {
    fn step(doing: impl Into<String>, why: impl std::fmt::Display) -> Self {
        Self::Step { doing: doing.into(), why: why.to_string() }
    }
}

/// Runs the demo. Without `once` it goes on serving until SIGINT or SIGTERM.
///
/// # Errors
/// The first step that failed.
pub async fn run(options: Options) -> Result<(), DemoError> {
    let (config, _removed_at_the_end) = settings(&options)?;
    let _telemetry = telemetry::start(&config.telemetry).map_err(DemoError::Logging)?;
    let mut told = until_told()?;
    let narrator = Narrator::new(std::io::stdout());
    narrator.chapter("A server on the embedded default: SQLite and sandboxes");
    narrator.say(format!("data directory: {}", config.data_dir.display()));
    let node = Node::start(config).await?;
    narrator.say(format!("serving at http://{}", node.address));
    let playing = async {
        match options.simulation {
            Some(simulation) => simulation::simulate(&node, simulation, &narrator).await,
            None => play::play(&node, &narrator).await,
        }
    };
    let played = tokio::select! {
        played = playing => played.map(Some),
        () = &mut told => Ok(None),
    };
    if let Ok(Some(administrator)) = &played
        && !options.once
    {
        invite(&narrator, &node, administrator);
        told.await;
    }
    node.stop().await;
    played.map(drop)
}

fn settings(options: &Options) -> Result<(Config, Option<TempDir>), DemoError> {
    let mut config = Config { development: true, ..options.config.clone() };
    if std::env::var_os("NALABO_TELEMETRY__LOG").is_none() {
        config.telemetry.log = if options.simulation.is_some() { LOG_OF_SIMULATION } else { LOG }.into();
    }
    if let Some(simulation) = options.simulation {
        config.clusters.allow_loopback = true;
        config.clusters.health_seconds = simulation.looks_every();
    }
    // Its client speaks in the clear, and plays a crowd from one address.
    config.tls = TlsConfig::default();
    config.rates.limited = false;
    // So that all of it can be tried.
    config.second_factor.email_codes = true;
    config.payments.provider = PaymentKind::Capture;
    if config.text_messages.transport == TextTransport::None {
        config.text_messages.transport = TextTransport::File;
    }
    let mut temporary = None;
    if options.once {
        config.listen = ([127, 0, 0, 1], 0).into();
        let folder = tempfile::Builder::new().prefix("nalabo-demo-").tempdir().map_err(DemoError::Directory)?;
        folder.path().clone_into(&mut config.data_dir);
        temporary = Some(folder);
    }
    config.listen = options.listen.unwrap_or(config.listen);
    if let Some(folder) = &options.data_dir {
        config.data_dir.clone_from(folder);
    }
    Ok((config, temporary))
}

/// Ends when the process is told to; listens from now on.
fn until_told() -> Result<std::pin::Pin<Box<impl Future<Output = ()>>>, DemoError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(DemoError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(DemoError::Signals)?;
    Ok(Box::pin(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }))
}

fn invite(narrator: &Narrator, node: &Node, administrator: &Administrator) {
    narrator.chapter("Your turn");
    narrator.say(format!("the API       http://{}/graphql", node.address));
    narrator.say(format!("GraphiQL      http://{}/graphql in a browser", node.address));
    narrator.say(format!("administrator {}", administrator.email));
    narrator.say(format!("password      {}", administrator.password));
    narrator.say("Ctrl+C ends it");
}
