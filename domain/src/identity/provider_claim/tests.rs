use uuid::Uuid;

use super::{ProviderClaim, ProviderClaimCommand as Command, ProviderClaimEvent as Happened, Rejection};
use crate::{
    Decider, given,
    kernel::{AccountId, Timestamp},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOB: AccountId = AccountId(Uuid::from_u128(2));

fn when(history: &[Happened], command: Command) -> Result<Vec<Happened>, Rejection> {
    given::<ProviderClaim>(history.to_vec()).decide(command, Timestamp::UNIX_EPOCH)
}

#[test]
fn a_person_at_a_provider_signs_in_to_one_account() {
    let claimed = Happened::Claimed { account: ADA };
    assert_eq!(when(&[], Command::Claim { account: ADA }), Ok(vec![claimed.clone()]));
    assert_eq!(when(std::slice::from_ref(&claimed), Command::Claim { account: BOB }), Err(Rejection::IdentityTaken));
    assert_eq!(when(&[claimed], Command::Claim { account: ADA }), Ok(vec![]), "doing it twice is no mistake");
}

#[test]
fn what_its_holder_gives_up_is_free() {
    let (claimed, released) = (Happened::Claimed { account: ADA }, Happened::Released { account: ADA });
    assert_eq!(when(std::slice::from_ref(&claimed), Command::Release { account: BOB }), Ok(vec![]));
    assert_eq!(when(std::slice::from_ref(&claimed), Command::Release { account: ADA }), Ok(vec![released.clone()]));
    let history = [claimed, released];
    assert_eq!(when(&history, Command::Claim { account: BOB }), Ok(vec![Happened::Claimed { account: BOB }]));
}
