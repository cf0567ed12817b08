//! When the head is signed, and by whom.

mod fixtures;

use std::{sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use fixtures::{append, stream, write};
use journal::{
    Durability, Journal, Link, Position, StreamId,
    evidence::{self, Options, Signer, Witness, WitnessError, parse},
    postgres::{PostgresJournal, PostgresOptions},
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault},
};
use tempfile::TempDir;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};

const PATIENCE: Duration = Duration::from_mins(1);

/// Tells the positions of what it takes.
struct Told(mpsc::UnboundedSender<Position>);

#[async_trait::async_trait]
impl Witness for Told {
    async fn take(&self, note: &str) -> Result<(), WitnessError> {
        let position = parse(note).expect("a checkpoint").link.position;
        self.0.send(position).map_err(|_| WitnessError("nobody listens".into()))
    }
}

/// A process that signs.
struct Signing {
    told: mpsc::UnboundedReceiver<Position>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Signing {
    fn start(journal: &Arc<dyn Journal>, vault: &Arc<SqliteVault>, options: Options) -> Self {
        let (sender, told) = mpsc::unbounded_channel();
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(evidence::run(journal.clone(), vault.clone(), options, vec![Arc::new(Told(sender))], stopping));
        Self { told, stop, task }
    }

    async fn next(&mut self) -> Position {
        tokio::time::timeout(PATIENCE, self.told.recv()).await.expect("it signs in time").expect("it lives")
    }

    async fn stop(mut self) -> Vec<Position> {
        self.stop.send(true).expect("it lives");
        self.task.await.expect("ended");
        let mut rest = Vec::new();
        while let Ok(position) = self.told.try_recv() {
            rest.push(position);
        }
        rest
    }
}

async fn vault(directory: &TempDir) -> Arc<SqliteVault> {
    let key = MasterKey::from_file(&directory.path().join("master.key"), true).expect("a master key");
    Arc::new(SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault"))
}

async fn open(directory: &TempDir) -> (Arc<dyn Journal>, Arc<SqliteVault>) {
    let vault = vault(directory).await;
    let options = SqliteOptions::new(directory.path().join("journal.db"), vault.clone());
    (Arc::new(SqliteJournal::init(options).await.expect("a journal")), vault)
}

async fn add(journal: &dyn Journal, stream: &StreamId, expected: i64, count: usize) {
    journal.append(append(vec![write(stream, expected, count)])).await.expect("appended");
}

#[tokio::test]
async fn the_head_is_signed_after_so_many_events_and_at_the_end() {
    let directory = TempDir::new().expect("a directory");
    let (journal, vault) = open(&directory).await;
    let events = stream();
    add(&*journal, &events, 0, 1).await;
    let mut signing = Signing::start(&journal, &vault, Options { every_events: 10, every: Duration::ZERO });
    assert_eq!(signing.next().await, Position(1), "nothing had been signed");
    add(&*journal, &events, 1, 9).await;
    add(&*journal, &events, 10, 1).await;
    assert_eq!(signing.next().await, Position(11), "nine events are too few");
    add(&*journal, &events, 11, 3).await;
    assert_eq!(signing.stop().await, [Position(14)], "what is left is signed at the end");
}

/// Signs the first of two events, so long ago.
async fn signed_ago(journal: &dyn Journal, vault: &SqliteVault, events: &StreamId, ago: TimeDelta) {
    add(journal, events, 0, 2).await;
    let signer = Signer::from_vault(vault, journal.id()).await.expect("a key");
    let hash = journal.read_raw(Position(0), 1).await.expect("read")[0].hash.clone();
    let link = Link { position: Position(1), hash: hash.try_into().expect("32 bytes") };
    journal.put_signed_checkpoint(signer.sign(link, Utc::now() - ago)).await.expect("kept");
}

#[tokio::test]
async fn the_head_is_signed_after_so_long() {
    let hourly = Options { every_events: 5, every: Duration::from_hours(1) };
    for (ago, expected) in [(TimeDelta::hours(2), Position(2)), (TimeDelta::minutes(10), Position(6))] {
        let directory = TempDir::new().expect("a directory");
        let (journal, vault) = open(&directory).await;
        let events = stream();
        signed_ago(&*journal, &vault, &events, ago).await;
        let mut signing = Signing::start(&journal, &vault, hourly);
        if expected == Position(6) {
            assert_eq!(signing.next().await, Position(1), "the last one may not have come through");
            add(&*journal, &events, 2, 4).await;
        }
        assert_eq!(signing.next().await, expected, "signed {ago} ago");
        assert_eq!(signing.stop().await, [], "the head has not moved since");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_on_one_database_one_signs_until_it_is_gone() {
    let directory = TempDir::new().expect("a directory");
    let (url, vault) = (test_postgres::database(), vault(&directory).await);
    let open = async || {
        let options = PostgresOptions { durability: Durability::Unsafe, ..PostgresOptions::new(&url, vault.clone()) };
        let journal: Arc<dyn Journal> = Arc::new(PostgresJournal::init(options).await.expect("a journal"));
        journal
    };
    let journals = [open().await, open().await];
    let events = stream();
    add(&*journals[0], &events, 0, 1).await;
    let signer = Signer::from_vault(&*vault, journals[0].id()).await.expect("a key");
    evidence::sign_head(&*journals[0], &signer).await.expect("signed").expect("the head moved");
    let options = Options { every_events: 5, every: Duration::ZERO };
    let [mut one, mut two] = [0, 1].map(|node| Signing::start(&journals[node], &vault, options));
    for signing in [&mut one, &mut two] {
        assert_eq!(signing.next().await, Position(1), "the last one may not have come through");
    }
    add(&*journals[0], &events, 1, 5).await;
    let first_signs = tokio::select! {
        position = one.next() => { assert_eq!(position, Position(6)); true }
        position = two.next() => { assert_eq!(position, Position(6)); false }
    };
    let (mut signs, mut waits) = if first_signs { (one, two) } else { (two, one) };
    for turn in 1..6 {
        let expected = 1 + 5 * i64::try_from(turn).expect("small");
        add(&*journals[turn % 2], &events, expected, 5).await;
        assert_eq!(signs.next().await, Position(expected + 5));
    }
    // It goes without a word, and its lease runs out.
    signs.task.abort();
    let database = url.rsplit('/').next().expect("a name");
    let server = test_postgres::shared().expect("a server");
    server.sql(database, "UPDATE journal.leases SET expires_at = 0 WHERE name = 'evidence'").expect("it ran out");
    add(&*journals[0], &events, 31, 5).await;
    assert_eq!(waits.next().await, Position(36), "of what the other signed it told nothing");
    waits.stop().await;
    for journal in journals {
        journal.close().await;
    }
}
