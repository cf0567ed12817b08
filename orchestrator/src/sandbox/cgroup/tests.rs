use std::fs;

use domain::{kernel::EnvironmentId, workshops::content::EnvironmentNeeds};
use uuid::Uuid;

use super::{make, require};
use crate::sandbox::limits::Limits;

#[test]
fn both_controllers_are_required() {
    let parent = tempfile::tempdir().expect("a folder");
    assert!(require(parent.path()).is_err());
    fs::write(parent.path().join("cgroup.subtree_control"), "memory\n").expect("written");
    assert!(require(parent.path()).expect_err("pids is missing").to_string().contains("no pids controller"));
    fs::write(parent.path().join("cgroup.subtree_control"), "cpu memory pids\n").expect("written");
    require(parent.path()).expect("both are there");
}

#[test]
fn the_limits_cover_processes_and_file_systems() {
    let parent = tempfile::tempdir().expect("a folder");
    let limits = Limits::from(&EnvironmentNeeds::default());
    let cgroup = make(parent.path(), EnvironmentId(Uuid::from_u128(7)), &limits).expect("made");
    // 256 of memory, 64 of home, and twice 32 of scratch space.
    assert_eq!(fs::read_to_string(cgroup.join("memory.max")).expect("written"), (384_u64 << 20).to_string());
    assert_eq!(fs::read_to_string(cgroup.join("pids.max")).expect("written"), "224");
}
