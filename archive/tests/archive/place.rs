//! A journal in a directory of its own.

use std::{
    io::Write,
    path::PathBuf,
    sync::{Arc, Mutex},
};

use archive::{ArchiveError, Export, Format, Selection, export};
use journal::{
    Append, History, Journal, Metadata, NewEvent, Position, RawEvent, StreamId, StreamWrite,
    evidence::{self, Signer},
    sqlite::{SqliteHistory, SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::OnceCell;
use uuid::Uuid;

pub(crate) struct Place {
    pub(crate) directory: TempDir,
    /// One process opens a vault once.
    vault: OnceCell<Arc<SqliteVault>>,
}

impl Place {
    pub(crate) fn empty() -> Self {
        Self { directory: TempDir::new().expect("a directory"), vault: OnceCell::new() }
    }

    /// With `events` events, signed at the end; the first refers to a content.
    pub(crate) async fn filled(events: usize) -> Self {
        let place = Self::empty();
        let journal = place.open().await;
        let digest = journal.put_content(b"pages of a workshop").await.expect("kept");
        let stream = stream(1);
        journal.append(append(&stream, 0, vec![json!({ "content": digest })])).await.expect("append");
        let payload = |number: usize| json!({ "number": number, "text": "größer \"\\n\" \u{2028}" });
        if events > 1 {
            journal.append(append(&stream, 1, (1..events).map(payload).collect())).await.expect("append");
        }
        let signer = place.signer(&journal).await;
        evidence::sign_head(&journal, &signer).await.expect("signed");
        journal.close().await;
        place
    }

    async fn vault(&self) -> Arc<SqliteVault> {
        let init = async {
            let key = MasterKey::from_file(&self.directory.path().join("master.key"), true).expect("a master key");
            Arc::new(SqliteVault::init(self.path("vault.db"), key).await.expect("a vault"))
        };
        self.vault.get_or_init(|| init).await.clone()
    }

    pub(crate) async fn open(&self) -> SqliteJournal {
        SqliteJournal::init(SqliteOptions::new(self.path("journal.db"), self.vault().await)).await.expect("a journal")
    }

    pub(crate) async fn signer(&self, journal: &SqliteJournal) -> Signer {
        Signer::from_vault(&*self.vault().await, journal.id()).await.expect("a key")
    }

    pub(crate) async fn history(&self) -> Arc<dyn History> {
        Arc::new(SqliteHistory::init(self.path("journal.db")).await.expect("a history"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) async fn rows(&self) -> Vec<RawEvent> {
        self.history().await.read_raw(Position(0), 100_000).await.expect("read")
    }

    pub(crate) async fn export(&self, format: Format, selection: Selection) -> Result<Vec<u8>, ArchiveError> {
        let out = Shared::default();
        let export = Export { format, selection, contents: false };
        self::export(&self.history().await, &export, out.clone()).await?;
        Ok(out.0.lock().expect("not poisoned").clone())
    }

    pub(crate) async fn lines(&self, format: Format, selection: Selection) -> Vec<Value> {
        let text = String::from_utf8(self.export(format, selection).await.expect("exported")).expect("UTF-8");
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    }
}

/// Bytes that can be looked at after they were written.
#[derive(Clone, Default)]
pub(crate) struct Shared(pub(crate) Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().expect("not poisoned").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

pub(crate) fn stream(number: u128) -> StreamId {
    StreamId::new("workshop", Uuid::from_u128(number))
}

pub(crate) fn personal(text: &str) -> Value {
    json!({ "$personal": { "subject": Uuid::from_u128(5), "value": text } })
}

pub(crate) fn append(stream: &StreamId, expected: i64, payloads: Vec<Value>) -> Append {
    let event = |payload| NewEvent { id: Uuid::now_v7(), name: "StepCompleted".into(), version: 2, payload };
    let metadata = Metadata {
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
    };
    let events = payloads.into_iter().map(event).collect();
    Append { writes: vec![StreamWrite { stream: stream.clone(), expected, events }], metadata, receipt: None, fence: None }
}
