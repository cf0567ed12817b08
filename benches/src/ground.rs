//! What rows are measured on: a directory, a `PostgreSQL` server, histories that several rows read.

use std::{
    cell::{OnceCell, RefCell},
    collections::HashMap,
    path::Path,
    time::Instant,
};

use load::{Fault, Order};
use tempfile::TempDir;
use test_postgres::{Server, ServerOptions};

use crate::{
    process::Side,
    sides::{Fill, Task},
    store::{Engine, Store},
};

/// How many ask at once, in the rows that are about that.
pub(crate) const CLIENTS: [usize; 4] = [1, 16, 64, 256];

/// postgres-es's tables, as it documents them.
const PEER_TABLES: &str = "CREATE TABLE events (aggregate_type text NOT NULL, aggregate_id text NOT NULL, \
     sequence bigint CHECK (sequence >= 0) NOT NULL, event_type text NOT NULL, event_version text NOT NULL, payload json NOT NULL, \
     metadata json NOT NULL, PRIMARY KEY (aggregate_type, aggregate_id, sequence))";

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) warm_up_ms: u64,
    pub(crate) run_ms: u64,
    pub(crate) rounds: usize,
    /// Of what takes long, such as a rebuild.
    pub(crate) long_rounds: usize,
    /// A history, and how many accounts it is about.
    pub(crate) events: u64,
    pub(crate) accounts: u64,
    /// A shorter history of as many accounts.
    pub(crate) fewer_events: u64,
    /// Accounts on the board that ranks are asked of.
    pub(crate) ranked: u64,
    /// Aggregates that stay in memory; ten times as many do not.
    pub(crate) cached: u32,
    /// Sessions that begin at once.
    pub(crate) sessions: u32,
    /// Clusters that are watched.
    pub(crate) clusters: u32,
    /// Requests of each kind, where it is looked at how long each takes.
    pub(crate) requests: usize,
    /// Of what takes much longer, such as signing in.
    pub(crate) samples: usize,
    /// Entries of the audit.
    pub(crate) entries: u64,
    /// People who want the places of a run, how many places that are, and how often they race for them.
    pub(crate) racers: usize,
    pub(crate) places: u32,
    pub(crate) seeds: u32,
    /// People who may register for a run while it is measured how fast that goes.
    pub(crate) registrants: usize,
    /// Runs that are searched.
    pub(crate) runs: u64,
}

const FULL: Size = Size {
    warm_up_ms: 1000,
    run_ms: 3000,
    rounds: 5,
    long_rounds: 3,
    events: 1_000_000,
    accounts: 100_000,
    fewer_events: 100_000,
    ranked: 1_000_000,
    cached: 1000,
    sessions: 1000,
    clusters: 200,
    requests: 20_000,
    samples: 1000,
    entries: 10_000_000,
    racers: 10_000,
    places: 100,
    seeds: 50,
    registrants: 40_000,
    runs: 100_000,
};

const QUICK: Size = Size {
    warm_up_ms: 200,
    run_ms: 500,
    rounds: 3,
    long_rounds: 1,
    events: 100_000,
    accounts: 10_000,
    fewer_events: 10_000,
    ranked: 100_000,
    cached: 200,
    sessions: 100,
    clusters: 20,
    requests: 3000,
    samples: 100,
    entries: 100_000,
    racers: 300,
    places: 20,
    seeds: 3,
    registrants: 10_000,
    runs: 10_000,
};

pub(crate) struct Ground {
    pub(crate) size: Size,
    /// Of the server.
    shared_buffers: &'static str,
    directory: TempDir,
    server: OnceCell<Server>,
    histories: RefCell<HashMap<(Engine, u64, u64), Store>>,
    made: RefCell<u32>,
}

impl Size {
    /// As long a history as is asked for; one that is longer than usual is folded once.
    pub(crate) fn of(quick: bool, events: Option<u64>) -> Self {
        let size = if quick { QUICK } else { FULL };
        let events = events.unwrap_or(size.events);
        let long_rounds = if events > FULL.events { 1 } else { size.long_rounds };
        Self { events, long_rounds, ..size }
    }
}

impl Ground {
    pub(crate) fn new(size: Size) -> Result<Self, Fault> {
        let directory = tempfile::Builder::new().prefix("nalabo-bench-").tempdir()?;
        let shared_buffers = "128MB";
        Ok(Self { size, shared_buffers, directory, server: OnceCell::new(), histories: RefCell::default(), made: RefCell::default() })
    }

    /// The same with a server of its own that keeps read models in its memory, as one does that serves them.
    pub(crate) fn roomy(&self) -> Result<Self, Fault> {
        Ok(Self { shared_buffers: "2GB", ..Self::new(self.size)? })
    }

    pub(crate) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// A durable server with room for every client; otherwise as `initdb` leaves it.
    pub(crate) fn server(&self) -> Result<&Server, Fault> {
        if self.server.get().is_none() {
            let settings = vec!["max_connections=400".to_owned(), format!("shared_buffers={}", self.shared_buffers)];
            let server = Server::start(&ServerOptions { durable: true, settings })?;
            // What was set before is left alone; it cannot be set meanwhile.
            let _ = self.server.set(server);
        }
        self.server.get().ok_or_else(|| "no server".into())
    }

    /// An empty database: its name is the end of its address.
    pub(crate) fn database(&self) -> Result<String, Fault> {
        Ok(self.server()?.create_database()?)
    }

    /// Runs a statement in a database of the server.
    pub(crate) fn sql(&self, url: &str, statement: &str) -> Result<String, Fault> {
        let name = url.rsplit('/').next().unwrap_or_default();
        Ok(self.server()?.sql(name, statement)?)
    }

    /// A database with the peer's tables.
    pub(crate) fn peer_database(&self) -> Result<String, Fault> {
        let url = self.database()?;
        self.sql(&url, PEER_TABLES)?;
        Ok(url)
    }

    /// Room for a journal.
    pub(crate) fn store(&self, engine: Engine) -> Result<Store, Fault> {
        *self.made.borrow_mut() += 1;
        let directory = self.directory().join(format!("{}", self.made.borrow()));
        std::fs::create_dir_all(&directory)?;
        let url = if engine == Engine::Postgres { self.database()? } else { String::new() };
        Ok(Store { engine, directory, url })
    }

    /// A journal with events in it.
    pub(crate) fn filled(&self, engine: Engine, fill: Fill) -> Result<Store, Fault> {
        eprintln!("  filling {}: {fill:?}", engine.name());
        let store = self.store(engine)?;
        let begun = Instant::now();
        Side::start(&Task::Fill { store: store.clone(), fill })?.end()?;
        if engine == Engine::Postgres {
            self.sql(&store.url, "VACUUM ANALYZE")?;
            self.sql(&store.url, "CHECKPOINT")?;
        }
        eprintln!("  filled in {:.0} s", begun.elapsed().as_secs_f64());
        Ok(store)
    }

    /// A journal of scorecards that several rows read; only the last of them may write to it.
    pub(crate) fn history(&self, engine: Engine, accounts: u64, events: u64) -> Result<Store, Fault> {
        let key = (engine, accounts, events);
        if let Some(store) = self.histories.borrow().get(&key) {
            return Ok(store.clone());
        }
        let store = self.filled(engine, Fill::Scorecards { accounts, events })?;
        self.histories.borrow_mut().insert(key, store.clone());
        Ok(store)
    }

    /// Removes the histories of an engine, which no row reads any more.
    pub(crate) fn discard(&self, engine: Engine) -> Result<(), Fault> {
        let mut histories = self.histories.borrow_mut();
        let keys: Vec<_> = histories.keys().copied().filter(|key| key.0 == engine).collect();
        for store in keys.iter().filter_map(|key| histories.remove(key)) {
            if let (Engine::Postgres, Some((_, name))) = (engine, store.url.rsplit_once('/')) {
                self.server()?.sql("postgres", &format!("DROP DATABASE {name} WITH (FORCE)"))?;
            }
            std::fs::remove_dir_all(&store.directory)?;
        }
        Ok(())
    }

    /// The journal most rows read.
    pub(crate) fn usual_history(&self, engine: Engine) -> Result<Store, Fault> {
        self.history(engine, self.size.accounts, self.size.events)
    }

    /// An order of the usual length.
    pub(crate) fn order(&self, work: impl Into<String>, clients: usize) -> Order {
        Order { work: work.into(), clients, warm_up_ms: self.size.warm_up_ms, run_ms: self.size.run_ms }
    }
}
