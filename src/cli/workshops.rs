//! `nalabo workshops`.

mod check;
mod import;

use std::path::PathBuf;

use clap::Subcommand;
use domain::kernel::AccountId;
use importers::{Folder, Imported};

use super::Failure;
use crate::config::Config;

#[derive(Subcommand)]
pub(super) enum Workshops {
    /// Draft or revise workshops from files; the same content again changes nothing.
    /// While no server has the data directory open
    Import {
        /// A workshop's folder, or a folder of such folders; in our format (docs/workshop-format.md) or Educates'
        path: PathBuf,
        /// Publish what has no defects
        #[arg(long)]
        publish: bool,
        /// The account that new workshops belong to, as acc_…; without it, only administrators manage them
        #[arg(long, value_name = "ACCOUNT")]
        author: Option<AccountId>,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Report pages, actions and defects of workshops without importing them
    Check {
        /// A workshop's folder, or a folder of such folders
        path: PathBuf,
        /// Run each check that has a solution in a sandbox: it must fail before it and pass after it
        #[arg(long)]
        run: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(super) async fn run(workshops: Workshops, config: Config) -> Result<(), Failure> {
    match workshops {
        Workshops::Import { path, publish, author, json } => import::import(&config, path, publish, author, json).await,
        Workshops::Check { path, run, json } => check::check(&config, path, run, json).await,
    }
}

fn read(path: PathBuf) -> Result<Vec<Imported>, Failure> {
    importers::read(&Folder::new(path)).map_err(Failure::failed)
}
