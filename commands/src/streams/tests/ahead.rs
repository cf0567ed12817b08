//! What is decided on while it is queued.

use std::sync::Arc;

use futures_util::future::join_all;
use journal::Succession;
use serde_json::json;
use uuid::Uuid;

use super::{
    NO_SNAPSHOTS, OLD, dispatcher,
    fixtures::{Full, Tally, TallyCommand, TallyEvent, journal},
    tell,
};
use crate::{
    Dispatcher, Fault, Outcome, Request,
    authorization::{Act, Needs},
    dispatch::Operation,
    streams::{Cell, New, State},
};

fn added(by: i64, sum: i64) -> New<Tally> {
    Arc::new(vec![(Uuid::now_v7(), TallyEvent::Added { by, sum })])
}

/// Version and sum, as somebody sees them who has a turn, or has none; and whether that may yet not be written.
fn seen(cell: &Cell<Tally>, has_turn: bool) -> (i64, i64, bool) {
    let (seen, succession) = cell.look_ahead(has_turn, |state| (state.version, state.value.sum)).expect("sound");
    (seen.0, seen.1, succession.is_some())
}

#[test]
fn who_has_the_turn_sees_what_is_queued_and_others_what_is_written() {
    let (cell, succession) = (Cell::<Tally>::new(State::default()), Succession::default());
    let (first, second) = (added(1, 1), added(2, 3));
    cell.go_ahead(&succession, 0, &first);
    cell.go_ahead(&succession, 1, &second);
    assert_eq!((seen(&cell, false), seen(&cell, true)), ((0, 0, false), (2, 3, true)));
    // Whoever comes later says so first.
    cell.with(|state| state.append_in_order(1, second)).expect("sound");
    assert_eq!(seen(&cell, false), (0, 0, false));
    cell.with(|state| state.append_in_order(0, first)).expect("sound");
    cell.catch_up_with_ahead();
    assert_eq!((seen(&cell, false), seen(&cell, true)), ((2, 3, false), (2, 3, false)));
}

#[test]
fn what_follows_on_what_is_not_written_is_not_decided_on() {
    let (cell, succession) = (Cell::<Tally>::new(State::default()), Succession::default());
    cell.go_ahead(&succession, 0, &added(1, 1));
    assert!(cell.is_ahead());
    succession.fail();
    assert!(!cell.is_ahead());
    assert_eq!(seen(&cell, true), (0, 0, false));
    let other = Succession::default();
    cell.go_ahead(&other, 0, &added(5, 5));
    assert_eq!(seen(&cell, true), (1, 5, true));
    cell.go_ahead(&other, 7, &added(1, 6));
    assert_eq!(seen(&cell, true), (0, 0, false), "what came between is not known");
}

#[tokio::test]
async fn what_leads_to_nothing_waits_until_what_it_was_decided_on_is_written() {
    let (cell, succession) = (Arc::new(Cell::<Tally>::new(State::default())), Succession::default());
    let first = added(1, 1);
    let id = first[0].0;
    cell.go_ahead(&succession, 0, &first);
    let waits = tokio::spawn({
        let (cell, succession) = (Arc::clone(&cell), succession.clone());
        async move { cell.is_written((1, id), &succession).await }
    });
    tokio::task::yield_now().await;
    cell.with(|state| state.append_in_order(0, first)).expect("sound");
    cell.catch_up_with_ahead();
    assert!(waits.await.expect("no panic"));
    assert!(!cell.is_written((1, Uuid::now_v7()), &succession).await, "at that place is another event");
    succession.fail();
    assert!(!cell.is_written((2, id), &succession).await);
}

#[tokio::test]
async fn a_succession_ends_so_that_others_have_their_chance() {
    let (cell, succession) = (Cell::<Tally>::new(State::default()), Succession::default());
    let mut going = 0;
    while cell.may_go_on() {
        cell.go_ahead(&succession, going, &added(1, going + 1));
        going += 1;
        assert!(going < 1000, "it goes on for ever");
    }
    assert!(cell.is_ahead());
    succession.fail();
    assert!(cell.may_go_on(), "another one may begin");
}

/// As [`super::tell`], by who goes ahead.
async fn go_ahead(dispatcher: &Dispatcher, command: TallyCommand) -> Result<Outcome<(), Full>, Fault> {
    let act = Act { name: "tally", needs: Needs::Program, dangerous: false, takes_password: false, enrolling: false };
    let operation = Operation::new(act, json!({})).going_ahead();
    dispatcher.command::<Tally>(&Request::system("test"), operation, OLD, || command.clone()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_goes_ahead_and_who_does_not_come_to_the_same_and_no_further_than_the_rule() {
    let journal = journal().await;
    let nodes = [dispatcher(&journal, NO_SNAPSHOTS).await, dispatcher(&journal, NO_SNAPSHOTS).await];
    let all = (0..130).map(|turn| {
        let node = &nodes[usize::from(turn % 13 == 0)];
        async move { if turn % 10 == 0 { tell(node, TallyCommand::Add(1)).await } else { go_ahead(node, TallyCommand::Add(1)).await } }
    });
    let (mut added, mut full) = (0, 0);
    for told in join_all(all).await {
        match told.expect("told") {
            Outcome::Accepted(_) => added += 1,
            Outcome::Rejected(Full) => full += 1,
        }
    }
    assert_eq!((added, full), (100, 30));
    for node in &nodes {
        assert_eq!(node.state::<Tally>(OLD).await.expect("readable").sum, 100);
    }
}
