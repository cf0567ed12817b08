//! What tests of read models are made of: a real journal in a directory of its own, and events to put into it.

pub(crate) mod histories;
pub(crate) mod runs;
#[path = "../../journal/tests/fixtures/seeds.rs"]
pub(crate) mod seeds;

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono_tz::Tz;
use domain::{
    Event,
    fact::Fact,
    kernel::{Minutes, Points, Timestamp},
    workshops::{
        Outline, RuleKind, StepOutline,
        content::{Category, Difficulty, StepOrder, Visibility},
    },
};
use journal::{
    Append, History, Journal, Metadata, NewEvent, Position, StreamId, StreamWrite,
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault},
};
use serde_json::Value;
use tempfile::TempDir;
use uuid::Uuid;

use crate::{
    Place, Projections, digest_of_rows,
    place::Generation,
    projector::Projector,
    read_model::{Origin, ReadModel, Recorded, Table},
    registry,
    store::{Purpose, Store},
};

/// Long enough for any machine.
pub(crate) const DEADLINE: Duration = Duration::from_mins(1);

pub(crate) const fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

pub(crate) fn instant(text: &str) -> Timestamp {
    text.parse().expect("an instant in RFC 3339")
}

/// The nth second of 2026.
pub(crate) fn second(number: i64) -> Timestamp {
    instant("2026-01-01T00:00:00Z") + chrono::TimeDelta::seconds(number)
}

pub(crate) fn digest(digit: &str) -> domain::kernel::Digest {
    digit.repeat(64).try_into().expect("64 digits")
}

pub(crate) fn outline(title: &str) -> Outline {
    let step = |key: &str, rule| StepOutline { key: key.into(), title: key.to_uppercase(), points: Points(10), rule };
    Outline {
        title: title.into(),
        summary: format!("All about {title}."),
        category: Category::Docker,
        difficulty: Difficulty::Beginner,
        duration: Minutes(30),
        tags: vec!["containers".into()],
        languages: vec!["en".into()],
        visibility: Visibility::Public,
        order: StepOrder::Sequential,
        completion_points: Points(50),
        lifetime: None,
        steps: vec![step("read", RuleKind::Read), step("quiz", RuleKind::Answer), step("check", RuleKind::Check)],
    }
}

/// An event as read models see it.
pub(crate) fn recorded(position: i64, stream: Uuid, fact: impl Into<Fact>) -> Recorded {
    let stream = StreamId::new("of no importance to a fold", stream);
    Recorded { position: Position(position), stream, at: second(position), fact: fact.into(), origin: origin(position) }
}

/// Of a command of its own.
pub(crate) fn origin(position: i64) -> Origin {
    let command = Uuid::from_u128(u128::try_from(position).expect("a position"));
    Origin {
        command,
        correlation: command,
        causation: None,
        actor: "system:test".into(),
        via: None,
        on_behalf_of: None,
        address: None,
        address_digest: None,
        operation: None,
    }
}

/// The rows that events give, folded one after the other without a database.
pub(crate) fn rows<M: ReadModel>(model: &M, events: &[Recorded]) -> Vec<<M::Table as Table>::Row> {
    let mut rows = BTreeMap::new();
    for event in events {
        for key in model.keys(event) {
            let row = model.fold(&key, rows.remove(&key), event).expect("an event that follows its row");
            rows.extend(row.map(|row| (key, row)));
        }
    }
    rows.into_values().collect()
}

/// What read models are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    pub(crate) const ALL: [Self; 2] = [Self::Sqlite, Self::Postgres];
}

/// An empty generation to try tables in, and the directory it is in.
pub(crate) async fn stored(engine: Engine) -> (TempDir, Store) {
    let directory = tempfile::tempdir().expect("a directory");
    let generation = match engine {
        Engine::Sqlite => Generation::File(directory.path().join("rows.db")),
        // There is no schema of this name, so that tables are made in `public`.
        Engine::Postgres => Generation::Schema { url: test_postgres::database(), name: "nowhere".into() },
    };
    let store = Store::init(&generation, 1, Purpose::Serving).await.expect("a store");
    (directory, store)
}

/// A journal in a directory of its own, with room for read models beside it.
pub(crate) struct World {
    directory: TempDir,
    /// Where generations are, if not in the directory.
    pub(crate) postgres: Option<String>,
    pub(crate) journal: Arc<dyn Journal>,
    sequences: Mutex<HashMap<(String, Uuid), i64>>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(Engine::Sqlite).await
    }

    /// With read models in one or the other.
    pub(crate) async fn on(engine: Engine) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let key = MasterKey::from_file(&directory.path().join("master.key"), true).expect("a master key");
        let vault = SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault");
        let options = SqliteOptions::new(directory.path().join("journal.db"), Arc::new(vault));
        let journal = Arc::new(SqliteJournal::init(options).await.expect("a journal"));
        let postgres = (engine == Engine::Postgres).then(test_postgres::database);
        Self { directory, postgres, journal, sequences: Mutex::default() }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    /// Appends events to a stream, after those appended to it here before.
    pub(crate) async fn append<E: Event>(&self, kind: &'static str, stream: Uuid, events: &[E]) -> Position {
        let payload = |event: &E| (event.name().to_owned(), serde_json::to_value(event).expect("an event is JSON"));
        self.append_raw(kind, stream, events.iter().map(payload).collect()).await
    }

    /// Appends whatever a stream is to hold, by name and payload.
    pub(crate) async fn append_raw(&self, kind: &'static str, stream: Uuid, events: Vec<(String, Value)>) -> Position {
        let count = i64::try_from(events.len()).expect("few events");
        let expected = {
            let mut sequences = self.sequences.lock().expect("no test panics here");
            let sequence = sequences.entry((kind.to_owned(), stream)).or_default();
            std::mem::replace(sequence, *sequence + count)
        };
        let new = |(name, payload)| NewEvent { id: Uuid::now_v7(), name, version: 1, payload };
        let write = StreamWrite { stream: StreamId::new(kind, stream), expected, events: events.into_iter().map(new).collect() };
        let append = Append { writes: vec![write], metadata: metadata(), receipt: None, fence: None };
        self.journal.append(append).await.expect("an append").position
    }

    /// All read models, in a file under this name.
    pub(crate) async fn open(&self, file: &str, page: u32) -> Arc<Projections> {
        self.open_with(registry::read_models(Tz::UTC), file, page).await
    }

    pub(crate) async fn open_with(&self, models: Vec<Box<dyn Projector>>, file: &str, page: u32) -> Arc<Projections> {
        let source = (Arc::clone(&self.journal) as Arc<dyn History>, self.journal.watch_head());
        let generation = self.generation(file);
        Arc::new(Projections::open(source, models, generation, Tz::UTC, (2, page), Purpose::Serving).await.expect("read models"))
    }

    /// What holds the read models under this name.
    pub(crate) fn generation(&self, file: &str) -> Generation {
        match &self.postgres {
            None => Generation::File(self.file(file)),
            Some(url) => {
                let name = file.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
                Generation::Schema { url: url.clone(), name }
            }
        }
    }

    /// Where generations are kept.
    pub(crate) fn place(&self) -> Place {
        match &self.postgres {
            None => Place::Directory(self.file("read-models")),
            Some(url) => Place::Postgres { url: url.clone() },
        }
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// What read models hold that were folded event by event.
    pub(crate) async fn one_by_one(&self, file: &str) -> BTreeMap<String, String> {
        let projections = self.open(file, 1).await;
        for position in 1..=self.head().await.0 {
            // Not to the head at once: then many are folded before they are written.
            projections.fill(Position(position), |_| {}).await.expect("all events can be folded");
        }
        digest_of_rows(projections.db()).await.expect("digests")
    }

    pub(crate) async fn head(&self) -> Position {
        self.journal.head().await.expect("a head")
    }
}

/// Runs until the read models are level with the head as it is now.
pub(crate) async fn catch_up(projections: &Arc<Projections>, head: Position) {
    let level = projections.clone();
    let shutdown = async move { assert!(level.reached(head, DEADLINE).await, "level with {head}") };
    projections.clone().run(shutdown).await;
}

fn metadata() -> Metadata {
    Metadata {
        command: Uuid::now_v7(),
        correlation: Uuid::now_v7(),
        causation: None,
        actor: "system:test".into(),
        via: None,
        on_behalf_of: None,
        address: None,
        address_digest: None,
        operation: None,
        traceparent: None,
    }
}
