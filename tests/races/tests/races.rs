//! Runs that many want into at once, on whichever engine this is for: `RACES`, `RACERS`, `RACE_PLACES`
//! and `RACE_SEED` make it more and larger.

use std::{env::VarError, sync::Arc};

use test_races::{Course, Size};
use test_stores::Stores;

/// A number from the environment, or what is usual.
fn number(name: &str, usual: u64) -> u64 {
    match std::env::var(name) {
        Ok(number) => number.parse().unwrap_or_else(|_| panic!("{name} is a number, not {number}")),
        Err(VarError::NotPresent) => usual,
        Err(error) => panic!("{name}: {error}"),
    }
}

/// Fifty want each place: most of them change their minds, have no money or are late. A client asks for as many as it can. Every second
/// race is for a run whose organiser approves each.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn as_many_come_as_there_are_places_and_none_is_idle_while_somebody_waits() {
    let stores = Stores::init().await;
    let people = number("RACERS", 300);
    let places = u32::try_from(number("RACE_PLACES", people / 50)).expect("not too many");
    let size = Size { people: usize::try_from(people).expect("not too many"), places, clients: 256 };
    let mut nodes = vec![(Arc::clone(&stores.vault), Arc::clone(&stores.journal))];
    nodes.extend(stores.of_another_process().await);
    let course = Arc::new(Course::lay(&nodes, size).await.expect("a course"));
    let first = number("RACE_SEED", 1);
    for seed in first..first + number("RACES", 3) {
        let verified = course.race(seed).await.unwrap_or_else(|fault| panic!("{fault}"));
        assert!(verified.told.offers > 0 && verified.told.lapses > 0 && verified.told.refunds > 0, "{verified:?}");
    }
}
