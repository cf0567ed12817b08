use super::*;
use crate::identity::{Grants, Role, sign_in::SignInEvent};

const STREAM: Uuid = Uuid::from_u128(7);
const ADA: AccountId = AccountId(Uuid::from_u128(1));

#[test]
fn an_event_is_about_its_stream_and_whom_it_names() {
    let erased = Fact::from(AccountEvent::Erased { by: None, reason: None });
    assert_eq!(erased.subjects(STREAM), ["acc_00000000000000000000000000000007"]);
    let closed = Fact::from(SignInEvent::Closed { account: ADA });
    assert_eq!(closed.subjects(STREAM), ["acc_00000000000000000000000000000001", "sgn_00000000000000000000000000000007"]);
    let dropped = Fact::from(PoolEvent::Dropped { environment: EnvironmentId(Uuid::from_u128(2)) });
    assert_eq!(dropped.subjects(STREAM), ["wks_00000000000000000000000000000007", "env_00000000000000000000000000000002"]);
    let checked = Fact::from(RunEvent::CheckInUndone { registration: RegistrationId(Uuid::from_u128(3)) });
    assert_eq!(checked.subjects(STREAM), ["run_00000000000000000000000000000007", "reg_00000000000000000000000000000003"]);
    let joined = Fact::from(CommunityEvent::Joined { account: ADA, members: 2 });
    assert_eq!(joined.subjects(STREAM), ["com_00000000000000000000000000000007", "acc_00000000000000000000000000000001"]);
    let (role, within) = (Role::Moderator.into(), Some(CommunityId(Uuid::from_u128(4))));
    let revoked = Fact::from(AccountEvent::RoleRevoked { role, within, grants: Grants::default() });
    assert_eq!(revoked.subjects(STREAM), ["acc_00000000000000000000000000000007", "com_00000000000000000000000000000004"]);
    let left = Fact::from(CircleEvent::Left { community: CommunityId(Uuid::from_u128(4)) });
    assert_eq!(left.subjects(STREAM), ["acc_00000000000000000000000000000007", "com_00000000000000000000000000000004"]);
    assert!(Fact::Unknown.subjects(STREAM).is_empty());
}
