//! What is decided on while it is queued.

use std::sync::Arc;

use journal::Succession;
use uuid::Uuid;

use super::fixtures::{Tally, TallyEvent};
use crate::streams::{Cell, New, State};

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
    cell.go_ahead(&succession, 0, &first);
    let waits = tokio::spawn({
        let (cell, succession) = (Arc::clone(&cell), succession.clone());
        async move { cell.is_written(1, &succession).await }
    });
    tokio::task::yield_now().await;
    cell.with(|state| state.append_in_order(0, first)).expect("sound");
    cell.catch_up_with_ahead();
    assert!(waits.await.expect("no panic"));
    succession.fail();
    assert!(!cell.is_written(2, &succession).await);
}
