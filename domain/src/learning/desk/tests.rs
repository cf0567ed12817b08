use uuid::Uuid;

use super::{Desk, DeskCommand, DeskEvent, Rejection};
use crate::{
    Decider, given,
    kernel::{Plan, SessionId, Timestamp, WorkshopId},
};

const fn session(n: u128) -> SessionId {
    SessionId(Uuid::from_u128(n))
}

const fn workshop(n: u128) -> WorkshopId {
    WorkshopId(Uuid::from_u128(n))
}

const fn taken(n: u128, active: u32) -> DeskEvent {
    DeskEvent::Taken { session: session(n), workshop: workshop(n), active }
}

const fn cleared(n: u128, active: u32) -> DeskEvent {
    DeskEvent::Cleared { session: session(n), workshop: workshop(n), active }
}

fn when(history: &[DeskEvent], command: DeskCommand) -> Result<Vec<DeskEvent>, Rejection> {
    given::<Desk>(history.to_vec()).decide(command, Timestamp::UNIX_EPOCH)
}

const fn take(n: u128, cap: u32) -> DeskCommand {
    DeskCommand::Take { session: session(n), workshop: workshop(n), plan: Plan::Team, cap }
}

const fn refused(cap: u32, active: u32) -> Rejection {
    Rejection::TooManyActive { cap, active, plan: Plan::Team }
}

const fn clear(n: u128) -> DeskCommand {
    DeskCommand::Clear { session: session(n), workshop: workshop(n) }
}

#[test]
fn sessions_are_taken_up_to_the_cap() {
    assert_eq!(when(&[], take(1, 2)), Ok(vec![taken(1, 1)]));
    assert_eq!(when(&[taken(1, 1)], take(2, 2)), Ok(vec![taken(2, 2)]));
    assert_eq!(when(&[taken(1, 1), taken(2, 2)], take(3, 2)), Err(refused(2, 2)));
    assert_eq!(when(&[], take(1, 0)), Err(refused(0, 0)));
}

#[test]
fn a_cap_that_was_lowered_holds_for_what_comes_next() {
    assert_eq!(when(&[taken(1, 1), taken(2, 2), taken(3, 3)], take(4, 1)), Err(refused(1, 3)));
}

#[test]
fn a_second_session_of_one_workshop_is_refused_and_the_first_named_even_at_the_cap() {
    let again = DeskCommand::Take { session: session(9), workshop: workshop(1), plan: Plan::Team, cap: 1 };
    assert_eq!(when(&[taken(1, 1)], again), Err(Rejection::AlreadyActive { session: session(1) }));
}

#[test]
fn a_cleared_place_is_free_again() {
    assert_eq!(when(&[taken(1, 1)], clear(1)), Ok(vec![cleared(1, 0)]));
    assert_eq!(when(&[taken(1, 1), cleared(1, 0)], take(1, 1)), Ok(vec![taken(1, 1)]));
}

#[test]
fn clearing_what_is_not_there_changes_nothing() {
    assert_eq!(when(&[], clear(1)), Ok(vec![]));
    assert_eq!(when(&[taken(1, 1), cleared(1, 0)], clear(1)), Ok(vec![]));
}

#[test]
fn a_late_clearing_leaves_the_workshops_next_session_alone() {
    let next = DeskEvent::Taken { session: session(9), workshop: workshop(1), active: 1 };
    assert_eq!(when(&[taken(1, 1), cleared(1, 0), next], clear(1)), Ok(vec![]));
}
