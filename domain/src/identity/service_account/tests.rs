use chrono::TimeDelta;
use uuid::Uuid;

use super::*;
use crate::{
    given,
    identity::{Permission, Role},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOB: AccountId = AccountId(Uuid::from_u128(2));
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn name() -> TokenName {
    TokenName::try_new("nightly reports").expect("a name")
}

fn scopes() -> Scopes {
    Scopes::try_new(["event:read", "cluster:read"]).expect("known")
}

fn create(after: TimeDelta, held: Option<Permissions>) -> ServiceAccountCommand {
    ServiceAccountCommand::Create { creator: ADA, name: name(), scopes: scopes(), expires_at: NOW + after, held, epoch: 0 }
}

fn created() -> ServiceAccountEvent {
    ServiceAccountEvent::Created { creator: ADA, name: name(), scopes: scopes(), expires_at: NOW + TimeDelta::days(30), epoch: None }
}

fn when(history: &[ServiceAccountEvent], command: ServiceAccountCommand) -> Result<Vec<ServiceAccountEvent>, Rejection> {
    given::<ServiceAccount>(history.to_vec()).decide(command, NOW)
}

#[test]
fn it_is_made_once_and_for_a_year_at_the_most() {
    assert_eq!(when(&[], create(TimeDelta::days(30), None)), Ok(vec![created()]));
    assert!(when(&[], create(TimeDelta::days(365), None)).is_ok());
    for wrong in [TimeDelta::zero(), TimeDelta::seconds(-1), TimeDelta::days(365) + TimeDelta::seconds(1)] {
        assert_eq!(when(&[], create(wrong, None)), Err(Rejection::ExpiryInvalid));
    }
    assert_eq!(when(&[created()], create(TimeDelta::days(30), None)), Err(Rejection::ServiceAccountNotFound));
}

#[test]
fn it_is_known_in_which_epoch_of_its_creator_it_was_made() {
    let in_epoch = |epoch| {
        let expires_at = NOW + TimeDelta::days(30);
        when(&[], ServiceAccountCommand::Create { creator: ADA, name: name(), scopes: scopes(), expires_at, held: None, epoch })
    };
    for (epoch, kept) in [(0, None), (3, Some(3))] {
        let created = in_epoch(epoch).expect("accepted");
        assert!(matches!(&created[..], [ServiceAccountEvent::Created { epoch, .. }] if *epoch == kept), "{created:?}");
        assert!(matches!(given::<ServiceAccount>(created), ServiceAccount::Live { epoch, .. } if epoch == kept));
    }
}

#[test]
fn nobody_makes_or_revokes_one_that_may_more_than_they() {
    let analyst = || Some(Role::Analyst.permissions());
    let both = || Some([Permission::ReadEvents, Permission::ReadClusters].into());
    assert_eq!(when(&[], create(TimeDelta::days(30), analyst())), Err(Rejection::ScopesNotHeld));
    assert_eq!(when(&[], create(TimeDelta::days(30), both())), Ok(vec![created()]));
    let revoke = |held| ServiceAccountCommand::Revoke { by: Some(BOB), held };
    assert_eq!(when(&[created()], revoke(analyst())), Err(Rejection::ScopesNotHeld));
    let revoked = ServiceAccountEvent::Revoked { by: Some(BOB) };
    assert_eq!(when(&[created()], revoke(both())), Ok(vec![revoked.clone()]), "whoever made it");
    assert_eq!(when(&[created(), revoked], revoke(both())), Ok(vec![]));
    assert_eq!(when(&[], revoke(None)), Err(Rejection::ServiceAccountNotFound));
}
