use std::collections::BTreeSet;

use chrono::TimeDelta;
use uuid::Uuid;

use super::super::{Account, AccountCommand as Do, AccountEvent as Did};
use super::{AnyRole, CommunityId, Grant, Grants, GrantsWithin, Rejection, Timestamp};
use crate::{
    Decider, given,
    identity::{DisplayName, Email, Role},
    kernel::{AccountId, Personal},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const ONE: CommunityId = CommunityId(Uuid::from_u128(11));
const TWO: CommunityId = CommunityId(Uuid::from_u128(12));
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

/// A learner to whom this happened.
fn ada<const N: usize>(history: [Did; N]) -> Account {
    let registered = Did::Registered {
        email: Personal::new(ADA, Email::try_new("ada@example.org").expect("an address")),
        display_name: Personal::new(ADA, DisplayName::try_new("Ada").expect("a name")),
        password: Personal::new(ADA, "hash".to_owned()),
        roles: BTreeSet::from([Role::Learner]),
    };
    given([registered].into_iter().chain(history))
}

fn everywhere() -> Grants {
    [Role::Learner].iter().collect()
}

fn granted(community: CommunityId, role: impl Into<AnyRole>, until: Option<Timestamp>) -> Did {
    Did::RoleGranted { grant: Grant { role: role.into(), until }, within: Some(community), grants: everywhere() }
}

fn revoked(community: CommunityId, role: Role) -> Did {
    Did::RoleRevoked { role: role.into(), within: Some(community), grants: everywhere() }
}

fn grant(community: CommunityId, role: Role, until: Option<Timestamp>) -> Do {
    Do::GrantRoleWithin { community, role: role.into(), until }
}

fn revoke(community: CommunityId, role: Role) -> Do {
    Do::RevokeRoleWithin { community, role: role.into() }
}

fn held(account: &Account) -> (Grants, Option<GrantsWithin>) {
    let Account::Open { grants, within, .. } = account else { panic!("an account") };
    ((**grants).clone(), within.as_deref().cloned())
}

#[test]
fn a_role_within_a_community_is_not_held_everywhere() {
    assert_eq!(ada([]).decide(grant(ONE, Role::Moderator, None), NOW), Ok(vec![granted(ONE, Role::Moderator, None)]));
    let (everywhere, within) = held(&ada([granted(ONE, Role::Moderator, None)]));
    assert!(!everywhere.has(Role::Moderator) && everywhere.has(Role::Learner));
    let mut expected = GrantsWithin::default();
    expected.add(ONE, Grant { role: Role::Moderator.into(), until: None });
    assert_eq!(within, Some(expected));
}

#[test]
fn it_is_given_once_in_each_and_until_an_instant_that_may_be_changed() {
    let later = NOW + TimeDelta::days(1);
    let moderates = ada([granted(ONE, Role::Moderator, None)]);
    assert_eq!(moderates.decide(grant(ONE, Role::Moderator, None), NOW), Ok(vec![]));
    assert_eq!(moderates.decide(grant(TWO, Role::Moderator, None), NOW), Ok(vec![granted(TWO, Role::Moderator, None)]));
    let until = Some(later);
    assert_eq!(moderates.decide(grant(ONE, Role::Moderator, until), NOW), Ok(vec![granted(ONE, Role::Moderator, until)]));
    assert_eq!(moderates.decide(grant(ONE, Role::Moderator, until), later), Err(Rejection::UntilPast));
}

#[test]
fn it_is_taken_where_it_is_held_and_nowhere_else() {
    let both = ada([granted(ONE, Role::Moderator, None), granted(TWO, Role::Moderator, None)]);
    assert_eq!(both.decide(revoke(ONE, Role::Moderator), NOW), Ok(vec![revoked(ONE, Role::Moderator)]));
    assert_eq!(ada([]).decide(revoke(ONE, Role::Moderator), NOW), Ok(vec![]));
    let everywhere = Do::RevokeRole { account: ADA, role: Role::Moderator.into(), by: None };
    assert_eq!(both.decide(everywhere, NOW), Ok(vec![]), "it is not held everywhere");
    let one_left = ada([granted(ONE, Role::Moderator, None), granted(TWO, Role::Moderator, None), revoked(ONE, Role::Moderator)]);
    assert_eq!(held(&one_left).1.map(|within| within.iter().map(|(community, _)| community).collect::<Vec<_>>()), Some(vec![TWO]));
    let none_left = ada([granted(ONE, Role::Moderator, None), revoked(ONE, Role::Moderator)]);
    assert_eq!(held(&none_left), (self::everywhere(), None));
}

#[test]
fn what_is_held_everywhere_stays_apart_from_it() {
    let everywhere = ada([granted(ONE, Role::Moderator, None)]);
    let both =
        everywhere.decide(Do::GrantRole { account: ADA, role: Role::Moderator.into(), until: None, by: None }, NOW).expect("decided");
    let [event @ Did::RoleGranted { within: None, grants, .. }] = both.as_slice() else { panic!("{both:?}") };
    assert!(grants.has(Role::Moderator));
    let mut account = everywhere;
    account.evolve(event);
    assert_eq!(account.decide(revoke(ONE, Role::Moderator), NOW).map(|events| events.len()), Ok(1));
    let revoke = Do::RevokeRole { account: ADA, role: Role::Moderator.into(), by: None };
    let taken = account.decide(revoke, NOW).expect("decided");
    account.evolve(&taken[0]);
    let (everywhere, within) = held(&account);
    assert_eq!((everywhere.has(Role::Moderator), within.is_some()), (false, true), "what is held within stays");
}

#[test]
fn roles_of_the_platform_are_not_given_within_a_community() {
    for role in [Role::Learner, Role::Administrator, Role::SuperAdministrator] {
        assert_eq!(ada([]).decide(grant(ONE, role, None), NOW), Err(Rejection::RoleNotWithin), "{role:?}");
        assert_eq!(ada([]).decide(revoke(ONE, role), NOW), Ok(vec![]), "{role:?}");
    }
}

#[test]
fn nobody_holds_roles_within_communities_without_number() {
    let many = (0..GrantsWithin::MOST).map(|nth| granted(CommunityId(Uuid::from_u128(100 + nth as u128)), Role::Moderator, None));
    let mut full = ada([]);
    many.for_each(|event| full.evolve(&event));
    assert_eq!(full.decide(grant(ONE, Role::Moderator, None), NOW), Err(Rejection::TooManyWithin));
    let until = Some(NOW + TimeDelta::days(1));
    let first = CommunityId(Uuid::from_u128(100));
    assert_eq!(
        full.decide(grant(first, Role::Moderator, until), NOW),
        Ok(vec![granted(first, Role::Moderator, until)]),
        "one that is held"
    );
}

#[test]
fn what_has_run_out_leaves_room() {
    let until = |nth: usize| (nth == 0).then(|| NOW + TimeDelta::days(1));
    let many = (0..GrantsWithin::MOST).map(|nth| granted(CommunityId(Uuid::from_u128(100 + nth as u128)), Role::Moderator, until(nth)));
    let mut full = ada([]);
    for event in many {
        full.evolve(&event);
    }
    let later = NOW + TimeDelta::days(1);
    assert_eq!(full.decide(grant(ONE, Role::Moderator, None), NOW), Err(Rejection::TooManyWithin), "it goes on");
    assert_eq!(full.decide(grant(ONE, Role::Moderator, None), later), Ok(vec![granted(ONE, Role::Moderator, None)]));
    full.evolve(&granted(ONE, Role::Moderator, None));
    let first = CommunityId(Uuid::from_u128(100));
    assert_eq!(full.decide(grant(first, Role::Moderator, None), later), Err(Rejection::TooManyWithin), "what comes again is one more");
}

#[test]
fn who_is_erased_holds_nothing_and_is_given_nothing() {
    let erased = ada([granted(ONE, Role::Moderator, None), Did::Erased { by: None, reason: None }]);
    assert!(matches!(erased, Account::Erased));
    assert_eq!(erased.decide(grant(ONE, Role::Moderator, None), NOW), Err(Rejection::Erased));
    assert_eq!(Account::Absent.decide(grant(ONE, Role::Moderator, None), NOW), Err(Rejection::NotFound));
}
