//! Backups, made while the journal is open, and what is refused as one.

use std::path::PathBuf;

use archive::backup::{Backup, JOURNAL, MANIFEST, Manifest, Restore, backup, restore};
use journal::{Journal, evidence::Signer};

use crate::place::{Place, append, stream};

type Edit<'a> = &'a dyn Fn(&mut Vec<u8>);

fn what(place: &Place, keys: bool) -> Backup {
    let keys = keys.then(|| (place.path("vault.db"), place.path("keys.db")));
    Backup { journal: place.path("journal.db"), into: place.path("backup"), keys, verifier_key: None }
}

fn back(place: &Place, other: &Place, keys: bool) -> Restore {
    let keys = keys.then(|| (place.path("keys.db"), other.path("vault.db")));
    Restore { from: place.path("backup"), journal: other.path("data/journal.db"), keys, verifier: None }
}

fn names(folder: PathBuf) -> Vec<String> {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let mut names: Vec<String> = entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_beside_a_writer_is_restored_and_verified() {
    let (place, other) = (Place::filled(50).await, Place::empty());
    let journal = place.open().await;
    let verifier_key = Some(place.signer(&journal).await.verifier().to_string());
    let made = backup(&Backup { verifier_key, ..what(&place, true) }).await.expect("made");
    journal.append(append(&stream(7), 0, vec![serde_json::json!({})])).await.expect("the writer goes on");
    journal.close().await;
    assert_eq!(made.position, 50);
    assert_eq!(names(place.path("backup")), [JOURNAL, MANIFEST], "no key, and no log");
    assert_eq!(Manifest::read(&place.path("backup")).expect("a manifest"), made);
    let mut last = 0;
    let restored = restore(&back(&place, &other, true), |link| last = link.position.0).await.expect("restored");
    assert_eq!((restored, last), (made, 50));
    assert_eq!(names(other.path("data")), [JOURNAL]);
    std::fs::copy(other.path("data/journal.db"), other.path("journal.db")).expect("copied");
    assert_eq!(other.rows().await, place.rows().await[..50]);
    std::fs::copy(place.path("master.key"), other.path("master.key")).expect("the master key is kept elsewhere");
    let journal = other.open().await;
    let key = other.signer(&journal).await.verifier();
    assert_eq!(Some(key.to_string()), Manifest::read(&place.path("backup")).expect("a manifest").verifier_key, "with its keys");
    journal.close().await;
}

#[tokio::test]
async fn a_target_that_is_not_empty_is_refused() {
    let place = Place::filled(2).await;
    backup(&what(&place, false)).await.expect("made");
    let refused = backup(&what(&place, false)).await.expect_err("a folder in use").to_string();
    assert!(refused.contains("expected a folder that is empty"), "{refused}");
    let onto = Restore { journal: place.path("journal.db"), ..back(&place, &place, false) };
    let before = place.rows().await;
    let refused = restore(&onto, |_| {}).await.expect_err("a journal is there").to_string();
    assert!(refused.contains("there is one already"), "{refused}");
    assert_eq!(place.rows().await, before);
}

#[tokio::test]
async fn keys_are_kept_apart() {
    let place = Place::filled(2).await;
    let beside = Backup { keys: Some((place.path("vault.db"), place.path("backup/keys.db"))), ..what(&place, true) };
    let refused = backup(&beside).await.expect_err("beside the journal").to_string();
    assert!(refused.contains("kept apart"), "{refused}");
    assert!(!place.path("backup").exists(), "nothing is left of it");
    backup(&what(&place, false)).await.expect("without keys");
    std::fs::write(place.path("keys.db"), "anything").expect("written");
    let refused = restore(&back(&place, &Place::empty(), true), |_| {}).await.expect_err("there were none").to_string();
    assert!(refused.contains("without keys"), "{refused}");
}

#[tokio::test]
async fn a_backup_that_was_changed_is_refused() {
    let place = Place::filled(20).await;
    backup(&what(&place, true)).await.expect("made");
    let (file, manifest, keys) = (place.path("backup/journal.db"), place.path("backup/manifest.json"), place.path("keys.db"));
    let whole = [&file, &manifest, &keys].map(|path| std::fs::read(path).expect("bytes"));
    let change = |path: &PathBuf, edit: &dyn Fn(&mut Vec<u8>)| {
        let mut bytes = std::fs::read(path).expect("bytes");
        edit(&mut bytes);
        std::fs::write(path, bytes).expect("written");
    };
    let text = |from: &'static str, to: &'static str| {
        move |bytes: &mut Vec<u8>| *bytes = String::from_utf8_lossy(bytes).replacen(from, to, 1).into_bytes()
    };
    let edits: [(&PathBuf, Edit<'_>, &str); 6] = [
        (&file, &|bytes| bytes[5000] ^= 1, "the file was changed"),
        (&file, &|bytes| bytes.truncate(8192), "the file was changed"),
        (&keys, &|bytes| bytes[5000] ^= 1, "the file was changed"),
        (&manifest, &text("\"position\": 20", "\"position\": 19"), "expected the head at position 19"),
        (&manifest, &text("\"version\": 1", "\"version\": 2"), "expected a backup of version 1"),
        (&manifest, &|bytes| bytes.truncate(10), "not the manifest of a backup"),
    ];
    for (path, edit, told) in edits {
        change(path, edit);
        let other = Place::empty();
        let refused = restore(&back(&place, &other, true), |_| {}).await.expect_err(told).to_string();
        assert!(refused.contains(told), "{refused} instead of {told}");
        let data = other.path("data");
        assert!(!data.exists() || names(data).is_empty(), "{told}: nothing was put there");
        assert_eq!(names(other.directory.path().to_owned()).iter().filter(|name| *name != "data").count(), 0, "{told}");
        for (path, bytes) in [&file, &manifest, &keys].into_iter().zip(&whole) {
            std::fs::write(path, bytes).expect("written");
        }
    }
}

#[tokio::test]
async fn another_key_than_the_one_that_signed_is_refused() {
    let (place, other) = (Place::filled(3).await, Place::empty());
    backup(&what(&place, false)).await.expect("made");
    let stranger = Signer::new(place.history().await.id(), &[3; 32]).verifier();
    let with_key = Restore { verifier: Some(stranger), ..back(&place, &other, false) };
    let refused = restore(&with_key, |_| {}).await.expect_err("another key").to_string();
    assert!(refused.contains("not signed by the key"), "{refused}");
    assert!(!other.path("data/journal.db").exists());
}

#[tokio::test]
async fn what_is_not_there_is_named() {
    let place = Place::empty();
    let refused = backup(&what(&place, false)).await.expect_err("no journal").to_string();
    assert!(refused.contains("journal.db"), "{refused}");
    assert!(!place.path("backup").exists());
    let refused = restore(&back(&place, &place, false), |_| {}).await.expect_err("no backup").to_string();
    assert!(refused.contains("manifest.json"), "{refused}");
}
