use uuid::Uuid;

use super::{Rejection, Room, Shelf, ShelfCommand, ShelfEvent};
use crate::{
    Decider, given,
    kernel::{Mebibytes, Plan, Timestamp, WorkshopId},
};

const MEBIBYTE: u64 = 1 << 20;

const fn workshop(n: u128) -> WorkshopId {
    WorkshopId(Uuid::from_u128(n))
}

const fn filled(n: u128, bytes: u64, used: u64) -> ShelfEvent {
    ShelfEvent::Filled { workshop: workshop(n), bytes, used }
}

/// On a shelf with room for one mebibyte.
const fn put(n: u128, bytes: u64) -> ShelfCommand {
    ShelfCommand::Put { workshop: workshop(n), bytes, room: Some(Room { plan: Plan::Team, cap: Mebibytes(1) }) }
}

fn when(history: &[ShelfEvent], command: ShelfCommand) -> Result<Vec<ShelfEvent>, Rejection> {
    given::<Shelf>(history.to_vec()).decide(command, Timestamp::UNIX_EPOCH)
}

const fn exceeded(used: u64) -> Rejection {
    Rejection::StorageExceeded { limit: MEBIBYTE, used, plan: Plan::Team }
}

#[test]
fn a_shelf_is_filled_to_the_last_byte_and_no_further() {
    assert_eq!(when(&[], put(1, MEBIBYTE)), Ok(vec![filled(1, MEBIBYTE, MEBIBYTE)]));
    assert_eq!(when(&[], put(1, MEBIBYTE + 1)), Err(exceeded(0)));
    let some = [filled(1, 1000, 1000)];
    assert_eq!(when(&some, put(2, MEBIBYTE - 1000)), Ok(vec![filled(2, MEBIBYTE - 1000, MEBIBYTE)]));
    assert_eq!(when(&some, put(2, MEBIBYTE - 999)), Err(exceeded(1000)));
    assert_eq!(when(&[], put(1, u64::MAX)), Err(exceeded(0)));
}

#[test]
fn what_a_workshop_took_before_counts_no_more() {
    let history = [filled(1, 1000, 1000), filled(2, 50, 1050)];
    assert_eq!(when(&history, put(1, 1000)), Ok(vec![]), "the same again");
    assert_eq!(when(&history, put(1, 10)), Ok(vec![filled(1, 10, 60)]));
    assert_eq!(when(&history, put(1, MEBIBYTE - 50)), Ok(vec![filled(1, MEBIBYTE - 50, MEBIBYTE)]));
}

#[test]
fn whoever_has_too_much_can_make_it_less_and_not_more() {
    let history = [filled(1, 3 * MEBIBYTE, 3 * MEBIBYTE)];
    assert_eq!(when(&history, put(1, 2 * MEBIBYTE)), Ok(vec![filled(1, 2 * MEBIBYTE, 2 * MEBIBYTE)]));
    assert_eq!(when(&history, put(1, 3 * MEBIBYTE)), Ok(vec![]));
    assert_eq!(when(&history, put(2, 1)), Err(exceeded(3 * MEBIBYTE)));
}

#[test]
fn who_is_held_to_nothing_fills_it_all_the_same() {
    let put = ShelfCommand::Put { workshop: workshop(1), bytes: 5 * MEBIBYTE, room: None };
    assert_eq!(when(&[], put), Ok(vec![filled(1, 5 * MEBIBYTE, 5 * MEBIBYTE)]));
}

#[test]
fn what_is_cleared_leaves_room() {
    let history = [filled(1, 1000, 1000), filled(2, 50, 1050)];
    let cleared = ShelfEvent::Cleared { workshop: workshop(1), used: 50 };
    let clear = || ShelfCommand::Clear { workshop: workshop(1) };
    assert_eq!(when(&history, clear()), Ok(vec![cleared.clone()]));
    let after: Vec<_> = history.into_iter().chain([cleared]).collect();
    assert_eq!(given::<Shelf>(after.clone()).used(), 50);
    assert_eq!(when(&after, clear()), Ok(vec![]));
}
