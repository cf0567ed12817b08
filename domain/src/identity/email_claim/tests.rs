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
