use uuid::Uuid;

use super::{EmailClaim, EmailClaimCommand, EmailClaimEvent, Rejection};
use crate::{
    Decider, given,
    kernel::{AccountId, Timestamp},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOB: AccountId = AccountId(Uuid::from_u128(2));

#[test]
fn a_free_address_goes_to_whoever_claims_it() {
    let outcome = EmailClaim::Free.decide(EmailClaimCommand::Claim { account: ADA }, Timestamp::UNIX_EPOCH);
    assert_eq!(outcome, Ok(vec![EmailClaimEvent::Claimed { account: ADA }]));
}

#[test]
fn an_address_that_is_held_is_taken_for_everybody() {
    let held: EmailClaim = given([EmailClaimEvent::Claimed { account: ADA }]);
    for account in [ADA, BOB] {
        assert_eq!(held.decide(EmailClaimCommand::Claim { account }, Timestamp::UNIX_EPOCH), Err(Rejection::EmailTaken));
    }
}

#[test]
fn an_address_that_is_given_up_is_free_again() {
    let held: EmailClaim = given([EmailClaimEvent::Claimed { account: ADA }]);
    let release = |account| EmailClaimCommand::Release { account };
    assert_eq!(held.decide(release(BOB), Timestamp::UNIX_EPOCH), Ok(vec![]), "it is not Bob's");
    let released = held.decide(release(ADA), Timestamp::UNIX_EPOCH).expect("hers");
    assert_eq!(released, [EmailClaimEvent::Released { account: ADA }]);
    let free: EmailClaim = given([EmailClaimEvent::Claimed { account: ADA }, released[0].clone()]);
    assert_eq!(free.decide(release(ADA), Timestamp::UNIX_EPOCH), Ok(vec![]));
    let claimed = free.decide(EmailClaimCommand::Claim { account: BOB }, Timestamp::UNIX_EPOCH);
    assert_eq!(claimed, Ok(vec![EmailClaimEvent::Claimed { account: BOB }]));
}

#[test]
fn a_forgotten_password_is_taken_down_whether_anybody_has_the_address_or_not() {
    let asked = EmailClaimEvent::ResetAsked { language: None };
    for history in [vec![], vec![EmailClaimEvent::Claimed { account: ADA }]] {
        let claim: EmailClaim = given(history.clone());
        assert_eq!(claim.decide(EmailClaimCommand::AskReset { language: None }, Timestamp::UNIX_EPOCH), Ok(vec![asked.clone()]));
        let after: EmailClaim = given(history.into_iter().chain([asked.clone()]));
        assert_eq!(format!("{after:?}"), format!("{claim:?}"));
    }
}

#[test]
fn an_address_that_is_kept_is_its_owners_alone_to_take_back_until_then() {
    let until = Timestamp::UNIX_EPOCH + chrono::TimeDelta::days(7);
    let held: EmailClaim = given([EmailClaimEvent::Claimed { account: ADA }]);
    let kept = EmailClaimEvent::Kept { account: ADA, until };
    let keep = |account| EmailClaimCommand::Keep { account, until };
    assert_eq!(held.decide(keep(ADA), Timestamp::UNIX_EPOCH), Ok(vec![kept.clone()]));
    assert_eq!(held.decide(keep(BOB), Timestamp::UNIX_EPOCH), Ok(vec![]), "it is not Bob's");
    let kept: EmailClaim = given([EmailClaimEvent::Claimed { account: ADA }, kept]);
    let claim = |account| EmailClaimCommand::Claim { account };
    assert_eq!(kept.decide(claim(BOB), until - chrono::TimeDelta::seconds(1)), Err(Rejection::EmailTaken));
    assert_eq!(kept.decide(claim(BOB), until), Ok(vec![EmailClaimEvent::Claimed { account: BOB }]));
    assert_eq!(kept.decide(claim(ADA), Timestamp::UNIX_EPOCH), Ok(vec![EmailClaimEvent::Claimed { account: ADA }]));
    let release = EmailClaimCommand::Release { account: ADA };
    assert_eq!(kept.decide(release, Timestamp::UNIX_EPOCH), Ok(vec![EmailClaimEvent::Released { account: ADA }]));
}
