use uuid::Uuid;

use super::*;
use crate::given;

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOB: AccountId = AccountId(Uuid::from_u128(2));
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn name() -> Personal<TokenName> {
    Personal::sealed(ADA, "v1.name".into())
}

fn create(after: TimeDelta) -> AccessTokenCommand {
    let scopes = Scopes::try_new(["session:take"]).expect("known");
    AccessTokenCommand::Create { account: ADA, name: name(), scopes, expires_at: NOW + after, epoch: 0 }
}

fn created() -> AccessTokenEvent {
    let scopes = Scopes::try_new(["session:take"]).expect("known");
    AccessTokenEvent::Created { account: ADA, name: name(), scopes, expires_at: NOW + TimeDelta::days(30), epoch: None }
}

fn when(history: &[AccessTokenEvent], command: AccessTokenCommand) -> Result<Vec<AccessTokenEvent>, Rejection> {
    given::<AccessToken>(history.to_vec()).decide(command, NOW)
}

#[test]
fn it_is_made_once_and_for_a_year_at_the_most() {
    assert_eq!(when(&[], create(TimeDelta::days(30))), Ok(vec![created()]));
    assert!(when(&[], create(TimeDelta::days(365))).is_ok());
    for wrong in [TimeDelta::zero(), TimeDelta::seconds(-1), TimeDelta::days(365) + TimeDelta::seconds(1)] {
        assert_eq!(when(&[], create(wrong)), Err(Rejection::ExpiryInvalid));
    }
    assert_eq!(when(&[created()], create(TimeDelta::days(30))), Err(Rejection::TokenNotFound));
}

#[test]
fn its_owner_revokes_it_and_nobody_else_sees_it() {
    let revoked = AccessTokenEvent::Revoked { account: ADA };
    assert_eq!(when(&[created()], AccessTokenCommand::Revoke { by: ADA }), Ok(vec![revoked.clone()]));
    assert_eq!(when(&[created(), revoked.clone()], AccessTokenCommand::Revoke { by: ADA }), Ok(vec![]));
    for history in [&[][..], &[created()], &[created(), revoked]] {
        assert_eq!(when(history, AccessTokenCommand::Revoke { by: BOB }), Err(Rejection::TokenNotFound));
    }
}

#[test]
fn it_tells_the_epoch_of_its_account() {
    let AccessTokenCommand::Create { account, name, scopes, expires_at, .. } = create(TimeDelta::days(1)) else { panic!("create") };
    let made = when(&[], AccessTokenCommand::Create { account, name, scopes, expires_at, epoch: 3 }).expect("accepted");
    let AccessToken::Live { epoch, .. } = given::<AccessToken>(made) else { panic!("live") };
    assert_eq!(epoch, Some(3));
}
