//! What a database's own client writes of the same table, as JSON.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use load::{Fault, Figures, Order};

use crate::{
    process::Measured,
    store::{Engine, Store},
};

const COLUMNS: &str =
    "position, event_id, aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, recorded_at";

/// A client that writes all events to a file.
pub(crate) struct Dump {
    engine: Engine,
    /// Where the database is.
    from: String,
    into: PathBuf,
    events: u64,
}

impl Dump {
    /// Of a journal that has so many events.
    pub(crate) fn new(store: &Store, directory: &Path, events: u64) -> Result<Self, Fault> {
        let from = match store.engine {
            Engine::Postgres => store.url.clone(),
            Engine::Sqlite => {
                store.file().into_os_string().into_string().map_err(|path| format!("a path that is not text: {}", path.display()))?
            }
        };
        Ok(Self { engine: store.engine, from, into: directory.join("dump.json"), events })
    }

    pub(crate) fn program(&self) -> &'static str {
        match self.engine {
            Engine::Postgres => "psql",
            Engine::Sqlite => "sqlite3",
        }
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.program());
        match self.engine {
            Engine::Postgres => {
                let rows = format!("SELECT {COLUMNS}, encode(hash, 'hex') AS hash FROM journal.events ORDER BY position");
                let copy = format!("\\copy (SELECT row_to_json(e) FROM ({rows}) e) TO STDOUT");
                command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", &copy, &self.from]);
            }
            Engine::Sqlite => {
                let rows = format!("SELECT {COLUMNS}, lower(hex(hash)) AS hash FROM events ORDER BY position");
                command.args(["-readonly", "-json", &self.from, &rows]);
            }
        }
        command
    }
}

impl Measured for Dump {
    fn measure(&mut self, _order: &Order) -> Result<Figures, Fault> {
        let begun = Instant::now();
        let status = self.command().stdout(File::create(&self.into)?).status()?;
        let taken = begun.elapsed();
        let lines = BufReader::new(File::open(&self.into)?).split(b'\n').count() as u64;
        if !status.success() || lines != self.events {
            return Err(format!("{}: {status}, {lines} lines of {} events", self.program(), self.events).into());
        }
        Ok(Figures::of(self.events, taken))
    }
}
