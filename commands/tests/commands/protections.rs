//! What roles ask of those who hold them, and a second factor that somebody has lost.

use chrono::TimeDelta;
use commands::{
    Actor, Fault, Request,
    identity::{ProtectionChange, SignedIn},
};
use domain::identity::{AnyRole, IdentityRejection as No, Permission, Role, mail::Occasion};
use journal::vault::ExposeSecret;

use crate::{
    access_tokens::create,
    mailbag::Mailbag,
    platform::{PASSWORD, Platform, accepted, account, administrator, anonymous, fault, learner, pass, person, rejected},
    sign_ins::{sign_in, signed_in},
    telephone::{EMAIL, Telephone, challenge, enrolled},
};

const REASON: &str = "lost their telephone";
const OFFICE: &str = "10.0.0.0/8";

fn networks(texts: &[&str]) -> ProtectionChange {
    ProtectionChange { second_factor: None, networks: Some(texts.iter().map(|text| (*text).to_owned()).collect()) }
}

fn second_factor(required: bool) -> ProtectionChange {
    ProtectionChange { second_factor: Some(required), networks: None }
}

async fn protect(platform: &Platform, role: impl Into<AnyRole>, change: ProtectionChange) {
    accepted(platform.commands.identity.protect_role(&Request::system("test"), role.into(), change).await);
}

/// Who comes by a sign-in from an address.
async fn by(platform: &Platform, SignedIn { account, sign_in, .. }: &SignedIn, from: &str) -> Actor {
    let from = Some(from.parse().expect("an address"));
    platform.commands.identity.by_sign_in(*account, *sign_in, from).await.expect("readable").expect("signed in")
}

async fn somebody(platform: &Platform, roles: &[Role]) -> SignedIn {
    accepted(platform.register(EMAIL, roles).await);
    accepted(sign_in(platform, EMAIL, PASSWORD).await)
}

fn asking(actor: Actor) -> Request {
    Request { actor, ..learner() }
}

#[tokio::test]
async fn who_holds_a_role_that_needs_a_second_factor_sets_one_up_and_does_nothing_else() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = somebody(&platform, &[Role::Author]).await;
    let token = accepted(create(&platform, &asking(by(&platform, &ada, "192.0.2.1").await), &["workshop:write"]).await).token;
    protect(&platform, Role::Author, second_factor(true)).await;
    let actor = by(&platform, &ada, "192.0.2.1").await;
    assert_eq!(actor, Actor::Enrolling { account: ada.account, sign_in: ada.sign_in, scopes: None });
    let request = asking(actor);
    assert!(matches!(fault(identity.revise_profile(&request, Some("Ada"), None).await), Fault::SecondFactorRequired));
    assert!(matches!(
        fault(identity.change_password(&request, PASSWORD.into(), "another good passphrase".into()).await),
        Fault::SecondFactorRequired
    ));
    assert!(matches!(fault(create(&platform, &request, &["session:take"]).await), Fault::SecondFactorRequired));
    let (program, _) = identity.by_access_token(&token, None).await.expect("readable").expect("good");
    assert!(matches!(program.holds(Permission::WriteWorkshops), Err(Fault::SecondFactorRequired)), "nor do their programs");
    assert!(matches!(fault(identity.enroll_totp(&asking(program), PASSWORD.into()).await), Fault::SecondFactorRequired));
    let telephone = Telephone::of(&accepted(identity.enroll_totp(&request, PASSWORD.into()).await).secret);
    accepted(identity.confirm_totp(&request, &telephone.shows(0)).await);
    let actor = by(&platform, &ada, "192.0.2.1").await;
    assert!(actor.may(Permission::WriteWorkshops), "{actor:?}");
    assert_eq!(identity.renewed(&request.actor, None).await.expect("readable"), Some(actor), "by whom it was turned on, too");
    let (program, _) = identity.by_access_token(&token, None).await.expect("readable").expect("good");
    assert!(program.may(Permission::WriteWorkshops));
}

#[tokio::test]
async fn a_sign_in_that_has_shown_no_code_gains_nothing_when_another_turns_the_factor_on() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (old, hers) = (somebody(&platform, &[Role::Author]).await, accepted(sign_in(&platform, EMAIL, PASSWORD).await));
    protect(&platform, Role::Author, second_factor(true)).await;
    let owner = asking(by(&platform, &hers, "192.0.2.1").await);
    let telephone = Telephone::of(&accepted(identity.enroll_totp(&owner, PASSWORD.into()).await).secret);
    let codes = accepted(identity.confirm_totp(&owner, &telephone.shows(0)).await);
    let may = async |signed_in: &SignedIn| by(&platform, signed_in, "192.0.2.1").await.may(Permission::WriteWorkshops);
    assert!(may(&hers).await, "it has shown the first code");
    let thief = asking(by(&platform, &old, "192.0.2.1").await);
    assert_eq!(thief.actor, Actor::Enrolling { account: old.account, sign_in: old.sign_in, scopes: None });
    assert!(matches!(identity.begin_passkey(&thief).await, Err(Fault::StepUpRequired)), "nor a factor of their own");
    assert_eq!(rejected(identity.step_up(&thief, PASSWORD.into(), None).await), No::CodeRequired);
    assert!(!may(&old).await);
    let code = codes[0].expose_secret();
    let another = signed_in(identity.sign_in_with(&anonymous(), EMAIL, PASSWORD.into(), Some(code)).await);
    assert!(may(&accepted(another)).await, "who signs in with a code");
    accepted(identity.step_up(&thief, PASSWORD.into(), Some(codes[1].expose_secret())).await);
    assert!(may(&old).await, "who has shown a code since");
    let renewed = identity.renewed(&thief.actor, None).await.expect("readable").expect("signed in");
    assert!(renewed.may(Permission::WriteWorkshops), "on sockets, too");
}

#[tokio::test]
async fn who_need_not_have_one_goes_on_and_who_must_may_sign_out() {
    let platform = Platform::init().await;
    let ada = somebody(&platform, &[Role::Author]).await;
    protect(&platform, Role::Moderator, second_factor(true)).await;
    assert!(by(&platform, &ada, "192.0.2.1").await.may(Permission::WriteWorkshops));
    protect(&platform, Role::Learner, second_factor(true)).await;
    let actor = by(&platform, &ada, "192.0.2.1").await;
    assert!(matches!(actor, Actor::Enrolling { .. }), "everybody is a learner");
    accepted(platform.commands.identity.sign_out(&asking(actor)).await);
    assert_eq!(platform.commands.identity.standing(ada.account, ada.sign_in).await.expect("readable"), None);
}

#[tokio::test]
async fn what_is_configured_counts_until_administrators_say_otherwise() {
    let platform = Platform::init().await;
    let ada = somebody(&platform, &[Role::Administrator]).await;
    let identity = platform.commands.identity.clone().with_second_factor_for([Role::Administrator].into());
    let is_enrolling = async || {
        let actor = identity.by_sign_in(ada.account, ada.sign_in, None).await.expect("readable");
        matches!(actor, Some(Actor::Enrolling { .. }))
    };
    assert!(is_enrolling().await);
    protect(&platform, Role::Administrator, second_factor(false)).await;
    assert!(!is_enrolling().await);
    let all = identity.role_protections(&Request::system("test")).await.expect("readable");
    assert_eq!(all.len(), Role::ALL.len());
    assert!(all.iter().all(|protected| !protected.second_factor && protected.networks.are_all()));
}

#[tokio::test]
async fn a_role_is_worth_nothing_outside_its_networks() {
    let platform = Platform::init().await;
    let ada = somebody(&platform, &[Role::Analyst]).await;
    let token = accepted(create(&platform, &asking(by(&platform, &ada, "192.0.2.1").await), &["event:read"]).await).token;
    protect(&platform, Role::Analyst, networks(&[OFFICE, "2001:db8::/32"])).await;
    for inside in ["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::5"] {
        assert!(by(&platform, &ada, inside).await.may(Permission::ReadEvents), "{inside}");
    }
    let outside = by(&platform, &ada, "192.0.2.1").await;
    assert!(matches!(outside.holds(Permission::ReadEvents), Err(Fault::NetworkNotAllowed)));
    assert!(matches!(outside.holds(Permission::ReadClusters), Err(Fault::Forbidden)), "nor elsewhere");
    assert!(outside.may(Permission::Learn), "of another role");
    assert!(!Fault::NetworkNotAllowed.to_string().contains("10."), "which they are is not told");
    for (from, may) in [("10.0.0.9", true), ("192.0.2.1", false)] {
        let from = Some(from.parse().expect("an address"));
        let (program, _) = platform.commands.identity.by_access_token(&token, from).await.expect("readable").expect("good");
        assert_eq!(program.may(Permission::ReadEvents), may, "{from:?}");
        let again = platform.commands.identity.renewed(&program, from).await.expect("readable").expect("good");
        assert_eq!(again, program);
    }
}

#[tokio::test]
async fn administrators_say_what_a_role_asks_and_do_not_shut_themselves_out() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    let root = Request { address: Some("192.0.2.1".into()), ..root };
    let role = AnyRole::from(Role::Administrator);
    assert!(matches!(fault(identity.protect_role(&learner(), role, networks(&[])).await), Fault::Forbidden));
    assert!(matches!(fault(identity.protect_role(&administrator(), role, networks(&[])).await), Fault::StepUpRequired));
    assert!(matches!(identity.role_protections(&person(&[Role::Author])).await, Err(Fault::Forbidden)));
    assert_eq!(rejected(identity.protect_role(&root, role, networks(&["the office"])).await), No::NetworksInvalid);
    assert_eq!(rejected(identity.protect_role(&root, role, networks(&[OFFICE])).await), No::NetworksExcludeYou);
    let more = AnyRole::from(Role::SuperAdministrator);
    assert_eq!(rejected(identity.protect_role(&root, more, second_factor(false)).await), No::MoreThanHeld);
    accepted(identity.protect_role(&root, Role::Support.into(), networks(&[OFFICE])).await);
    let before = platform.events().await.len();
    for _ in 0..2 {
        accepted(identity.protect_role(&root, role, networks(&[OFFICE, "192.0.2.0/24"])).await);
    }
    assert_eq!(platform.names_after(before).await, ["RoleProtected"], "the second time nothing changes");
    let all = identity.role_protections(&root).await.expect("readable");
    let found = all.iter().find(|protected| protected.role == role).expect("listed");
    assert_eq!(found.networks.names(), [OFFICE, "192.0.2.0/24"]);
}

#[tokio::test]
async fn a_lost_second_factor_is_turned_off_by_another_and_its_owner_is_told() {
    let (platform, mailbag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let (ada, _, _) = enrolled(&platform).await;
    let (ada, root) = (account(&ada), platform.administrator().await);
    let before = platform.events().await.len();
    accepted(identity.reset_second_factor(&root, ada, REASON).await);
    assert_eq!(platform.names_after(before).await, ["SignedOutEverywhere", "SecondFactorReset"]);
    assert!(!identity.has_second_factor(ada).await.expect("readable"));
    let signed_in = accepted(sign_in(&platform, EMAIL, PASSWORD).await);
    assert_eq!(signed_in.account, ada);
    let taken = mailbag.next(&platform, Occasion::SecondFactorReset).await;
    assert_eq!(taken.to, EMAIL);
    assert_eq!(rejected(identity.reset_second_factor(&root, ada, REASON).await), No::SecondFactorOff);
    let stored: String = platform.named("SecondFactorReset").await.into_iter().map(|event| event.payload.as_str().to_owned()).collect();
    assert!(stored.contains(REASON), "{stored}");
}

#[tokio::test]
async fn nobody_resets_their_own_or_that_of_who_holds_more_and_a_challenge_from_before_is_worth_nothing() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (ada, telephone, _) = enrolled(&platform).await;
    let begun = challenge(&platform).await;
    let root = platform.administrator().await;
    assert!(matches!(fault(identity.reset_second_factor(&ada, account(&ada), REASON).await), Fault::Forbidden));
    assert!(matches!(fault(identity.reset_second_factor(&administrator(), account(&ada), REASON).await), Fault::StepUpRequired));
    assert_eq!(rejected(identity.reset_second_factor(&root, account(&ada), " ").await), No::ReasonInvalid);
    assert_eq!(rejected(identity.reset_second_factor(&root, account(&learner()), REASON).await), No::NotFound);
    accepted(identity.grant_role(&Request::system("test"), account(&ada), Role::SuperAdministrator.into(), None).await);
    assert_eq!(rejected(identity.reset_second_factor(&root, account(&ada), REASON).await), No::MoreThanHeld);
    let own = Request { actor: by_now(&platform, &ada).await, ..ada.clone() };
    let (password, code) = (PASSWORD.into(), telephone.shows(0));
    accepted(identity.step_up(&own, password, Some(&code)).await);
    assert_eq!(rejected(identity.reset_second_factor(&own, account(&ada), REASON).await), No::OwnAccount);
    let owner = platform.signed_in("owner@example.org", &[Role::SuperAdministrator]).await;
    accepted(identity.reset_second_factor(&owner, account(&ada), REASON).await);
    pass(TimeDelta::seconds(30));
    let late = identity.complete_sign_in(&learner(), &begun.token, &telephone.shows(0)).await;
    assert_eq!(rejected(late), No::ChallengeInvalid);
}

async fn by_now(platform: &Platform, who: &Request) -> Actor {
    platform.commands.identity.renewed(&who.actor, None).await.expect("readable").expect("signed in")
}
