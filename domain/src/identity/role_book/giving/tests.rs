use std::{collections::BTreeSet, net::IpAddr};

use chrono::TimeDelta;
use uuid::Uuid;

use super::RoleBook;
use crate::{
    given,
    identity::{
        AnyRole, Grant, Grants, Networks, Permission, Protection, Role, RoleDescription, RoleName,
        role_book::{Definition, RoleBookEvent},
    },
    kernel::{RoleId, Timestamp},
};

const NOW: Timestamp = Timestamp::UNIX_EPOCH;
const INSIDE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 1, 2, 3));

/// It permits to read clusters.
fn nights() -> AnyRole {
    RoleId(Uuid::from_u128(8)).into()
}

/// It permits to give roles.
fn giver() -> AnyRole {
    RoleId(Uuid::from_u128(9)).into()
}

fn defined(role: u128, name: &str, permission: Permission) -> RoleBookEvent {
    let name = RoleName::try_new(name).expect("a name");
    let definition = Definition { name, description: RoleDescription::default(), permissions: [permission].into() };
    RoleBookEvent::Defined { role: RoleId(Uuid::from_u128(role)), definition }
}

fn book(protections: impl IntoIterator<Item = (AnyRole, Protection)>) -> RoleBook {
    let defined = [defined(8, "Night shift", Permission::ReadClusters), defined(9, "Giver", Permission::GrantRoles)];
    let protected = protections.into_iter().map(|(role, protection)| RoleBookEvent::Protected { role, protection });
    given::<RoleBook>(defined.into_iter().chain(protected))
}

fn held(roles: &[(AnyRole, Option<Timestamp>)]) -> Grants {
    roles.iter().map(|(role, until)| Grant { role: *role, until: *until }).collect()
}

#[test]
fn nobody_gives_a_role_for_longer_than_they_hold_what_it_permits() {
    let (soon, later) = (NOW + TimeDelta::days(1), NOW + TimeDelta::days(2));
    let book = book([]);
    let until = |roles: &[(AnyRole, Option<Timestamp>)]| book.gives_until(&held(roles), nights(), NOW, (None, false), &BTreeSet::new());
    let administrator = AnyRole::from(Role::Administrator);
    assert_eq!(until(&[(administrator, None)]), Some(Timestamp::MAX_UTC));
    assert_eq!(until(&[(administrator, Some(soon))]), Some(soon));
    assert_eq!(until(&[(giver(), None), (nights(), Some(soon))]), Some(soon), "what it permits");
    assert_eq!(until(&[(giver(), Some(soon)), (nights(), None)]), Some(soon), "giving roles");
    assert_eq!(until(&[(administrator, Some(later)), (giver(), Some(soon))]), Some(later), "the longer one");
    assert_eq!(until(&[(administrator, Some(later)), (giver(), Some(NOW))]), Some(later), "what ran out is nothing");
}

#[test]
fn what_a_role_is_to_permit_beside_is_lent_for_no_longer_than_it_is_held() {
    let soon = NOW + TimeDelta::days(1);
    let book = book([]);
    let until = |roles: &[(AnyRole, Option<Timestamp>)], role: u128, permissions: &[Permission]| {
        let (role, permissions) = (RoleId(Uuid::from_u128(role)), permissions.iter().copied().collect());
        book.adds_until(&held(roles), (role, &permissions), NOW, (None, false), &BTreeSet::new())
    };
    let both = [Permission::ReadClusters, Permission::ReadEvents];
    let administrator = AnyRole::from(Role::Administrator);
    assert_eq!(until(&[(administrator, Some(soon)), (nights(), None)], 8, &both), Some(soon), "what is added");
    assert_eq!(until(&[(Role::Analyst.into(), None), (nights(), Some(soon))], 8, &both), Some(Timestamp::MAX_UTC), "and nothing else");
    assert_eq!(until(&[(administrator, Some(soon))], 8, &[Permission::ReadClusters]), Some(Timestamp::MAX_UTC), "nothing is");
    assert_eq!(until(&[(administrator, Some(soon))], 8, &[]), Some(Timestamp::MAX_UTC), "something is taken");
    assert_eq!(until(&[(nights(), None)], 8, &both), None, "it is not held");
    assert_eq!(until(&[(administrator, Some(NOW))], 8, &both), None, "it ran out just now");
    assert_eq!(until(&[(administrator, None)], 7, &both), None, "there is no such role");
}

#[test]
fn who_does_not_hold_all_of_it_now_gives_it_at_no_time() {
    let book = book([]);
    let gives =
        |roles: &[(AnyRole, Option<Timestamp>)], role| book.gives_until(&held(roles), role, NOW, (None, false), &BTreeSet::new()).is_some();
    assert!(!gives(&[], nights()), "nothing is held any more");
    assert!(!gives(&[(giver(), None)], nights()), "what it permits is not");
    assert!(!gives(&[(nights(), None)], nights()), "giving roles is not");
    assert!(!gives(&[(giver(), None), (nights(), Some(NOW))], nights()), "it ran out just now");
    assert!(!gives(&[(Role::SuperAdministrator.into(), None)], RoleId(Uuid::from_u128(7)).into()), "there is no such role");
    assert!(gives(&[(giver(), None), (nights(), None)], nights()));
}

#[test]
fn a_role_whose_protection_is_not_met_lends_no_time() {
    let soon = NOW + TimeDelta::days(1);
    let roles = held(&[(Role::Administrator.into(), Some(soon)), (giver(), None), (nights(), None)]);
    let until =
        |book: &RoleBook, met, factor_for: &[Role]| book.gives_until(&roles, nights(), NOW, met, &factor_for.iter().copied().collect());
    let factor = book([(nights(), Protection { second_factor: Some(true), networks: Networks::default() })]);
    assert_eq!(until(&factor, (None, false), &[]), Some(soon), "without a second factor");
    assert_eq!(until(&factor, (None, true), &[]), Some(Timestamp::MAX_UTC));
    assert_eq!(until(&factor, (None, false), &[Role::Administrator]), None, "as is configured");
    let networks = Networks::try_new(["10.0.0.0/8"]).expect("networks");
    let network = book([(nights(), Protection { second_factor: None, networks })]);
    for outside in [None, Some(IpAddr::from([192, 0, 2, 1]))] {
        assert_eq!(until(&network, (outside, true), &[]), Some(soon), "{outside:?}");
    }
    assert_eq!(until(&network, (Some(INSIDE), false), &[]), Some(Timestamp::MAX_UTC));
}
