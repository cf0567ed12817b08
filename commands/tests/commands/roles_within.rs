//! Roles that are held within a community: what they permit there, and that it is nothing anywhere else.

use chrono::TimeDelta;
use commands::{
    Actor, Fault, Request,
    communities::CommunityChange,
    identity::{NewAccessToken, ProtectionChange, RoleDraft},
};
use domain::{
    communities::CommunityRejection,
    identity::{AnyRole, IdentityRejection as No, Permission, Role, account::Account},
    kernel::{AccountId, CommunityId},
};
use uuid::Uuid;

use crate::{
    access_tokens::{create, with},
    platform::{Platform, accepted, account, fault, learner, now, pass, person, rejected},
    telephone::Telephone,
};

/// Two communities that somebody else founded.
async fn communities(platform: &Platform) -> (CommunityId, CommunityId) {
    let founder = learner();
    let found = async |name: &str| accepted(platform.commands.communities.found(&founder, name, "").await);
    (found("Here").await, found("There").await)
}

/// A role of these permissions.
async fn defined(platform: &Platform, name: &str, permissions: &[Permission]) -> AnyRole {
    let permissions = permissions.iter().copied().collect();
    let draft = RoleDraft { name: name.to_owned(), description: String::new(), permissions };
    accepted(platform.commands.identity.define_role(&Request::system("test"), draft).await).into()
}

async fn lend(platform: &Platform, whom: &Request, community: CommunityId, role: impl Into<AnyRole>) {
    let system = Request::system("test");
    accepted(platform.commands.identity.grant_role_within(&system, (account(whom), community), role.into(), None).await);
}

/// The same person with what they may do by now, from an address.
async fn by_now_from(platform: &Platform, who: &Request, from: Option<&str>) -> Request {
    let from = from.map(|from| from.parse().expect("an address"));
    let actor = platform.commands.identity.renewed(&who.actor, from).await.expect("readable").expect("signed in");
    Request { actor, ..who.clone() }
}

async fn by_now(platform: &Platform, who: &Request) -> Request {
    by_now_from(platform, who, None).await
}

fn named(name: &str) -> CommunityChange {
    CommunityChange { name: Some(name.to_owned()), description: None }
}

#[tokio::test]
async fn a_moderator_of_one_community_moderates_that_one_and_nothing_else() {
    let platform = Platform::init().await;
    let (identity, communities) = (&platform.commands.identity, &platform.commands.communities);
    let (here, there) = self::communities(&platform).await;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let bob = learner();
    for community in [here, there] {
        accepted(communities.join(&bob, community).await);
    }
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    accepted(identity.grant_role_within(&root, (account(&ada), here), Role::Moderator.into(), None).await);
    let ada = by_now(&platform, &ada).await;
    assert_eq!(ada.actor.held(), Some(Role::Learner.permissions()), "everywhere they hold what they did");
    accepted(communities.revise(&ada, here, named("Revised")).await);
    accepted(communities.remove(&ada, here, account(&bob)).await);
    assert_eq!(rejected(communities.revise(&ada, there, named("Revised")).await), CommunityRejection::NotFound);
    assert_eq!(rejected(communities.remove(&ada, there, account(&bob)).await), CommunityRejection::NotFound);
    assert_eq!(rejected(communities.close(&ada, here).await), CommunityRejection::NotFound, "closing is for good");
    assert!(!ada.actor.may(Permission::ManageWorkshops), "what the role permits elsewhere");
    accepted(identity.revoke_role_within(&root, (account(&ada), here), Role::Moderator.into()).await);
    let ada = by_now(&platform, &ada).await;
    assert_eq!(rejected(communities.revise(&ada, here, named("Again")).await), CommunityRejection::NotFound, "felt at once");
}

#[tokio::test]
async fn it_is_held_until_its_instant_and_a_role_everywhere_is_another() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (here, there) = communities(&platform).await;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    let until = Some(now() + TimeDelta::minutes(5));
    accepted(identity.grant_role_within(&root, (account(&ada), here), Role::Moderator.into(), until).await);
    let moderates = async |community| by_now(&platform, &ada).await.actor.may_within(Permission::ModerateCommunities, community);
    assert!(moderates(here).await && !moderates(there).await);
    accepted(identity.revoke_role(&root, account(&ada), Role::Moderator.into()).await);
    assert!(moderates(here).await, "it was not held everywhere");
    accepted(identity.grant_role(&root, account(&ada), Role::Moderator.into(), None).await);
    accepted(identity.revoke_role_within(&root, (account(&ada), here), Role::Moderator.into()).await);
    assert!(moderates(here).await && moderates(there).await, "everywhere is there, too");
    accepted(identity.revoke_role(&root, account(&ada), Role::Moderator.into()).await);
    accepted(identity.grant_role_within(&root, (account(&ada), here), Role::Moderator.into(), until).await);
    pass(TimeDelta::minutes(6));
    assert!(!moderates(here).await);
    let past = identity.grant_role_within(&root, (account(&ada), here), Role::Moderator.into(), until).await;
    assert_eq!(rejected(past), No::UntilPast);
}

#[tokio::test]
async fn who_gives_roles_within_a_community_gives_there_what_they_hold_there() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (here, there) = communities(&platform).await;
    let warden = defined(&platform, "Warden", &[Permission::GrantRoles, Permission::ModerateCommunities]).await;
    let steward = defined(&platform, "Steward", &[Permission::ModerateCommunities, Permission::Learn]).await;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let bob = account(&platform.signed_in("bob@example.org", &[]).await);
    lend(&platform, &ada, here, warden).await;
    let ada = by_now(&platform, &ada).await;
    for role in [warden, steward] {
        accepted(identity.grant_role_within(&ada, (bob, here), role, None).await);
        accepted(identity.revoke_role_within(&ada, (bob, here), role).await);
    }
    assert_eq!(rejected(identity.grant_role_within(&ada, (bob, here), Role::Moderator.into(), None).await), No::MoreThanHeld);
    assert_eq!(rejected(identity.revoke_role_within(&ada, (bob, here), Role::Analyst.into()).await), No::MoreThanHeld);
    for role in [Role::Administrator, Role::SuperAdministrator, Role::Learner] {
        assert_eq!(rejected(identity.grant_role_within(&ada, (bob, here), role.into(), None).await), No::RoleNotWithin, "{role:?}");
    }
    for fault in [
        fault(identity.grant_role_within(&ada, (bob, there), steward, None).await),
        fault(identity.revoke_role_within(&ada, (bob, there), steward).await),
        fault(identity.grant_role(&ada, bob, steward, None).await),
        fault(identity.revoke_role(&ada, bob, steward).await),
        fault(identity.define_role(&ada, RoleDraft { name: "Mine".into(), description: String::new(), permissions: [].into() }).await),
    ] {
        assert!(matches!(fault, Fault::Forbidden), "{fault}");
    }
    // A role that everywhere permits to give roles is needed for all communities.
    let giver = defined(&platform, "Giver", &[Permission::GrantRoles]).await;
    let eve = platform.signed_in("eve@example.org", &[]).await;
    accepted(identity.grant_role(&Request::system("test"), account(&eve), giver, None).await);
    let eve = by_now(&platform, &eve).await;
    assert_eq!(rejected(identity.grant_role_within(&eve, (bob, there), steward, None).await), No::MoreThanHeld, "not held there either");
    lend(&platform, &eve, there, steward).await;
    accepted(identity.grant_role_within(&by_now(&platform, &eve).await, (bob, there), steward, None).await);
    let beyond = identity.grant_role_within(&by_now(&platform, &eve).await, (bob, here), steward, None).await;
    assert_eq!(rejected(beyond), No::MoreThanHeld, "what is held in one is not held in another");
}

#[tokio::test]
async fn nobody_gives_a_role_for_longer_than_they_hold_it_themselves() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (here, _) = communities(&platform).await;
    let warden = defined(&platform, "Warden", &[Permission::GrantRoles, Permission::ModerateCommunities]).await;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let (system, soon, later) = (Request::system("test"), now() + TimeDelta::days(1), now() + TimeDelta::days(2));
    accepted(identity.grant_role_within(&system, (account(&ada), here), warden, Some(soon)).await);
    let ada = by_now(&platform, &ada).await;
    let bob = account(&platform.signed_in("bob@example.org", &[]).await);
    for whom in [account(&ada), bob] {
        for until in [None, Some(later)] {
            assert_eq!(rejected(identity.grant_role_within(&ada, (whom, here), warden, until).await), No::UntilBeyondOwn, "{until:?}");
        }
        accepted(identity.grant_role_within(&ada, (whom, here), warden, Some(soon)).await);
    }
    // Everywhere as well.
    let root = platform.signed_in("root@example.org", &[]).await;
    accepted(identity.grant_role(&system, account(&root), Role::Administrator.into(), Some(soon)).await);
    let root = by_now(&platform, &root).await;
    for until in [None, Some(later)] {
        assert_eq!(rejected(identity.grant_role(&root, account(&root), Role::Administrator.into(), until).await), No::UntilBeyondOwn);
    }
    accepted(identity.grant_role(&root, bob, Role::Author.into(), Some(soon)).await);
    accepted(identity.grant_role_within(&root, (bob, here), Role::Moderator.into(), Some(soon)).await);
}

#[tokio::test]
async fn giving_within_a_community_needs_a_proof_an_account_and_a_community_that_is_open() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (here, there) = communities(&platform).await;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    let ada = account(&platform.signed_in("ada@example.org", &[]).await);
    let give = async |whom: AccountId, community| identity.grant_role_within(&root, (whom, community), Role::Moderator.into(), None).await;
    assert_eq!(rejected(give(ada, CommunityId(Uuid::now_v7())).await), No::CommunityNotFound);
    assert_eq!(rejected(give(account(&learner()), here).await), No::NotFound);
    accepted(give(ada, there).await);
    accepted(platform.commands.communities.close(&root, there).await);
    assert_eq!(rejected(give(ada, there).await), No::CommunityNotFound);
    accepted(identity.revoke_role_within(&root, (ada, there), Role::Moderator.into()).await);
    accepted(identity.erase(&Request::system("test"), ada, Some("asked for")).await);
    assert_eq!(rejected(give(ada, here).await), No::Erased);
    pass(TimeDelta::minutes(30));
    assert!(matches!(fault(give(ada, here).await), Fault::StepUpRequired));
    let nobody = Request { actor: Actor::Anonymous, ..Request::system("test") };
    let asked = identity.grant_role_within(&nobody, (ada, here), Role::Moderator.into(), None).await;
    assert!(matches!(fault(asked), Fault::Unauthenticated));
}

#[tokio::test]
async fn programs_have_nothing_of_what_their_owner_holds_within_a_community() {
    let platform = Platform::init().await;
    let (here, _) = communities(&platform).await;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    lend(&platform, &ada, here, Role::Moderator).await;
    let maker = defined(&platform, "Maker", &[Permission::ManageServiceAccounts]).await;
    accepted(platform.commands.identity.grant_role(&Request::system("test"), account(&ada), maker, None).await);
    let ada = by_now(&platform, &ada).await;
    assert!(ada.actor.may_within(Permission::ModerateCommunities, here));
    let token = accepted(create(&platform, &ada, &["community:moderate", "session:take"]).await).token;
    let program = with(&platform, &token).await.expect("good");
    assert!(!program.actor.may_within(Permission::ModerateCommunities, here));
    assert_eq!(rejected(platform.commands.communities.revise(&program, here, named("By a program")).await), CommunityRejection::NotFound);
    let program = by_now(&platform, &program).await;
    assert!(!program.actor.may_within(Permission::ModerateCommunities, here), "nor once it is looked at anew");
    let new =
        || NewAccessToken { name: "nightly".into(), scopes: vec!["community:moderate".into()], expires_at: now() + TimeDelta::days(1) };
    let refused = platform.commands.identity.create_service_account(&ada, new()).await;
    assert_eq!(rejected(refused), No::ScopesNotHeld, "it would do it everywhere");
}

#[tokio::test]
async fn a_role_that_needs_a_second_factor_or_a_network_needs_it_within_a_community_and_leaves_the_rest_alone() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (here, there) = communities(&platform).await;
    let warden = defined(&platform, "Warden", &[Permission::GrantRoles, Permission::ModerateCommunities]).await;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let bob = account(&platform.signed_in("bob@example.org", &[]).await);
    lend(&platform, &ada, here, warden).await;
    let protect = async |second_factor, networks: Option<&str>| {
        let change = ProtectionChange { second_factor, networks: networks.map(|network| vec![network.to_owned()]) };
        accepted(identity.protect_role(&Request::system("test"), warden, change).await);
    };
    protect(Some(true), None).await;
    let no_factor = by_now(&platform, &ada).await;
    assert!(!no_factor.actor.may_within(Permission::ModerateCommunities, here));
    assert!(no_factor.actor.may(Permission::Learn), "what they do elsewhere goes on");
    let asked = identity.grant_role_within(&no_factor, (bob, here), warden, None).await;
    assert!(matches!(fault(asked), Fault::SecondFactorRequired));
    let revised = platform.commands.communities.revise(&no_factor, here, named("Without")).await;
    assert_eq!(rejected(revised), CommunityRejection::NotFound);
    let telephone = Telephone::of(&accepted(identity.enroll_totp(&no_factor, crate::platform::PASSWORD.into()).await).secret);
    accepted(identity.confirm_totp(&no_factor, &telephone.shows(0)).await);
    let ada = by_now(&platform, &ada).await;
    assert!(ada.actor.may_within(Permission::ModerateCommunities, here) && !ada.actor.may_within(Permission::ModerateCommunities, there));

    protect(None, Some("10.0.0.0/8")).await;
    let (inside, outside) = (by_now_from(&platform, &ada, Some("10.1.2.3")).await, by_now_from(&platform, &ada, Some("192.0.2.1")).await);
    assert!(inside.actor.may_within(Permission::ModerateCommunities, here));
    assert!(!outside.actor.may_within(Permission::ModerateCommunities, here));
    let asked = identity.grant_role_within(&outside, (bob, here), warden, None).await;
    assert!(matches!(fault(asked), Fault::NetworkNotAllowed));
}

#[tokio::test]
async fn nobody_does_anything_to_who_holds_more_within_a_community() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (here, _) = communities(&platform).await;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let caretaker = defined(&platform, "Caretaker", &[Permission::ManageAccounts, Permission::EraseAccounts]).await;
    let bob = platform.signed_in("bob@example.org", &[]).await;
    accepted(identity.grant_role(&Request::system("test"), account(&bob), caretaker, None).await);
    let bob = by_now(&platform, &bob).await;
    lend(&platform, &ada, here, Role::Moderator).await;
    assert_eq!(rejected(identity.suspend(&bob, account(&ada), "a quarrel").await), No::MoreThanHeld);
    assert_eq!(rejected(identity.erase(&bob, account(&ada), Some("a quarrel")).await), No::MoreThanHeld);
    let system = Request::system("test");
    accepted(identity.revoke_role_within(&system, (account(&ada), here), Role::Moderator.into()).await);
    accepted(identity.suspend(&bob, account(&ada), "a quarrel").await);
}

#[tokio::test]
async fn who_holds_a_role_within_a_community_alone_is_not_left_outside_by_their_own_hand() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (here, _) = communities(&platform).await;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    lend(&platform, &root, here, Role::Moderator).await;
    let change = || ProtectionChange { second_factor: None, networks: Some(vec!["10.0.0.0/8".to_owned()]) };
    let asking = Request { address: Some("192.0.2.1".to_owned()), ..root.clone() };
    assert_eq!(rejected(identity.protect_role(&asking, Role::Moderator.into(), change()).await), No::NetworksExcludeYou);
}

#[tokio::test]
async fn what_is_stored_of_it_leaves_what_is_held_everywhere_as_it_was() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (here, _) = communities(&platform).await;
    let ada = platform.signed_in("ada@example.org", &[Role::Author]).await;
    lend(&platform, &ada, here, Role::Moderator).await;
    let granted = platform.named("RoleGranted").await.pop().expect("an event").payload.to_value().expect("JSON");
    let expected = serde_json::json!({ "RoleGranted": { "role": "moderator", "within": here,
        "grants": [{ "role": "learner" }, { "role": "author" }] } });
    assert_eq!(granted, expected);
    // Nobody is appointed, and whoever is the last stays.
    let root = account(&platform.signed_in("root@example.org", &[Role::SuperAdministrator]).await);
    let system = Request::system("test");
    for role in [Role::SuperAdministrator, Role::Administrator] {
        assert_eq!(rejected(identity.grant_role_within(&system, (account(&ada), here), role.into(), None).await), No::RoleNotWithin);
        assert_eq!(rejected(identity.revoke_role_within(&system, (root, here), role.into()).await), No::RoleNotWithin);
    }
    assert_eq!(rejected(identity.revoke_role(&system, root, Role::SuperAdministrator.into()).await), No::LastSuperAdministrator);
    let state = platform.dispatcher().await.state::<Account>(account(&ada).into()).await.expect("readable");
    let Account::Open { grants, within, .. } = state else { panic!("open") };
    assert!(!grants.has(Role::Moderator) && within.is_some_and(|within| within.iter().count() == 1));
    assert_eq!(person(&[]).actor.held_within(here), Some(Role::Learner.permissions()), "who holds nothing there");
}
