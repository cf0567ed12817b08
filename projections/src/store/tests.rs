use std::collections::BTreeSet;

use super::{file_name, remove_others};

fn name(parts: &[(&str, u32, &str)]) -> String {
    file_name(parts.iter().map(|(name, version, shape)| (*name, *version, (*shape).to_owned())))
}

#[test]
fn every_part_of_every_read_model_names_the_generation() {
    let parts = [("accounts", 1, ""), ("leaderboard", 1, "UTC")];
    let others = [
        name(&parts),
        name(&[("accounts", 2, ""), ("leaderboard", 1, "UTC")]),
        name(&[("accounts", 1, ""), ("leaderboard", 1, "Europe/Berlin")]),
        name(&[("accounts", 1, ""), ("leaderboards", 1, "UTC")]),
        name(&[("accounts", 1, "")]),
    ];
    assert_eq!(others.iter().collect::<BTreeSet<_>>().len(), others.len());
    assert_eq!(name(&parts), others[0], "the same build opens the same file");
}

#[test]
fn only_files_of_other_generations_are_removed() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str| directory.path().join(name);
    let kept =
        ["read-models-0000000000000001.db", "read-models-0000000000000001.db-wal", "read-models-mine.db", "journal.db", "vault.db-wal"];
    let gone = ["read-models-0000000000000002.db", "read-models-0000000000000002.db-wal", "read-models-0000000000000002.db-shm"];
    for name in kept.iter().chain(&gone) {
        std::fs::write(file(name), "").expect("a file");
    }
    assert_eq!(remove_others(&file(kept[0])).expect("a directory that can be read"), gone.len());
    assert!(kept.iter().all(|name| file(name).exists()));
    assert!(gone.iter().all(|name| !file(name).exists()));
}
