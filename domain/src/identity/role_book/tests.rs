use std::{collections::BTreeSet, net::IpAddr};

use uuid::Uuid;

use super::{Definition, Rejection, RoleBook, RoleBookCommand, RoleBookEvent};
use crate::{
    Decider, given,
    identity::{AnyRole, Grant, Grants, GrantsWithin, Networks, Permission, Permissions, Protection, Role, RoleDescription, RoleName},
    kernel::{AccountId, CommunityId, RoleId, Timestamp},
};

const ADA: AccountId = AccountId(Uuid::from_u128(1));
const BOB: AccountId = AccountId(Uuid::from_u128(2));
const NIGHTS: RoleId = RoleId(Uuid::from_u128(8));
const DAYS: RoleId = RoleId(Uuid::from_u128(9));
const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn definition(name: &str, permissions: &[Permission]) -> Definition {
    let name = RoleName::try_new(name).expect("a name");
    Definition { name, description: RoleDescription::default(), permissions: permissions.iter().copied().collect() }
}

fn define(role: RoleId, name: &str, permissions: &[Permission], held: Option<Permissions>) -> RoleBookCommand {
    RoleBookCommand::Define { role, definition: definition(name, permissions), held }
}

fn revise(permissions: &[Permission], held: Option<Permissions>) -> RoleBookCommand {
    let permissions = Some(permissions.iter().copied().collect());
    RoleBookCommand::Revise { role: NIGHTS, name: None, description: None, permissions, held }
}

fn rename(role: RoleId, name: &str) -> RoleBookCommand {
    let name = Some(RoleName::try_new(name).expect("a name"));
    RoleBookCommand::Revise { role, name, description: None, permissions: None, held: None }
}

fn nights() -> RoleBookEvent {
    RoleBookEvent::Defined { role: NIGHTS, definition: definition("Night shift", &[Permission::ReadClusters]) }
}

fn appointed(account: AccountId) -> RoleBookEvent {
    RoleBookEvent::SuperAdministratorAppointed { account }
}

/// What an administrator holds.
fn administrator() -> Permissions {
    Role::Administrator.permissions()
}

fn decide(history: impl IntoIterator<Item = RoleBookEvent>, command: RoleBookCommand) -> Result<Vec<RoleBookEvent>, Rejection> {
    given::<RoleBook>(history).decide(command, NOW)
}

#[test]
fn a_role_is_defined_by_who_holds_all_of_it() {
    assert_eq!(decide([], define(NIGHTS, "Night shift", &[Permission::ReadClusters], Some(administrator()))), Ok(vec![nights()]));
    let more = [Permission::ReadClusters, Permission::OwnPlatform];
    assert_eq!(decide([], define(NIGHTS, "Night shift", &more, Some(administrator()))), Err(Rejection::MoreThanHeld));
    assert_eq!(decide([], define(NIGHTS, "Night shift", &more, None)).expect("by a program").len(), 1);
}

#[test]
fn no_two_roles_are_called_alike() {
    for taken in ["Night shift", "NIGHT SHIFT", "learner", "Super administrator"] {
        assert_eq!(decide([nights()], define(DAYS, taken, &[], None)), Err(Rejection::RoleNameTaken), "{taken}");
    }
    let both = [nights(), RoleBookEvent::Defined { role: DAYS, definition: definition("Day shift", &[]) }];
    assert_eq!(decide(both, rename(DAYS, "night shift")), Err(Rejection::RoleNameTaken));
    assert_eq!(decide([nights()], rename(NIGHTS, "night shift")).expect("its own name").len(), 1);
}

#[test]
fn there_are_so_many_roles_and_no_more() {
    let role = |n: usize| RoleBookEvent::Defined { role: RoleId(Uuid::from_u128(n as u128)), definition: definition(&n.to_string(), &[]) };
    let all: Vec<_> = (100..99 + RoleBook::MOST).map(role).collect();
    assert_eq!(decide(all.clone(), define(NIGHTS, "one more", &[], None)).expect("the last one").len(), 1);
    let all = all.into_iter().chain([nights()]);
    assert_eq!(decide(all, define(DAYS, "one too many", &[], None)), Err(Rejection::TooManyRoles));
}

#[test]
fn who_revises_a_role_holds_what_it_permitted_and_what_it_will() {
    let more = [Permission::ReadClusters, Permission::ReadEvents];
    let revised = decide([nights()], revise(&more, Some(administrator())));
    let definition = definition("Night shift", &more);
    assert_eq!(revised, Ok(vec![RoleBookEvent::Revised { role: NIGHTS, definition: definition.clone() }]));
    let author = || Some(Role::Author.permissions());
    assert_eq!(decide([nights()], revise(&[], author())), Err(Rejection::MoreThanHeld), "it permitted more");
    let empty = RoleBookEvent::Defined { role: NIGHTS, definition: Definition { permissions: Permissions::new(), ..definition } };
    assert_eq!(decide([empty], revise(&more, author())), Err(Rejection::MoreThanHeld), "it would permit more");
    assert_eq!(decide([nights()], revise(&[Permission::ReadClusters], Some(administrator()))), Ok(vec![]), "nothing changes");
    assert_eq!(decide([], revise(&[], None)), Err(Rejection::RoleNotFound));
}

#[test]
fn nobody_gives_or_takes_more_than_they_hold() {
    let (give, take) = (
        |role: AnyRole, held| RoleBookCommand::Give { role, account: BOB, held },
        |role: AnyRole, held| RoleBookCommand::Take { role, account: BOB, held },
    );
    for role in [Role::Administrator.into(), Role::Author.into(), NIGHTS.into()] {
        assert_eq!(decide([nights()], give(role, Some(administrator()))), Ok(vec![]), "{role}");
        assert_eq!(decide([nights()], take(role, Some(administrator()))), Ok(vec![]), "{role}");
    }
    let author = || Some(Role::Author.permissions());
    for role in [Role::SuperAdministrator.into(), Role::Analyst.into(), NIGHTS.into()] {
        assert_eq!(decide([nights(), appointed(ADA)], give(role, author())), Err(Rejection::MoreThanHeld), "{role}");
        assert_eq!(decide([nights(), appointed(ADA)], take(role, author())), Err(Rejection::MoreThanHeld), "{role}");
    }
    assert_eq!(decide([], give(NIGHTS.into(), None)), Err(Rejection::RoleNotFound));
    assert_eq!(decide([], take(NIGHTS.into(), None)), Err(Rejection::RoleNotFound));
}

#[test]
fn one_super_administrator_is_always_left() {
    let held = || Some(Role::SuperAdministrator.permissions());
    let role = AnyRole::from(Role::SuperAdministrator);
    let give = |account| RoleBookCommand::Give { role, account, held: held() };
    assert_eq!(decide([appointed(ADA)], give(BOB)), Ok(vec![appointed(BOB)]));
    assert_eq!(decide([appointed(ADA)], give(ADA)), Ok(vec![]));
    let grants: Grants = [Role::Learner, Role::SuperAdministrator].iter().collect();
    for command in [
        || RoleBookCommand::Take { role: Role::SuperAdministrator.into(), account: ADA, held: None },
        || RoleBookCommand::Leave { account: ADA, grants: [Role::SuperAdministrator].iter().collect(), held: None },
    ] {
        assert_eq!(decide([appointed(ADA)], command()), Err(Rejection::LastSuperAdministrator));
        let dismissed = vec![RoleBookEvent::SuperAdministratorDismissed { account: ADA }];
        assert_eq!(decide([appointed(ADA), appointed(BOB)], command()), Ok(dismissed.clone()));
        let gone = [appointed(ADA), appointed(BOB)].into_iter().chain(dismissed);
        assert_eq!(decide(gone, command()), Ok(vec![]), "doing it twice changes nothing");
    }
    let leave = RoleBookCommand::Leave { account: BOB, grants, held: Some(administrator()) };
    assert_eq!(decide([appointed(ADA), appointed(BOB)], leave), Err(Rejection::MoreThanHeld), "nobody erases who holds more");
}

#[test]
fn nobody_does_anything_to_who_holds_more_by_then() {
    let judge = |grants: &[Grant], held: Permissions| {
        let command = RoleBookCommand::Judge { grants: grants.iter().copied().collect(), held: Some(held) };
        decide([nights(), appointed(ADA)], command)
    };
    let held = |role: AnyRole| [Grant { role, until: None }];
    assert_eq!(judge(&held(Role::Author.into()), administrator()), Ok(vec![]));
    assert_eq!(judge(&held(Role::SuperAdministrator.into()), administrator()), Err(Rejection::MoreThanHeld));
    assert_eq!(judge(&held(NIGHTS.into()), Role::Author.permissions()), Err(Rejection::MoreThanHeld), "a defined role counts");
    let over = [Grant { role: Role::SuperAdministrator.into(), until: Some(NOW) }];
    assert_eq!(judge(&over, administrator()), Ok(vec![]), "one that has run out does not");
    let program = RoleBookCommand::Judge { grants: held(Role::SuperAdministrator.into()).into_iter().collect(), held: None };
    assert_eq!(decide([appointed(ADA)], program), Ok(vec![]));
}

#[test]
fn what_is_held_is_the_sum_of_the_roles_that_are_good_by_then() {
    let book: RoleBook = given([nights()]);
    let soon = NOW + chrono::TimeDelta::seconds(10);
    let grants: Grants = [
        Grant { role: Role::Learner.into(), until: None },
        Grant { role: NIGHTS.into(), until: Some(soon) },
        Grant { role: DAYS.into(), until: None },
    ]
    .into_iter()
    .collect();
    assert_eq!(book.permissions(&grants, NOW), [Permission::Learn, Permission::ReadClusters].into());
    assert_eq!(book.permissions(&grants, soon), [Permission::Learn].into(), "a role is not good from that instant on");
}

fn networks(texts: &[&str]) -> Networks {
    Networks::try_new(texts.iter().copied()).expect("networks")
}

fn protected(role: impl Into<AnyRole>, second_factor: Option<bool>, texts: &[&str]) -> RoleBookEvent {
    RoleBookEvent::Protected { role: role.into(), protection: Protection { second_factor, networks: networks(texts) } }
}

fn from(address: &str) -> IpAddr {
    address.parse().expect("an address")
}

#[test]
fn who_has_a_role_ask_something_holds_all_of_it_and_is_not_left_outside() {
    let protect = |role: AnyRole, texts: &[&str], held, from, holds_it| {
        let (second_factor, networks) = (Some(true), Some(networks(texts)));
        RoleBookCommand::Protect { role, second_factor, networks, held, from, holds_it }
    };
    let (role, office) = (AnyRole::from(Role::Administrator), &["10.0.0.0/8"]);
    let ask = |held, address, holds_it| decide([nights()], protect(role, office, held, Some(from(address)), holds_it));
    assert_eq!(ask(Some(administrator()), "10.0.0.1", true), Ok(vec![protected(role, Some(true), office)]));
    assert_eq!(ask(Some(administrator()), "192.0.2.1", true), Err(Rejection::NetworksExcludeYou));
    assert_eq!(ask(Some(administrator()), "192.0.2.1", false).expect("who does not hold it").len(), 1);
    assert_eq!(ask(Some(Role::Author.permissions()), "10.0.0.1", false), Err(Rejection::MoreThanHeld));
    assert_eq!(ask(None, "192.0.2.1", false).expect("by a program").len(), 1);
    assert_eq!(decide([], protect(NIGHTS.into(), office, None, None, false)), Err(Rejection::RoleNotFound));
    assert_eq!(decide([nights()], protect(NIGHTS.into(), office, None, None, false)).expect("a defined role").len(), 1);
}

#[test]
fn what_a_role_asks_stays_where_nothing_is_said_of_it() {
    let protect = |second_factor, networks| {
        let command = RoleBookCommand::Protect { role: NIGHTS.into(), second_factor, networks, held: None, from: None, holds_it: false };
        decide([nights(), protected(NIGHTS, Some(true), &["10.0.0.0/8"])], command)
    };
    assert_eq!(protect(None, None), Ok(vec![]));
    assert_eq!(protect(Some(true), Some(networks(&["10.1.0.0/8"]))), Ok(vec![]), "the same in other words");
    assert_eq!(protect(Some(false), None), Ok(vec![protected(NIGHTS, Some(false), &["10.0.0.0/8"])]));
    assert_eq!(protect(None, Some(Networks::default())), Ok(vec![protected(NIGHTS, Some(true), &[])]));
}

#[test]
fn a_role_permits_what_it_does_in_its_networks_alone() {
    let book: RoleBook = given([nights(), protected(NIGHTS, None, &["10.0.0.0/8"]), protected(Role::Author, None, &["192.0.2.0/24"])]);
    let all = |role: AnyRole| Grant { role, until: None };
    let grants: Grants = [all(Role::Learner.into()), all(NIGHTS.into()), all(Role::Author.into())].into_iter().collect();
    let at = |address: Option<IpAddr>| book.standing(&grants, NOW, address, &BTreeSet::new());
    let authors: Permissions = [Permission::WriteWorkshops, Permission::PublishWorkshops].into();
    let inside = at(Some(from("10.0.0.1")));
    assert_eq!(inside.permissions, [Permission::Learn, Permission::ReadClusters].into());
    assert_eq!(inside.elsewhere, authors, "what is permitted here too is not elsewhere");
    assert_eq!(at(Some(from("198.51.100.1"))).permissions, [Permission::Learn].into());
    assert_eq!(at(None).permissions, [Permission::Learn].into(), "nobody knows where that is");
    assert!(!inside.second_factor);
}

#[test]
fn one_role_that_needs_a_second_factor_is_enough() {
    let configured: BTreeSet<Role> = [Role::Administrator].into();
    let needs = |history: Vec<RoleBookEvent>, grants: &[Grant]| {
        let grants = grants.iter().copied().collect();
        given::<RoleBook>(history).standing(&grants, NOW, None, &configured).second_factor
    };
    let (learner, root) = (Grant { role: Role::Learner.into(), until: None }, Grant { role: Role::Administrator.into(), until: None });
    let shift = Grant { role: NIGHTS.into(), until: None };
    assert!(needs(vec![], &[learner, root]), "as is configured");
    assert!(!needs(vec![], &[learner]));
    assert!(!needs(vec![protected(Role::Administrator, Some(false), &[])], &[learner, root]), "administrators said otherwise");
    assert!(needs(vec![protected(Role::Administrator, None, &["10.0.0.0/8"])], &[root]), "of that nothing was said");
    assert!(needs(vec![nights(), protected(NIGHTS, Some(true), &["10.0.0.0/8"])], &[learner, shift]), "from wherever");
    assert!(!needs(vec![nights(), protected(NIGHTS, Some(true), &[])], &[learner, Grant { until: Some(NOW), ..shift }]), "it ran out");
}

#[test]
fn nobody_lends_more_than_they_hold_nor_a_role_of_the_platform() {
    let lend = |role: AnyRole, held| RoleBookCommand::Lend { role, held };
    let moderator = || Some(Role::Moderator.permissions());
    assert_eq!(decide([], lend(Role::Moderator.into(), moderator())), Ok(vec![]));
    assert_eq!(decide([nights()], lend(NIGHTS.into(), moderator())), Err(Rejection::MoreThanHeld));
    assert_eq!(decide([nights()], lend(NIGHTS.into(), Some(administrator()))), Ok(vec![]));
    assert_eq!(decide([], lend(NIGHTS.into(), None)), Err(Rejection::RoleNotFound));
    for role in [Role::Learner, Role::Administrator, Role::SuperAdministrator] {
        assert_eq!(decide([appointed(ADA)], lend(role.into(), None)), Err(Rejection::RoleNotWithin), "{role:?}");
    }
}

#[test]
fn what_is_held_within_a_community_permits_there_what_it_would_and_asks_what_it_asks() {
    let (one, two, three) = (CommunityId(Uuid::from_u128(1)), CommunityId(Uuid::from_u128(2)), CommunityId(Uuid::from_u128(3)));
    let networks = Networks::try_new(["10.0.0.0/8"]).expect("networks");
    let protection = Protection { second_factor: Some(true), networks };
    let book = given::<RoleBook>([nights(), RoleBookEvent::Protected { role: NIGHTS.into(), protection }]);
    let mut within = GrantsWithin::default();
    within.add(one, Grant { role: Role::Moderator.into(), until: None });
    within.add(two, Grant { role: NIGHTS.into(), until: None });
    within.add(three, Grant { role: Role::Moderator.into(), until: Some(NOW) });
    let at = |address: &str| book.standing_within(&within, NOW, address.parse().ok(), &BTreeSet::new());
    let (here, there) = (at("10.1.2.3"), at("192.0.2.1"));
    assert_eq!(here.keys().copied().collect::<Vec<_>>(), [one, two], "what ran out permits nothing");
    assert_eq!((&here[&one].permissions, here[&one].second_factor), (&Role::Moderator.permissions(), false));
    assert_eq!((here[&two].permissions.len(), here[&two].second_factor), (1, true));
    assert_eq!((there[&two].permissions.len(), there[&two].elsewhere.len(), there[&two].second_factor), (0, 1, true));
    let configured = book.standing_within(&within, NOW, None, &BTreeSet::from([Role::Moderator]));
    assert!(configured[&one].second_factor);
}
