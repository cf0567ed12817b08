//! The command line. Data goes to standard output, everything else to standard error.
//! Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
#![allow(clippy::print_stdout, clippy::print_stderr)]
// Doc comments on arguments are the help texts, where backticks would show.
#![allow(clippy::doc_markdown)]

mod admin;
mod backup;
mod clusters;
mod environments;
mod events;
mod keys;
mod operator;
mod progress;
mod projections;
mod reactions;
mod replay;
mod serve;
mod verify;
mod workshops;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use secrecy::SecretString;

use crate::{
    config::{Config, ConfigError},
    demo,
    node::{StartError, Stores},
};

/// Hands-on workshops on an append-only journal: sessions, checked steps, points, live leaderboards.
///
/// Settings come from, each over the one before: defaults, the TOML file given by --config, the environment
/// (NALABO_DATA_DIR, NALABO_TOKENS__ACCESS_MINUTES, …), flags.
#[derive(Parser)]
#[command(name = "nalabo", version, propagate_version = true, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args)]
struct Common {
    /// Read settings from this TOML file
    #[arg(long, global = true, env = "NALABO_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep everything in this directory [default: ./nalabo-data]
    #[arg(long, global = true, value_name = "DIRECTORY")]
    data_dir: Option<PathBuf>,
    /// Keep the journal and the read models in this PostgreSQL database; better in NALABO_DATABASE_URL if it holds a password
    #[arg(long, global = true, value_name = "URL")]
    database_url: Option<SecretString>,
    /// Accept database settings under which acknowledged events can be lost with the power
    #[arg(long, global = true)]
    unsafe_durability: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the API, terminals and health checks until told to stop
    Serve(serve::Serve),
    /// Set up a server with the built-in workshops and play a learner through one of them
    Demo(Demo),
    /// Bring the data directory's tables up to date, and stop
    Migrate,
    /// Import workshops from files, or check them
    #[command(subcommand)]
    Workshops(workshops::Workshops),
    /// Look at the journal; also while a server has it open
    #[command(subcommand)]
    Events(events::Events),
    /// See how the read models are doing; also while a server runs
    #[command(subcommand)]
    Projections(projections::Projections),
    /// See how the reactions are doing, and what they set aside; also while a server runs
    #[command(subcommand)]
    Reactions(reactions::Reactions),
    /// Connect Kubernetes clusters, and say what they are used for; while a server runs
    #[command(subcommand)]
    Clusters(clusters::Clusters),
    /// See learners' environments, and help, give up or end them; while a server runs
    #[command(subcommand)]
    Environments(environments::Environments),
    /// Check that history is as it was written: every hash, and every signed checkpoint
    Verify(verify::Verify),
    /// Write read models as they were at a position or an instant into a SQLite file
    Replay(replay::Replay),
    /// Copy the journal into a folder, and the keys into another file, also while a server has them open
    Backup(backup::Backup),
    /// Verify a backup and put it into a data directory without a journal
    Restore(backup::Restore),
    /// Change the master key, or see which it is
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Manage administrators; while no server has the data directory open
    #[command(subcommand)]
    Admin(admin::Admin),
    /// Print the GraphQL schema
    Sdl,
}

#[derive(Args)]
struct Demo {
    /// Use a free port and a data directory that is removed, and end after the tour
    #[arg(long)]
    once: bool,
    /// Serve at this address [default: 127.0.0.1:8080; with --once a free port]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// Instead of the tour, start many sessions at once on so many simulated clusters, and see whether every promise is kept
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=250))]
    simulate_clusters: Option<u32>,
    /// How many sessions
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=5000), requires = "simulate_clusters")]
    sessions: u32,
    /// How many of 100 requests to the clusters fail
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=50), requires = "simulate_clusters")]
    faults: u8,
}

/// Why a command failed; each knows its exit code.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Demo(#[from] demo::DemoError),
    #[error("{0}")]
    Failed(String),
    /// Everything has been said already.
    #[error("")]
    Told,
}

impl Failure {
    fn failed(error: impl std::fmt::Display) -> Self {
        Self::Failed(error.to_string())
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(_) | Self::Usage(_) => ExitCode::from(2),
            Self::Start(_) | Self::Demo(_) | Self::Failed(_) | Self::Told => ExitCode::from(1),
        }
    }
}

/// Does what the command line says.
pub async fn run() -> ExitCode {
    match Box::pin(execute(Cli::parse())).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            let message = failure.to_string();
            if !message.is_empty() {
                eprintln!("nalabo: {message}");
            }
            failure.exit_code()
        }
    }
}

async fn execute(Cli { common, command }: Cli) -> Result<(), Failure> {
    match command {
        Command::Serve(serve) => Box::pin(serve::serve(serve, common.config()?)).await,
        Command::Demo(Demo { once, listen, simulate_clusters, sessions, faults }) => {
            let (config, data_dir) = (common.config()?, common.data_dir);
            let simulation = simulate_clusters.map(|clusters| demo::Simulation { clusters, sessions, faults });
            Ok(Box::pin(demo::run(demo::Options { config, once, data_dir, listen, simulation })).await?)
        }
        Command::Migrate => {
            let config = common.config()?;
            Stores::open(&config).await?.close().await;
            println!("{} is up to date", config.data_dir.display());
            Ok(())
        }
        Command::Workshops(workshops) => workshops::run(workshops, common.config()?).await,
        Command::Events(events) => events::run(events, &common.config()?).await,
        Command::Projections(projections) => projections::run(projections, &common.config()?).await,
        Command::Reactions(reactions) => reactions::run(reactions, &common.config()?).await,
        Command::Clusters(clusters) => clusters::run(clusters, &common.config()?).await,
        Command::Environments(environments) => environments::run(environments, &common.config()?).await,
        Command::Verify(verify) => verify::run(verify, &common.config()?).await,
        Command::Replay(replay) => replay::run(replay, &common.config()?).await,
        Command::Backup(backup) => backup::backup(backup, &common.config()?).await,
        Command::Restore(restore) => backup::restore(restore, &common.config()?).await,
        Command::Keys(keys) => keys::run(keys, &common.config()?).await,
        Command::Admin(admin) => admin::run(admin, &common.config()?).await,
        Command::Sdl => {
            print!("{}", graphql::sdl());
            Ok(())
        }
    }
}

impl Common {
    fn config(&self) -> Result<Config, ConfigError> {
        let mut config = Config::load(self.config.as_deref())?;
        if let Some(data_dir) = &self.data_dir {
            config.data_dir.clone_from(data_dir);
        }
        if let Some(url) = &self.database_url {
            config.database_url = Some(url.clone());
        }
        config.journal.unsafe_durability |= self.unsafe_durability;
        config.checked()
    }
}
