use uuid::Uuid;

use super::{Export, ExportCommand, ExportEvent, OFFERED, Rejection};
use crate::{
    Decider, given,
    identity::ErasureReason,
    kernel::{AccountId, SignInId, Timestamp},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOB: AccountId = AccountId(Uuid::from_u128(2));
const SIGN_IN: Option<SignInId> = Some(SignInId(Uuid::from_u128(3)));
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn requested() -> ExportEvent {
    ExportEvent::Requested { account: ADA, by: Some(ADA), sign_in: SIGN_IN, reason: None, expires_at: NOW + OFFERED }
}

#[test]
fn ones_own_needs_no_reason_and_somebody_elses_does() {
    let offer = |by, reason| Export::Absent.decide(ExportCommand::Offer { account: ADA, by, sign_in: SIGN_IN, reason }, NOW);
    assert_eq!(offer(Some(ADA), None), Ok(vec![requested()]));
    assert_eq!(offer(Some(BOB), None), Err(Rejection::ReasonRequired));
    let reason = ErasureReason::try_new("asked for by letter").ok();
    let expected =
        ExportEvent::Requested { account: ADA, by: Some(BOB), sign_in: SIGN_IN, reason: reason.clone(), expires_at: NOW + OFFERED };
    assert_eq!(offer(Some(BOB), reason), Ok(vec![expected]));
    assert!(offer(None, None).is_ok(), "a part of the program");
}

#[test]
fn it_is_fetched_once_and_in_time() {
    let offered: Export = given([requested()]);
    let fetched = ExportEvent::Fetched { account: ADA };
    let last = NOW + OFFERED - chrono::TimeDelta::microseconds(1);
    assert_eq!(offered.decide(ExportCommand::Fetch, last), Ok(vec![fetched.clone()]));
    assert_eq!(offered.decide(ExportCommand::Fetch, NOW + OFFERED), Err(Rejection::ExportInvalid));
    let gone: Export = given([requested(), fetched]);
    assert_eq!(gone.decide(ExportCommand::Fetch, NOW), Err(Rejection::ExportInvalid));
}

#[test]
fn what_was_not_offered_is_not_fetched_and_nothing_is_offered_twice() {
    assert_eq!(Export::Absent.decide(ExportCommand::Fetch, NOW), Err(Rejection::ExportInvalid));
    let offered: Export = given([requested()]);
    let again = ExportCommand::Offer { account: BOB, by: Some(BOB), sign_in: SIGN_IN, reason: None };
    assert_eq!(offered.decide(again, NOW), Err(Rejection::ExportInvalid));
}
