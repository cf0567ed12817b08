use uuid::Uuid;

use super::*;
use crate::given;

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const ROOT: AccountId = AccountId(Uuid::from_u128(2));
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn reason() -> ErasureReason {
    ErasureReason::try_new("case 12/2026").expect("a reason")
}

fn placed() -> LegalHoldEvent {
    LegalHoldEvent::Placed { by: Some(ROOT), reason: reason() }
}

fn released() -> LegalHoldEvent {
    LegalHoldEvent::Released { by: Some(ROOT), reason: reason() }
}

fn release(by: AccountId) -> LegalHoldCommand {
    LegalHoldCommand::Release { account: ADA, by: Some(by), reason: reason() }
}

#[test]
fn who_is_on_hold_is_not_erased_until_it_is_released() {
    let held = given::<LegalHold>([placed()]);
    assert_eq!(held.decide(LegalHoldCommand::Close, NOW), Err(Rejection::OnHold));
    assert_eq!(held.decide(release(ROOT), NOW), Ok(vec![released()]));
    let free = given::<LegalHold>([placed(), released()]);
    assert_eq!(free.decide(LegalHoldCommand::Close, NOW), Ok(vec![LegalHoldEvent::Closed]));
}

#[test]
fn a_hold_is_placed_once_and_not_released_by_whom_it_is_on() {
    let place = || LegalHoldCommand::Place { by: Some(ROOT), reason: reason() };
    let free = LegalHold::default();
    assert_eq!(free.decide(place(), NOW), Ok(vec![placed()]));
    assert_eq!(free.decide(release(ROOT), NOW), Err(Rejection::NotOnHold));
    let held = given::<LegalHold>([placed()]);
    assert_eq!(held.decide(place(), NOW), Err(Rejection::OnHold));
    assert_eq!(held.decide(release(ADA), NOW), Err(Rejection::OwnHold));
}

#[test]
fn nobody_is_held_who_was_erased() {
    let closed = given::<LegalHold>([LegalHoldEvent::Closed]);
    let place = LegalHoldCommand::Place { by: None, reason: reason() };
    assert_eq!(closed.decide(place, NOW), Err(Rejection::Erased));
    assert_eq!(closed.decide(LegalHoldCommand::Close, NOW), Err(Rejection::Erased));
}
