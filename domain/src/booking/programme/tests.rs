use chrono::TimeDelta;
use uuid::Uuid;

use super::{Programme, ProgrammeCommand, ProgrammeEvent, Rejection, Room, Showing};
use crate::{
    Decider, given,
    kernel::{Plan, RunId, Timestamp},
};

const fn run(n: u128) -> RunId {
    RunId(Uuid::from_u128(n))
}

/// So many hours from the beginning on.
fn at(hours: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + TimeDelta::hours(hours)
}

fn showing(n: u128, until: i64) -> Showing {
    Showing { run: run(n), until: at(until) }
}

fn filled(runs: &[(u128, i64)], over: &[u128], count: u32) -> ProgrammeEvent {
    let runs = runs.iter().map(|(n, until)| showing(*n, *until)).collect();
    ProgrammeEvent::Filled { runs, over: over.iter().map(|n| run(*n)).collect(), count }
}

const fn cleared(n: u128, count: u32) -> ProgrammeEvent {
    ProgrammeEvent::Cleared { run: run(n), count }
}

/// Where there is room for three.
fn put(runs: &[(u128, i64)]) -> ProgrammeCommand {
    let runs = runs.iter().map(|(n, until)| showing(*n, *until)).collect();
    ProgrammeCommand::Put { runs, room: Some(Room { plan: Plan::Team, cap: 3 }) }
}

fn when(history: &[ProgrammeEvent], hours: i64, command: ProgrammeCommand) -> Result<Vec<ProgrammeEvent>, Rejection> {
    given::<Programme>(history.to_vec()).decide(command, at(hours))
}

const fn exceeded(used: u32) -> Rejection {
    Rejection::RunsExceeded { limit: 3, used, plan: Plan::Team }
}

#[test]
fn runs_are_put_on_up_to_the_limit() {
    assert_eq!(when(&[], 0, put(&[(1, 8)])), Ok(vec![filled(&[(1, 8)], &[], 1)]));
    let two = [filled(&[(1, 8), (2, 8)], &[], 2)];
    assert_eq!(when(&two, 0, put(&[(3, 8)])), Ok(vec![filled(&[(3, 8)], &[], 3)]));
    let three = [filled(&[(1, 8), (2, 8), (3, 8)], &[], 3)];
    assert_eq!(when(&three, 0, put(&[(4, 8)])), Err(exceeded(3)));
}

#[test]
fn of_a_series_all_are_put_on_or_none() {
    let one = [filled(&[(1, 8)], &[], 1)];
    assert_eq!(when(&one, 0, put(&[(2, 8), (3, 9)])), Ok(vec![filled(&[(2, 8), (3, 9)], &[], 3)]));
    assert_eq!(when(&one, 0, put(&[(2, 8), (3, 9), (4, 10)])), Err(exceeded(1)));
    assert_eq!(when(&[], 0, put(&[(1, 8), (2, 8), (3, 8), (4, 8)])), Err(exceeded(0)));
}

#[test]
fn what_is_over_counts_no_more_and_is_forgotten() {
    let three = [filled(&[(1, 8), (2, 8), (3, 9)], &[], 3)];
    assert_eq!(when(&three, 7, put(&[(4, 20)])), Err(exceeded(3)));
    let later = filled(&[(4, 20)], &[1, 2], 2);
    assert_eq!(when(&three, 8, put(&[(4, 20)])), Ok(vec![later.clone()]), "it is over when it ends");
    let after = given::<Programme>(three.into_iter().chain([later]));
    assert_eq!((after.count(at(8)), after.count(at(9)), after.count(at(20))), (2, 1, 0));
}

#[test]
fn what_was_moved_is_the_same_run() {
    let three = [filled(&[(1, 8), (2, 8), (3, 8)], &[], 3)];
    assert_eq!(when(&three, 0, put(&[(1, 8)])), Ok(vec![]), "to where it was");
    assert_eq!(when(&three, 0, put(&[(1, 9)])), Ok(vec![filled(&[(1, 9)], &[], 3)]));
    // What was over already comes again: it is one more.
    let full = [filled(&[(1, 2), (2, 8), (3, 8), (4, 8)], &[], 4)];
    assert_eq!(when(&full, 3, put(&[(1, 9)])), Err(exceeded(3)));
    let less = [filled(&[(1, 2), (2, 8), (3, 8)], &[], 3)];
    assert_eq!(when(&less, 3, put(&[(1, 9)])), Ok(vec![filled(&[(1, 9)], &[], 3)]));
}

#[test]
fn whoever_has_too_many_moves_them_and_puts_on_no_more() {
    let many = [filled(&[(1, 8), (2, 8), (3, 8), (4, 8), (5, 8)], &[], 5)];
    assert_eq!(when(&many, 0, put(&[(1, 9)])), Ok(vec![filled(&[(1, 9)], &[], 5)]));
    assert_eq!(when(&many, 0, put(&[(6, 8)])), Err(exceeded(5)));
}

#[test]
fn who_is_held_to_nothing_puts_on_all_they_want() {
    let runs: Vec<_> = (1..=5).map(|n| showing(n, 8)).collect();
    let put = ProgrammeCommand::Put { runs, room: None };
    assert_eq!(when(&[], 0, put), Ok(vec![filled(&[(1, 8), (2, 8), (3, 8), (4, 8), (5, 8)], &[], 5)]));
}

#[test]
fn what_is_called_off_leaves_room() {
    let three = [filled(&[(1, 8), (2, 8), (3, 8)], &[], 3)];
    let clear = |n| ProgrammeCommand::Clear { run: run(n) };
    assert_eq!(when(&three, 0, clear(1)), Ok(vec![cleared(1, 2)]));
    assert_eq!(when(&three, 0, clear(9)), Ok(vec![]), "it is from before runs were counted");
    let after = [three[0].clone(), cleared(1, 2)];
    assert_eq!(when(&after, 0, clear(1)), Ok(vec![]));
    assert_eq!(when(&after, 0, put(&[(4, 8)])), Ok(vec![filled(&[(4, 8)], &[], 3)]));
}
