use std::collections::HashMap;

use super::{Process, ProcessKey, Snapshot};

const STATUS: &str =
    "Name:\tx\nUid:\t200000\t200000\t200000\t200000\nNSpid:\t77\t5\t2\nRssAnon:\t    40 kB\nRssShmem:\t  2 kB\nThreads:\t3\n";

fn stat(name: &str, state: char, parent: u32) -> String {
    format!("77 ({name}) {state} {parent} 70 71 0 -1 4194560 1 0 0 0 0 0 0 0 30 10 3 0 12345 1000 50")
}

#[test]
fn a_name_cannot_forge_the_fields_after_it() {
    let process = Process::parse(77, &stat("x) R 1 1 1", 'S', 9), STATUS).expect("it parses");
    assert_eq!((process.key, process.parent, process.session), (ProcessKey { pid: 77, started: 12345 }, 9, 71));
    assert_eq!((process.uid, process.threads, process.resident), (200_000, 3, 42 * 1024));
    assert_eq!(process.numbers, [77, 5, 2]);
    assert!(!process.zombie);
}

#[test]
fn a_zombie_is_not_alive() {
    let process = Process::parse(77, &stat("x", 'Z', 9), STATUS).expect("it parses");
    assert!(process.zombie);
}

#[test]
fn descent_is_followed_and_a_circle_ends() {
    let process = |pid, parent| (pid, Process { parent, ..Process::parse(pid, &stat("x", 'S', 0), STATUS).expect("it parses") });
    let snapshot = Snapshot(HashMap::from([process(2, 1), process(3, 2), process(4, 5), process(5, 4)]));
    assert!(snapshot.stems_from(3, 2) && snapshot.stems_from(3, 3) && snapshot.stems_from(3, 1));
    assert!(!snapshot.stems_from(2, 3) && !snapshot.stems_from(4, 1));
}

#[test]
fn this_process_is_itself_and_alive() {
    let own = ProcessKey::of(std::process::id()).expect("it runs");
    assert!(own.is_alive());
    assert!(!ProcessKey { started: own.started + 1, ..own }.is_alive());
}
