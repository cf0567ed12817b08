//! Roles that administrators define, and who gives them.

use chrono::TimeDelta;
use commands::{
    Actor, Fault, Request,
    identity::{RoleChange, RoleDraft},
};
use domain::{
    identity::{IdentityRejection as No, Permission, Permissions, Role},
    kernel::RoleId,
};

use crate::platform::{Platform, accepted, account, fault, keyed, learner, now, pass, person, rejected};

fn draft(name: &str, permissions: &[Permission]) -> RoleDraft {
    RoleDraft { name: name.to_owned(), description: "for tests".to_owned(), permissions: permissions.iter().copied().collect() }
}

async fn define(platform: &Platform, permissions: &[Permission]) -> RoleId {
    accepted(platform.commands.identity.define_role(&platform.administrator().await, draft("Night shift", permissions)).await)
}

/// That a role permits this from now on.
fn permitting(permissions: &[Permission]) -> RoleChange {
    RoleChange { name: None, description: None, permissions: Some(permissions.iter().copied().collect()) }
}

/// What somebody who is signed in may do by now.
async fn held(platform: &Platform, who: &Request) -> Permissions {
    let Actor::Account { account, sign_in, .. } = who.actor else { panic!("a person") };
    platform.commands.identity.standing(account, sign_in).await.expect("readable").expect("signed in")
}

/// The same person with what they may do by now.
async fn renewed(platform: &Platform, who: &Request) -> Request {
    let Actor::Account { account, sign_in, .. } = who.actor else { panic!("a person") };
    Request { actor: Actor::person(account, sign_in, held(platform, who).await), ..who.clone() }
}

#[tokio::test]
async fn a_defined_role_is_held_like_any_other_and_revised_for_all_who_hold_it() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let role = define(&platform, &[Permission::ReadClusters]).await;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    accepted(identity.grant_role(&root, account(&ada), role.into(), None).await);
    assert_eq!(held(&platform, &ada).await, [Permission::Learn, Permission::ReadClusters].into());
    accepted(identity.revise_role(&root, role, permitting(&[Permission::ReadEvents])).await);
    assert_eq!(held(&platform, &ada).await, [Permission::Learn, Permission::ReadEvents].into());
    accepted(identity.revoke_role(&root, account(&ada), role.into()).await);
    assert_eq!(held(&platform, &ada).await, [Permission::Learn].into());
    let names = platform.names_after(0).await;
    let about_roles: Vec<_> = names.iter().filter(|name| name.starts_with("Role")).collect();
    assert_eq!(about_roles, ["RoleDefined", "RoleGranted", "RoleRevised", "RoleRevoked"]);
}

#[tokio::test]
async fn a_role_is_good_until_its_instant() {
    let platform = Platform::init().await;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    let until = Some(now() + TimeDelta::minutes(5));
    accepted(platform.commands.identity.grant_role(&root, account(&ada), Role::Analyst.into(), until).await);
    assert!(held(&platform, &ada).await.contains(&Permission::ReadEvents));
    pass(TimeDelta::minutes(6));
    assert_eq!(held(&platform, &ada).await, [Permission::Learn].into());
    let again = platform.commands.identity.grant_role(&root, account(&ada), Role::Analyst.into(), until).await;
    assert_eq!(rejected(again), No::UntilPast);
}

#[tokio::test]
async fn nobody_gives_takes_or_defines_more_than_they_hold() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let clerk = define(&platform, &[Permission::GrantRoles, Permission::DefineRoles]).await;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let bob = accepted(platform.register("bob@example.org", &[Role::Analyst]).await);
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    accepted(identity.grant_role(&root, account(&ada), clerk.into(), None).await);
    let ada = renewed(&platform, &ada).await;
    accepted(identity.grant_role(&ada, bob, clerk.into(), None).await);
    accepted(identity.grant_role(&ada, bob, Role::Learner.into(), None).await);
    assert_eq!(rejected(identity.grant_role(&ada, bob, Role::Author.into(), None).await), No::MoreThanHeld);
    assert_eq!(rejected(identity.revoke_role(&ada, bob, Role::Analyst.into()).await), No::MoreThanHeld);
    assert_eq!(rejected(identity.define_role(&ada, draft("Reader", &[Permission::ReadEvents])).await), No::MoreThanHeld);
    assert_eq!(rejected(identity.revise_role(&ada, clerk, permitting(&[Permission::ReadEvents])).await), No::MoreThanHeld);
    let outside = fault(identity.define_role(&learner(), draft("Learner too", &[])).await);
    assert!(matches!(outside, Fault::Forbidden));
}

#[tokio::test]
async fn who_has_lost_a_role_since_they_asked_neither_gives_nor_takes_it_any_more() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let system = Request::system("test");
    let bob = accepted(platform.register("bob@example.org", &[]).await);
    let community = accepted(platform.commands.communities.found(&learner(), "Gophers", "").await);
    let role = define(&platform, &[Permission::ReadClusters]).await;
    let gives = async |by: &Request| {
        let everywhere = rejected(identity.grant_role(by, bob, Role::Author.into(), None).await);
        let within = rejected(identity.grant_role_within(by, (bob, community), Role::Moderator.into(), None).await);
        let added = rejected(identity.revise_role(by, role, permitting(&[Permission::ReadClusters, Permission::ReadEvents])).await);
        assert_eq!((everywhere, within, added), (No::MoreThanHeld, No::MoreThanHeld, No::MoreThanHeld));
        let taken = rejected(identity.revoke_role(by, bob, Role::Author.into()).await);
        let taken_within = rejected(identity.revoke_role_within(by, (bob, community), Role::Moderator.into()).await);
        assert_eq!((taken, taken_within), (No::MoreThanHeld, No::MoreThanHeld));
    };
    // They were found to hold it when they asked, and hold it no more when it is decided.
    let dismissed = platform.signed_in("dismissed@example.org", &[Role::Administrator]).await;
    accepted(identity.revoke_role(&system, account(&dismissed), Role::Administrator.into()).await);
    gives(&dismissed).await;
    let suspended = platform.signed_in("suspended@example.org", &[Role::Administrator]).await;
    accepted(identity.suspend(&system, account(&suspended), "a quarrel").await);
    gives(&suspended).await;
    // Of somebody made up there is no account that holds anything.
    gives(&platform.administrator().await).await;
    assert!(platform.named("RoleGranted").await.is_empty() && platform.named("RoleRevised").await.is_empty());
}

#[tokio::test]
async fn who_holds_something_until_an_instant_adds_it_to_no_role() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let system = Request::system("test");
    let role = define(&platform, &[Permission::ReadClusters]).await;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    accepted(identity.grant_role(&system, account(&ada), role.into(), None).await);
    let until = Some(now() + TimeDelta::hours(1));
    accepted(identity.grant_role(&system, account(&ada), Role::Administrator.into(), until).await);
    let ada = renewed(&platform, &ada).await;
    let everything: Vec<_> = Role::Administrator.permissions().into_iter().collect();
    assert_eq!(rejected(identity.revise_role(&ada, role, permitting(&everything)).await), No::UntilBeyondOwn);
    accepted(identity.revise_role(&ada, role, RoleChange { name: Some("Day shift".into()), ..permitting(&[]) }).await);
    let again = rejected(identity.revise_role(&ada, role, permitting(&[Permission::ReadClusters])).await);
    assert_eq!(again, No::UntilBeyondOwn, "by now she holds that until then as well");
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    accepted(identity.revise_role(&root, role, permitting(&[Permission::ReadClusters])).await);
    pass(TimeDelta::hours(2));
    assert_eq!(held(&platform, &ada).await, [Permission::Learn, Permission::ReadClusters].into());
}

#[tokio::test]
async fn administrators_neither_take_the_role_from_themselves_nor_have_it_run_out() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    let role = || Role::Administrator.into();
    let soon = Some(now() + TimeDelta::seconds(1));
    assert_eq!(rejected(identity.grant_role(&root, account(&root), role(), soon).await), No::OwnRole);
    assert_eq!(rejected(identity.revoke_role(&root, account(&root), role()).await), No::OwnRole);
    let other = platform.signed_in("other@example.org", &[Role::Administrator]).await;
    accepted(identity.grant_role(&other, account(&root), role(), soon).await);
}

#[tokio::test]
async fn a_role_is_defined_once_under_a_key() {
    let platform = Platform::init().await;
    let request = keyed(&platform.administrator().await, "one");
    let identity = &platform.commands.identity;
    let first = accepted(identity.define_role(&request, draft("Night shift", &[])).await);
    assert_eq!(accepted(identity.define_role(&request, draft("Night shift", &[])).await), first);
    assert_eq!(platform.named("RoleDefined").await.len(), 1);
}

#[tokio::test]
async fn of_two_super_administrators_who_dismiss_each_other_at_once_one_is_left() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let owners = [&[Role::SuperAdministrator][..]; 2];
    let one = platform.signed_in("one@example.org", owners[0]).await;
    let two = platform.signed_in("two@example.org", owners[1]).await;
    let role = || Role::SuperAdministrator.into();
    let (by_one, by_two) =
        tokio::join!(identity.revoke_role(&one, account(&two), role()), identity.erase(&two, account(&one), Some("a quarrel")));
    let rejections: Vec<_> = [by_one, by_two]
        .into_iter()
        .filter_map(|outcome| match outcome.expect("decided") {
            commands::Outcome::Accepted(_) => None,
            commands::Outcome::Rejected(rejection) => Some(rejection),
        })
        .collect();
    assert_eq!(rejections, [No::LastSuperAdministrator]);
}

#[tokio::test]
async fn who_holds_more_is_not_erased_by_who_holds_less() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let owner = platform.signed_in("owner@example.org", &[Role::SuperAdministrator]).await;
    accepted(platform.register("other@example.org", &[Role::SuperAdministrator]).await);
    assert_eq!(rejected(identity.erase(&platform.administrator().await, account(&owner), Some("a coup")).await), No::MoreThanHeld);
    let support = person(&[Role::Support]);
    assert!(matches!(fault(identity.erase(&support, account(&owner), Some("a coup")).await), Fault::Forbidden));
    accepted(identity.erase(&owner, account(&owner), None).await);
    assert_eq!(platform.named("SuperAdministratorDismissed").await.len(), 1);
}
