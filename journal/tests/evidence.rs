//! History that was tampered with, in each way there is, and what names it.

mod fixtures;

use std::{path::PathBuf, sync::Arc};

use fixtures::{append, stream, write};
use journal::{
    History, Journal, Link, Position, RawEvent,
    evidence::{self, Finding, Signer, Verifier, Walk, WalkError},
    sqlite::{SqliteHistory, SqliteJournal, SqliteOptions},
    vault::{MasterKey, SqliteVault},
};
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;

const EVENTS: i64 = 30;
/// Where the checkpoint is that somebody else keeps.
const SIGNED: i64 = 20;

/// A journal of 30 events that nobody has open, signed at its 20th.
struct Place {
    directory: TempDir,
    signer: Signer,
    note: String,
}

impl Place {
    async fn init() -> Self {
        let directory = TempDir::new().expect("a directory");
        let key = MasterKey::from_file(&directory.path().join("master.key"), true).expect("a master key");
        let vault = Arc::new(SqliteVault::init(directory.path().join("vault.db"), key).await.expect("a vault"));
        let options = SqliteOptions::new(directory.path().join("journal.db"), vault.clone());
        let journal = SqliteJournal::init(options).await.expect("a journal");
        let signer = Signer::from_vault(&*vault, journal.id()).await.expect("a key");
        let events = stream();
        journal.append(append(vec![write(&events, 0, 20)])).await.expect("append");
        let checkpoint = evidence::sign_head(&journal, &signer).await.expect("signed").expect("the head moved");
        assert_eq!(checkpoint.link.position, Position(SIGNED));
        let again = evidence::sign_head(&journal, &signer).await.expect("read");
        assert_eq!(again, None, "the head did not move");
        journal.append(append(vec![write(&events, SIGNED, 10)])).await.expect("append");
        journal.close().await;
        Self { directory, signer, note: checkpoint.note }
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("journal.db")
    }

    async fn connection(&self) -> SqliteConnection {
        let mut connection = SqliteConnection::connect(&format!("sqlite://{}", self.path().display())).await.expect("a connection");
        let triggers = "DROP TRIGGER IF EXISTS events_are_never_changed; DROP TRIGGER IF EXISTS events_are_never_removed; \
                        DROP TRIGGER IF EXISTS events_have_no_gaps;";
        sqlx::raw_sql(triggers).execute(&mut connection).await.expect("dropped");
        connection
    }

    async fn tamper(&self, sql: &'static str) {
        let mut connection = self.connection().await;
        sqlx::raw_sql(sql).execute(&mut connection).await.expect("tampered");
        connection.close().await.expect("closed");
    }

    async fn history(&self) -> Arc<dyn History> {
        Arc::new(SqliteHistory::init(self.path()).await.expect("a history"))
    }

    /// Walks all of it, and holds it against the checkpoint from elsewhere if asked to, and against those stored.
    async fn verify(&self, with_checkpoint: bool) -> Result<Link, WalkError> {
        let history = self.history().await;
        let verifier = self.signer.verifier();
        let mut known = Vec::new();
        if with_checkpoint {
            known.push((verifier.open(&self.note).expect("signed").link, "a copy elsewhere".to_owned()));
        }
        let stored = evidence::stored(&*history, Some(&verifier)).await;
        known.extend(stored.as_ref().cloned().unwrap_or_default());
        let reached = evidence::walk(&history, Walk { known, ..Walk::default() }, |_| {}).await?;
        stored.map(|_| reached)
    }

    async fn finding(&self, with_checkpoint: bool) -> Finding {
        match self.verify(with_checkpoint).await {
            Err(WalkError::Wrong(finding)) => finding,
            other => panic!("expected a finding, got {other:?}"),
        }
    }

    /// Writes every hash anew, as one would who wants the chain to fit again.
    async fn rehash(&self) {
        let history = self.history().await;
        let mut connection = self.connection().await;
        let mut previous = [0; 32];
        for event in history.read_raw(Position(0), 1000).await.expect("read") {
            let event: RawEvent = event;
            previous = event.hash_after(history.id(), &previous);
            let update = sqlx::query("UPDATE events SET hash = ? WHERE position = ?").bind(previous.as_slice()).bind(event.position);
            update.execute(&mut connection).await.expect("updated");
        }
        connection.close().await.expect("closed");
    }
}

#[tokio::test]
async fn history_that_was_left_alone_verifies() {
    let place = Place::init().await;
    let reached = place.verify(true).await.expect("as it was written");
    assert_eq!(reached.position, Position(EVENTS));
    let history = place.history().await;
    let half = evidence::walk(&history, Walk { limit: Some(7), ..Walk::default() }, |_| {}).await.expect("as it was written");
    assert_eq!(half.position, Position(7));
    assert_eq!(half, history.verify(Link::default(), 7).await.expect("as it was written"), "the engine comes to the same");
    let rest = evidence::walk(&history, Walk { from: half, ..Walk::default() }, |_| {}).await.expect("as it was written");
    assert_eq!(rest, reached);
}

#[tokio::test]
async fn an_edit_of_any_column_is_named() {
    for (edit, position) in [
        ("UPDATE events SET payload = '{}' WHERE position = 5", 5),
        ("UPDATE events SET metadata = '{}' WHERE position = 6", 6),
        ("UPDATE events SET event_type = 'Forged' WHERE position = 7", 7),
        ("UPDATE events SET event_version = '9' WHERE position = 8", 8),
        ("UPDATE events SET recorded_at = recorded_at + 1 WHERE position = 9", 9),
        ("UPDATE events SET event_id = '00000000-0000-0000-0000-000000000000' WHERE position = 10", 10),
        ("UPDATE events SET aggregate_type = 'other' WHERE position = 11", 11),
        ("UPDATE events SET sequence = 99 WHERE position = 12", 12),
        ("UPDATE events SET hash = zeroblob(32) WHERE position = 13", 13),
    ] {
        let place = Place::init().await;
        place.tamper(edit).await;
        let finding = place.finding(false).await;
        assert_eq!((finding.position, finding.what.as_str()), (Position(position), "the event is not as it was written"), "{edit}");
    }
}

#[tokio::test]
async fn a_deletion_is_named() {
    let place = Place::init().await;
    place.tamper("DELETE FROM events WHERE position = 12").await;
    assert_eq!(place.finding(false).await, Finding::new(Position(12), "the event is missing"));
    // And the gap closed, so that positions fit.
    place
        .tamper("UPDATE events SET position = -position WHERE position > 12; UPDATE events SET position = -position - 1 WHERE position < 0")
        .await;
    assert_eq!(place.finding(false).await.position, Position(12));
}

#[tokio::test]
async fn an_insertion_is_named() {
    let place = Place::init().await;
    place
        .tamper(
            "UPDATE events SET position = -position WHERE position >= 12; UPDATE events SET position = -position + 1 WHERE position < 0;
             INSERT INTO events SELECT 12, 'forged', aggregate_type, aggregate_id, 99, event_type, event_version, payload, metadata,
             recorded_at, hash FROM events WHERE position = 11",
        )
        .await;
    assert_eq!(place.finding(false).await, Finding::new(Position(12), "the event is not as it was written"));
}

#[tokio::test]
async fn an_insertion_at_the_end_is_named() {
    let place = Place::init().await;
    place
        .tamper(
            "INSERT INTO events SELECT 31, 'forged', aggregate_type, aggregate_id, 99, event_type, event_version, payload, metadata,
             recorded_at, hash FROM events WHERE position = 30",
        )
        .await;
    assert_eq!(place.finding(false).await.position, Position(31));
}

#[tokio::test]
async fn a_swap_is_named() {
    let place = Place::init().await;
    place
        .tamper(
            "UPDATE events SET position = 1000 WHERE position = 8; UPDATE events SET position = 8 WHERE position = 9;
             UPDATE events SET position = 9 WHERE position = 1000",
        )
        .await;
    assert_eq!(place.finding(false).await, Finding::new(Position(8), "the event is not as it was written"));
}

#[tokio::test]
async fn a_truncation_is_told_by_a_checkpoint() {
    let place = Place::init().await;
    place.tamper("DELETE FROM events WHERE position > 15").await;
    let finding = place.finding(false).await;
    assert_eq!(finding.position, Position(16));
    assert!(finding.what.contains("the stored checkpoint at position 20"), "{finding}");
    // Whoever truncates may take the stored one too; not the copy elsewhere.
    place.tamper("DELETE FROM signed_checkpoints").await;
    place.verify(false).await.expect("nothing is left to tell it by");
    let finding = place.finding(true).await;
    assert_eq!(finding.position, Position(16));
    assert!(finding.what.contains("a copy elsewhere"), "{finding}");
}

#[tokio::test]
async fn a_full_rewrite_with_new_hashes_is_told_by_a_checkpoint() {
    let place = Place::init().await;
    place.tamper("UPDATE events SET payload = '{\"number\":0}' WHERE position = 3").await;
    place.rehash().await;
    let finding = place.finding(false).await;
    assert_eq!(finding.position, Position(SIGNED));
    assert!(finding.what.contains("rewritten"), "{finding}");
    place.tamper("DELETE FROM signed_checkpoints").await;
    place.verify(false).await.expect("the chain fits itself");
    assert_eq!(place.finding(true).await.position, Position(SIGNED));
}

#[tokio::test]
async fn a_stored_checkpoint_that_was_changed_is_named() {
    for (edit, told) in [
        ("UPDATE signed_checkpoints SET note = replace(note, 'time 2', 'time 1')", "does not fit"),
        ("UPDATE signed_checkpoints SET hash = zeroblob(32)", "does not say what its row says"),
        ("UPDATE signed_checkpoints SET position = 19", "does not say what its row says"),
        ("UPDATE signed_checkpoints SET note = 'signed, honestly'", "not a signed checkpoint"),
    ] {
        let place = Place::init().await;
        place.tamper(edit).await;
        let finding = place.finding(false).await;
        assert!(finding.what.contains(told), "{edit}: {finding}");
    }
}

#[tokio::test]
async fn a_stranger_cannot_sign() {
    let place = Place::init().await;
    let history = place.history().await;
    let stranger = Signer::new(history.id(), &[1; 32]);
    let error = evidence::stored(&*history, Some(&stranger.verifier())).await.expect_err("another key");
    assert!(error.to_string().contains("not signed by the key"), "{error}");
    let key: Verifier = place.signer.verifier().to_string().parse().expect("a key");
    assert!(evidence::stored(&*history, Some(&key)).await.expect("signed").len() == 1);
}
