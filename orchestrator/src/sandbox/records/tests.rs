use domain::kernel::EnvironmentId;
use uuid::Uuid;

use super::{Record, Records};
use crate::{driver::DriverError, sandbox::processes::ProcessKey};

fn environment(number: u128) -> EnvironmentId {
    EnvironmentId(Uuid::from_u128(number))
}

/// Ids that nothing on any host runs under.
const UIDS: std::ops::Range<u32> = 4_000_000_000..4_000_000_002;

#[test]
fn no_two_sandboxes_share_a_user_id_also_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let records = Records::try_open(folder.path()).expect("opened");
    let first = records.claim(environment(1), Some(UIDS)).expect("claimed").uid;
    let reopened = Records::try_open(folder.path()).expect("opened");
    let second = reopened.claim(environment(2), Some(UIDS)).expect("claimed").uid;
    assert!(first.is_some() && second.is_some() && first != second);
    assert!(matches!(reopened.claim(environment(3), Some(UIDS)), Err(DriverError::Transient(_))));
    assert_eq!(reopened.claim(environment(1), Some(UIDS)).expect("claimed").uid, first);
    reopened.remove(environment(1)).expect("removed");
    assert_eq!(reopened.claim(environment(3), Some(UIDS)).expect("claimed").uid, first);
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let records = Records::try_open(folder.path()).expect("opened");
    assert_eq!(records.read(environment(1)).expect("read"), None);
    let record = Record { uid: Some(5), outer: Some(ProcessKey { pid: 1, started: 2 }), inner: None };
    records.write(environment(1), &record).expect("written");
    assert_eq!(records.read(environment(1)).expect("read"), Some(record));
    assert_eq!(records.list().expect("listed"), [environment(1)]);
    records.remove(environment(1)).expect("removed");
    records.remove(environment(1)).expect("removing twice is fine");
    assert_eq!(records.list().expect("listed"), []);
}
