use std::time::{Duration, SystemTime};

use super::remove_files;

#[test]
fn only_files_of_other_generations_that_nobody_uses_are_removed() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = |name: &str| directory.path().join(name);
    let kept = [
        "read-models-0000000000000001.db",
        "read-models-0000000000000001.db-wal",
        "read-models-mine.db",
        "journal.db",
        "vault.db-wal",
        "read-models-0000000000000003.db",
    ];
    let gone = ["read-models-0000000000000002.db", "read-models-0000000000000002.db-wal", "read-models-0000000000000002.db-shm"];
    let old = SystemTime::now() - Duration::from_hours(2);
    for name in kept.iter().chain(&gone) {
        let file = std::fs::File::create(file(name)).expect("a file");
        file.set_modified(old).expect("an old file");
    }
    std::fs::File::open(file(kept[5])).and_then(|file| file.set_modified(SystemTime::now())).expect("a file in use");
    assert_eq!(remove_files(&file(kept[0]), Duration::from_hours(1)).expect("a directory that can be read"), 1);
    assert!(kept.iter().all(|name| file(name).exists()));
    assert!(gone.iter().all(|name| !file(name).exists()));
    assert_eq!(remove_files(&file(kept[0]), Duration::ZERO).expect("a directory that can be read"), 1, "without grace all go");
}
