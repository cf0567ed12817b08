//! What runs in a process of its own: ours, and raw statements to compare with. Stock cqrs-es is in `peers/`.

mod appends;
mod audit;
mod boards;
mod commands;
mod discovery;
mod event_by_event;
mod export;
mod fill;
mod for_update;
mod races;
mod ranks;
mod reading;
mod registrations;
mod sandboxes;
pub(crate) mod statements;

use std::path::PathBuf;

use load::{Fault, protocol};
use serde::{Deserialize, Serialize};

pub(crate) use audit::{PAGE as AUDIT_PAGE, PAGES as AUDIT_PAGES};
pub(crate) use discovery::SEARCHES;
pub(crate) use event_by_event::{AT_ONCE, FOLDS};
pub(crate) use fill::Fill;
pub(crate) use for_update::{FUNCTION, STATEMENTS};
pub(crate) use races::Races;
pub(crate) use statements::{METADATA, TABLE};

use crate::store::Store;

/// What a side does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Task {
    /// Writes events and ends.
    Fill { store: Store, fill: Fill },
    /// Commands to counters. How many aggregates stay in memory, if not as many as usual.
    Commands { store: Store, cache: Option<u32> },
    /// Appends of one event with a receipt.
    Appends { store: Store },
    /// Batches of a thousand rows on one connection to `PostgreSQL`.
    Batches { url: String },
    /// Pages in the global order, decoded (`read`) or hashed again (`verify`).
    Reading { store: Store },
    /// The whole history into a file.
    Export { store: Store, file: PathBuf },
    /// The same pages as rows.
    Select { store: Store },
    /// All read models from the first event on.
    Rebuild { store: Store },
    /// The boards with a transaction for each event, in a database of its own.
    EventByEvent { store: Store, into: Store },
    /// Ranks on the board of all time, from read models that a rebuild has left.
    Ranks { store: Store, accounts: u64 },
    /// Counting who stands higher, on the same rows.
    Counts { store: Store },
    /// Writes entries of the audit and ends.
    FillAudit { store: Store, entries: u64 },
    /// Pages of so many entries of the audit.
    Audit { store: Store, entries: u64 },
    /// Races of people for the places of a run.
    Races { store: Store, size: Races },
    /// Registrations for a run, by people who have accounts.
    Registrations { store: Store, people: usize },
    /// The same on plain tables of `PostgreSQL`, with a lock on the run's row.
    ForUpdate { url: String },
    /// Searches among so many runs, from read models that a rebuild has left.
    RunSearch { store: Store, runs: u64 },
    /// Sandboxes from nothing to ready; what is known of them is kept there.
    Sandboxes { directory: PathBuf },
    /// A program that does nothing, in a bare `bwrap`.
    Bwrap,
}

/// Does what the parent process asked for.
pub(crate) fn run(task: &str) -> Result<(), Fault> {
    let ran = serde_json::from_str(task).map_err(Fault::from).and_then(|task: Task| {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        runtime.block_on(work(task))
    });
    if let Err(fault) = &ran {
        protocol::fail(fault)?;
    }
    ran
}

async fn work(task: Task) -> Result<(), Fault> {
    match task {
        Task::Fill { store, fill } => fill::run(&store, &fill).await,
        Task::Commands { store, cache } => commands::run(&store, cache).await,
        Task::Appends { store } => appends::run(&store).await,
        Task::Batches { url } => statements::batches(&url).await,
        Task::Reading { store } => reading::run(&store).await,
        Task::Export { store, file } => export::run(&store, &file).await,
        Task::Select { store } => statements::pages(&store).await,
        Task::Rebuild { store } => boards::rebuild(&store).await,
        Task::EventByEvent { store, into } => event_by_event::run(&store, &into).await,
        Task::Ranks { store, accounts } => ranks::ours(&store, accounts).await,
        Task::Counts { store } => ranks::counts(&store).await,
        Task::FillAudit { store, entries } => audit::fill(&store, entries).await,
        Task::Audit { store, entries } => audit::pages(&store, entries).await,
        Task::Races { store, size } => races::run(&store, size).await,
        Task::Registrations { store, people } => registrations::run(&store, people).await,
        Task::ForUpdate { url } => for_update::run(&url).await,
        Task::RunSearch { store, runs } => discovery::run(&store, runs).await,
        Task::Sandboxes { directory } => sandboxes::ours(&directory).await,
        Task::Bwrap => sandboxes::bare().await,
    }
}
