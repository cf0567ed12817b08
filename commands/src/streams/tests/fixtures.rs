//! A decider of our own, and a journal that counts and fails as it is told.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use domain::{
    Decider, Event, Rejection,
    identity::{DisplayName, Email, account::AccountCommand},
    kernel::{AccountId, Personal, Timestamp},
    upcast::Upcast,
};
use journal::{
    Advance, Append, Appended, Fence, History, Journal, JournalError, Link, Parked, Position, RawEvent, Receipt, Recorded,
    SignedCheckpoint, Snapshot, StreamId, Timer, UsageHistory, UsagePoint, UsageSample, UsageSpan,
    sqlite::{SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault, Vault},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::watch;

/// A sum of at most 100.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Tally {
    pub(super) sum: i64,
}

#[derive(Clone, Debug)]
pub(super) enum TallyCommand {
    Add(i64),
    /// Nothing to do, if it is there.
    Reach(i64),
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum TallyEvent {
    Added { by: i64, sum: i64 },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("full")]
pub(super) struct Full;

impl Rejection for Full {}

impl Event for TallyEvent {
    fn name(&self) -> &'static str {
        "TallyAdded"
    }

    fn version(&self) -> u16 {
        2
    }
}

impl Decider for Tally {
    const STREAM: &'static str = "tally";
    const STATE_VERSION: u32 = 3;
    const UPCASTS: &'static [Upcast] = &[Upcast { event: "TallyAdded", from: 1, change: name_fields }];
    type Command = TallyCommand;
    type Event = TallyEvent;
    type Rejection = Full;

    fn decide(&self, command: TallyCommand, _now: Timestamp) -> Result<Vec<TallyEvent>, Full> {
        let sum = match command {
            TallyCommand::Add(by) => self.sum + by,
            TallyCommand::Reach(sum) if sum == self.sum => return Ok(vec![]),
            TallyCommand::Reach(sum) => sum,
        };
        if sum > 100 { Err(Full) } else { Ok(vec![TallyEvent::Added { by: sum - self.sum, sum }]) }
    }

    fn evolve(&mut self, event: &TallyEvent) {
        let TallyEvent::Added { by, .. } = event;
        self.sum += by;
    }
}

fn name_fields(payload: Value) -> Value {
    match payload.get("Added").filter(|added| added.is_i64()) {
        Some(by) => json!({ "Added": { "by": by, "sum": by } }),
        None => payload,
    }
}

pub(super) fn register(account: AccountId, email: &str, password: &str) -> AccountCommand {
    AccountCommand::Register {
        email: Personal::new(account, Email::try_new(email).expect("an address")),
        display_name: Personal::new(account, DisplayName::try_new("Ada").expect("a name")),
        password: Personal::new(account, password.to_owned()),
        roles: std::collections::BTreeSet::new(),
    }
}

/// A journal in a file of its own.
pub(super) struct Counted {
    pub(super) inner: SqliteJournal,
    pub(super) vault: Arc<dyn Vault>,
    /// Given instead of any that is stored, if its version is asked for.
    pub(super) snapshot: Mutex<Option<Snapshot>>,
    stored: watch::Sender<Option<Snapshot>>,
    loads: AtomicUsize,
    events: AtomicUsize,
    lose: AtomicBool,
    _directory: TempDir,
}

pub(super) async fn journal() -> Arc<Counted> {
    let directory = TempDir::new().expect("a directory");
    let key = MasterKey::from_file(&directory.path().join("master.key"), true).expect("a master key");
    let vault: Arc<dyn Vault> = Arc::new(SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault"));
    let options = SqliteOptions::new(directory.path().join("journal.db"), Arc::clone(&vault));
    let inner = SqliteJournal::init(options).await.expect("a journal");
    let journal = Counted {
        inner,
        vault,
        snapshot: Mutex::default(),
        stored: watch::channel(None).0,
        loads: AtomicUsize::new(0),
        events: AtomicUsize::new(0),
        lose: AtomicBool::new(false),
        _directory: directory,
    };
    Arc::new(journal)
}

impl Counted {
    pub(super) fn loads(&self) -> usize {
        self.loads.load(Ordering::SeqCst)
    }

    pub(super) fn events_loaded(&self) -> usize {
        self.events.load(Ordering::SeqCst)
    }

    /// The next append is done, and said to be lost.
    pub(super) fn lose_next_answer(&self) {
        self.lose.store(true, Ordering::SeqCst);
    }

    /// A snapshot, once it has been stored in the background.
    pub(super) async fn snapshot_at(&self, sequence: i64) -> Snapshot {
        self.stored_where(|snapshot| snapshot.sequence == sequence).await
    }

    pub(super) async fn snapshot_of(&self, stream: &StreamId) -> Snapshot {
        self.stored_where(|snapshot| snapshot.stream == *stream).await
    }

    async fn stored_where(&self, is: impl Fn(&Snapshot) -> bool) -> Snapshot {
        let mut stored = self.stored.subscribe();
        let stored = stored.wait_for(|snapshot| snapshot.as_ref().is_some_and(&is));
        let stored = tokio::time::timeout(Duration::from_mins(1), stored).await.expect("in time").expect("the journal is there");
        stored.clone().expect("some")
    }
}

#[async_trait::async_trait]
impl History for Counted {
    async fn load(&self, stream: &StreamId, after: i64) -> Result<Vec<Recorded>, JournalError> {
        self.loads.fetch_add(1, Ordering::SeqCst);
        let events = self.inner.load(stream, after).await?;
        self.events.fetch_add(events.len(), Ordering::SeqCst);
        Ok(events)
    }
    async fn read(&self, after: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        self.inner.read(after, limit).await
    }
    async fn read_raw(&self, after: Position, limit: u32) -> Result<Vec<RawEvent>, JournalError> {
        self.inner.read_raw(after, limit).await
    }
    async fn read_back(&self, before: Position, limit: u32) -> Result<Vec<Recorded>, JournalError> {
        self.inner.read_back(before, limit).await
    }
    async fn head(&self) -> Result<Position, JournalError> {
        self.inner.head().await
    }
    async fn content(&self, digest: &str) -> Result<Option<Vec<u8>>, JournalError> {
        self.inner.content(digest).await
    }
    async fn signed_checkpoint(&self, at: Position) -> Result<Option<SignedCheckpoint>, JournalError> {
        self.inner.signed_checkpoint(at).await
    }
    async fn verify(&self, from: Link, limit: u32) -> Result<Link, JournalError> {
        self.inner.verify(from, limit).await
    }
    fn id(&self) -> uuid::Uuid {
        self.inner.id()
    }
}

#[async_trait::async_trait]
impl UsageHistory for Counted {
    async fn keep_usage(&self, sample: UsageSample) -> Result<(), JournalError> {
        self.inner.keep_usage(sample).await
    }

    async fn usage(&self, span: UsageSpan) -> Result<Vec<UsagePoint>, JournalError> {
        self.inner.usage(span).await
    }

    async fn thin_usage(&self, now: DateTime<Utc>) -> Result<u64, JournalError> {
        self.inner.thin_usage(now).await
    }
}

#[async_trait::async_trait]
impl Journal for Counted {
    async fn append(&self, append: Append) -> Result<Appended, JournalError> {
        let appended = self.inner.append(append).await;
        if self.lose.swap(false, Ordering::SeqCst) { Err(JournalError::Unknown) } else { appended }
    }
    fn watch_head(&self) -> watch::Receiver<Position> {
        self.inner.watch_head()
    }
    async fn receipt(&self, actor: &str, operation: &str, key: &str) -> Result<Option<Receipt>, JournalError> {
        self.inner.receipt(actor, operation, key).await
    }
    async fn purge_receipts(&self, now: DateTime<Utc>) -> Result<u64, JournalError> {
        self.inner.purge_receipts(now).await
    }
    async fn put_content(&self, bytes: &[u8]) -> Result<String, JournalError> {
        self.inner.put_content(bytes).await
    }
    async fn lease(&self, name: &str, holder: &str, ttl: Duration) -> Result<Option<Fence>, JournalError> {
        self.inner.lease(name, holder, ttl).await
    }
    async fn checkpoint(&self, subscriber: &str) -> Result<Position, JournalError> {
        self.inner.checkpoint(subscriber).await
    }
    async fn advance(&self, advance: Advance) -> Result<(), JournalError> {
        self.inner.advance(advance).await
    }
    async fn due_timers(&self, subscriber: &str, now: DateTime<Utc>, limit: u32) -> Result<Vec<Timer>, JournalError> {
        self.inner.due_timers(subscriber, now, limit).await
    }
    async fn parked(&self, subscriber: &str) -> Result<Vec<Parked>, JournalError> {
        self.inner.parked(subscriber).await
    }
    async fn snapshot(&self, stream: &StreamId, version: u32) -> Result<Option<Snapshot>, JournalError> {
        let given = self.snapshot.lock().expect("held by nobody who panics").clone();
        match given {
            Some(given) => Ok(Some(given).filter(|given| given.version == version)),
            None => self.inner.snapshot(stream, version).await,
        }
    }
    async fn put_snapshot(&self, snapshot: Snapshot) -> Result<(), JournalError> {
        self.inner.put_snapshot(snapshot.clone()).await?;
        self.stored.send_replace(Some(snapshot));
        Ok(())
    }
    async fn put_signed_checkpoint(&self, checkpoint: SignedCheckpoint) -> Result<(), JournalError> {
        self.inner.put_signed_checkpoint(checkpoint).await
    }
    async fn close(&self) {
        self.inner.close().await;
    }
}
