//! What is not read and not written, because it would tell nothing.

use chrono::TimeDelta;
use domain::Decider;
use journal::StreamId;
use uuid::Uuid;

use super::{
    NO_SNAPSHOTS, dispatcher,
    fixtures::{Tally, journal},
};
use crate::{streams::snapshots::is_due, system_clock};

#[test]
fn the_longer_a_stream_the_longer_until_its_next_snapshot() {
    let mut taken = vec![0];
    for version in 1..=20_000 {
        if is_due(100, taken[taken.len() - 1], version, false) {
            taken.push(version);
        }
    }
    assert_eq!(taken[..7], [0, 100, 200, 300, 450, 675, 1012]);
    let written: i64 = taken.iter().sum();
    assert!(written <= 4 * 20_000, "{written}");
    assert!(!is_due(0, 0, 1_000_000, false));
    assert!(!is_due(100, 450, 4499, true), "many want it");
    assert!(is_due(100, 450, 4500, true) && is_due(100, 0, 100, true));
}

#[tokio::test]
async fn a_stream_named_when_a_command_began_is_new_however_long_that_waited() {
    let journal = journal().await;
    let dispatcher = dispatcher(&journal, NO_SNAPSHOTS).await;
    let (begun, minute) = (system_clock(), TimeDelta::minutes(1));
    let stream = StreamId::new(Tally::STREAM, Uuid::now_v7());
    drop(dispatcher.streams.ground::<Tally>(&stream, Some(begun), true).await.expect("readable"));
    assert_eq!(journal.loads(), 0);
    dispatcher.streams.forget(&stream);
    drop(dispatcher.streams.ground::<Tally>(&stream, Some(begun + minute), true).await.expect("readable"));
    assert_eq!(journal.loads(), 1, "it was named long before");
}
