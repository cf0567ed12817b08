//! Files that were damaged, keys that are missing, and journals of a newer version, as whoever starts a server is told of them.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::{
    engines::Engine,
    feed,
    people::Person,
    site::{Site, files_in, said},
};

/// A page of a database file.
const PAGE: usize = 4096;

/// Whether a server does not start, and says so with each of the words.
fn refused(site: &Site, words: &[&str]) {
    let output = site.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    let told = said(&output);
    assert!(words.iter().all(|word| told.contains(word)), "expected {words:?} in {told}");
    assert!(!told.contains("panicked"), "{told}");
}

/// A site whose files are closed, with enough events that they have several pages.
async fn filled() -> Site {
    let site = Site::new();
    feed::streams(&site, "trial", "TrialHeld", &serde_json::json!({ "text": "x".repeat(200) }), 300).await;
    let server = site.serve();
    Person::register(&server, "kit").await;
    server.stop();
    site
}

/// The file, cut in half; with its last half scribbled over; and as something else altogether.
fn damaged(whole: &[u8]) -> [Vec<u8>; 3] {
    let half = (whole.len() / 2 / PAGE).max(1) * PAGE;
    let mut scribbled = whole.to_vec();
    scribbled[half.min(whole.len() - PAGE)..].fill(0xa5);
    [whole[..whole.len() / 2].to_vec(), scribbled, b"not a database, but a letter to my grandmother".to_vec()]
}

#[tokio::test]
async fn a_damaged_journal_is_named_and_not_served() {
    let site = filled().await;
    let path = site.path().join("journal.db");
    let whole = std::fs::read(&path).expect("bytes");
    for damaged in damaged(&whole) {
        std::fs::write(&path, damaged).expect("written");
        refused(&site, &["damaged", "journal.db"]);
    }
    std::fs::write(&path, whole).expect("written");
    site.serve().stop();
}

#[tokio::test]
async fn a_damaged_vault_is_named_and_not_served() {
    let site = filled().await;
    let path = site.path().join("vault.db");
    let whole = std::fs::read(&path).expect("bytes");
    for damaged in damaged(&whole) {
        std::fs::write(&path, damaged).expect("written");
        refused(&site, &["vault.db"]);
    }
    std::fs::write(&path, whole).expect("written");
    site.serve().stop();
}

fn read_models(site: &Site) -> PathBuf {
    let is_database = |path: &Path| path.extension().is_some_and(|extension| extension == "db");
    files_in(&site.path().join("read-models")).into_iter().find(|path| is_database(path)).expect("read models")
}

#[tokio::test]
async fn damaged_read_models_are_folded_again() {
    let site = filled().await;
    let path = read_models(&site);
    let whole = std::fs::read(&path).expect("bytes");
    for damaged in damaged(&whole) {
        std::fs::write(&path, damaged).expect("written");
        let server = site.serve();
        let kit = Person::sign_in(&server, "kit@example.org", crate::people::PASSWORD).await;
        let (status, body) = server.client().get("/readyz").await.expect("an answer");
        assert_eq!(status, 200, "{body}: {}", server.printed());
        assert_eq!(kit.query("{ me { displayName } }", Value::Null).await["me"]["displayName"], "kit");
        server.stop();
    }
}

#[tokio::test]
async fn a_missing_or_another_master_key_is_named() {
    let site = filled().await;
    let path = site.path().join("secrets/master.key");
    let whole = std::fs::read(&path).expect("bytes");
    std::fs::remove_file(&path).expect("removed");
    refused(&site, &["master.key"]);
    assert!(!path.exists(), "none is made that does not fit");
    std::fs::write(&path, [7; 32]).expect("written");
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("its owner's alone");
    refused(&site, &["master key"]);
    std::fs::write(&path, whole).expect("written");
    site.serve().stop();
}

#[tokio::test]
async fn a_journal_of_a_newer_version_is_left_alone() {
    let site = Site::on(Engine::Postgres);
    site.sql(
        "INSERT INTO journal._sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', TRUE, '', 0)",
    );
    refused(&site, &["9999"]);
    site.sql("DELETE FROM journal._sqlx_migrations WHERE version = 9999");
    site.serve().stop();
}
