//! What holds of every aggregate whatever it is asked, in whatever order.

mod cluster;
mod desk;
mod environment;
mod identity;
mod programme;
mod run;
mod scorecard;
mod session;
mod workshop;

use domain::{Decider, given, kernel::Timestamp};
use proptest::test_runner::TestCaseError;
use serde_json::to_value;

type Checked = Result<(), TestCaseError>;

/// An instant, in seconds.
fn at(seconds: u32) -> Timestamp {
    Timestamp::UNIX_EPOCH + chrono::TimeDelta::seconds(seconds.into())
}

/// Gives the commands one after the other, each at its time, and takes in what they decide. After each, the state is
/// what a replay of the history gives, and what a snapshot of it gives back. Returns what each command decided.
fn play<D: Decider>(commands: impl IntoIterator<Item = (D::Command, Timestamp)>) -> Vec<Result<Vec<D::Event>, D::Rejection>> {
    let mut state = D::default();
    let mut history: Vec<D::Event> = Vec::new();
    commands
        .into_iter()
        .map(|(command, now)| {
            let decided = state.decide(command, now);
            for event in decided.as_deref().unwrap_or_default() {
                state.evolve(event);
                history.push(event.clone());
            }
            let snapshot = to_value(&state).expect("a state is JSON");
            assert_eq!(to_value(given::<D>(history.clone())).expect("a state is JSON"), snapshot, "a replay");
            let restored: D = serde_json::from_value(snapshot.clone()).expect("the state that was written");
            assert_eq!(to_value(restored).expect("a state is JSON"), snapshot, "a snapshot");
            decided
        })
        .collect()
}

/// The events of all commands that were accepted.
fn events<E, R>(decided: Vec<Result<Vec<E>, R>>) -> Vec<E> {
    decided.into_iter().filter_map(Result::ok).flatten().collect()
}
