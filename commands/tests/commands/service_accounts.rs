//! Programs that do something by themselves.

use chrono::TimeDelta;
use commands::{
    Actor, Fault, Outcome, Request,
    identity::{CreatedServiceAccount, NewAccessToken, ProtectionChange},
};
use domain::identity::{IdentityRejection as No, Permission, Role, mail::Occasion};
use journal::vault::ExposeSecret;

use crate::{
    access_tokens::with,
    mailbag::Mailbag,
    platform::{PASSWORD, Platform, accepted, account, administrator, anonymous, fault, learner, now, pass, rejected},
};

const REASON: &str = "has left";

pub(crate) async fn create(platform: &Platform, by: &Request, scopes: &[&str]) -> Result<Outcome<CreatedServiceAccount, No>, Fault> {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let new = NewAccessToken { name: "nightly reports".into(), scopes, expires_at: now() + TimeDelta::days(30) };
    platform.commands.identity.create_service_account(by, new).await
}

async fn root(platform: &Platform) -> Request {
    platform.signed_in("root@example.org", &[Role::Administrator]).await
}

#[tokio::test]
async fn a_service_account_may_what_it_was_made_for_as_far_as_its_creator_does() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let root = root(&platform).await;
    let created = accepted(create(&platform, &root, &["event:read", "role:grant"]).await);
    assert!(created.token.expose_secret().starts_with("nlb_svc_"));
    let service = with(&platform, &created.token).await.expect("good");
    assert_eq!((service.actor.account(), service.actor.name()), (None, created.id.to_string()));
    assert_eq!(service.actor.held(), Some([Permission::ReadEvents, Permission::GrantRoles].into()));
    assert!(
        matches!(fault(identity.grant_role(&service, account(&root), Role::Author.into(), None).await), Fault::Forbidden),
        "in person alone"
    );
    assert!(matches!(fault(identity.sign_out(&service).await), Fault::Forbidden));
    assert!(matches!(fault(identity.enroll_totp(&service, PASSWORD.into()).await), Fault::Forbidden));
    accepted(identity.revoke_role(&Request::system("test"), account(&root), Role::Administrator.into()).await);
    assert_eq!(with(&platform, &created.token).await.expect("good").actor.held(), Some([].into()), "felt at once");
    let stored: String = platform.events().await.into_iter().map(|event| event.payload.as_str().to_owned()).collect();
    assert!(!stored.contains("nlb_svc_") && stored.contains("nightly reports"), "{stored}");
}

#[tokio::test]
async fn what_it_does_is_recorded_as_its_own() {
    let platform = Platform::init().await;
    let root = root(&platform).await;
    let service = accepted(create(&platform, &root, &["workshop:manage"]).await);
    let actor = with(&platform, &service.token).await.expect("good").actor;
    let author = platform.signed_in("ada@example.org", &[Role::Author]).await;
    let workshop = platform.published(&author, "pipes", &crate::texts::reading("Pipes")).await;
    let request = Request { address: Some("192.0.2.1".into()), actor, ..learner() };
    accepted(platform.commands.workshops.archive(&request, workshop).await);
    let archived = platform.named("WorkshopArchived").await.pop().expect("archived");
    assert_eq!((archived.metadata.actor, archived.metadata.via), (service.id.to_string(), None));
    assert!(archived.metadata.address.is_some_and(|address| !address.to_string().contains("192.0.2.1")), "sealed, of whoever made it");
}

#[tokio::test]
async fn who_makes_one_holds_what_it_may_and_shows_who_they_are() {
    let platform = Platform::init().await;
    let root = root(&platform).await;
    assert_eq!(rejected(create(&platform, &root, &["platform:own"]).await), No::ScopesNotHeld);
    for (scopes, expected) in [(&[][..], No::ScopesInvalid), (&["everything"], No::ScopesInvalid)] {
        assert_eq!(rejected(create(&platform, &root, scopes).await), expected);
    }
    assert!(matches!(fault(create(&platform, &learner(), &["session:take"]).await), Fault::Forbidden));
    assert!(matches!(fault(create(&platform, &administrator(), &["session:take"]).await), Fault::StepUpRequired));
    let service = accepted(create(&platform, &root, &["service_account:manage"]).await);
    let actor = with(&platform, &service.token).await.expect("good").actor;
    assert!(
        matches!(fault(create(&platform, &Request { actor, ..learner() }, &["session:take"]).await), Fault::Forbidden),
        "none makes another"
    );
}

#[tokio::test]
async fn it_is_good_until_it_expires_or_is_revoked_or_its_creator_is_out() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let root = root(&platform).await;
    let other = platform.signed_in("other@example.org", &[Role::Administrator]).await;
    let [revoked, expiring] = [create(&platform, &root, &["event:read"]), create(&platform, &root, &["event:read"])];
    let (revoked, expiring) = (accepted(revoked.await), accepted(expiring.await));
    assert!(matches!(fault(identity.revoke_service_account(&learner(), revoked.id).await), Fault::Forbidden));
    for _ in 0..2 {
        accepted(identity.revoke_service_account(&other, revoked.id).await);
    }
    assert!(with(&platform, &revoked.token).await.is_none());
    let actor = with(&platform, &expiring.token).await.expect("good").actor;
    assert_eq!(identity.renewed(&actor, None).await.expect("readable"), Some(actor.clone()));
    let system = Request::system("test");
    accepted(identity.suspend(&system, account(&root), REASON).await);
    assert!(with(&platform, &expiring.token).await.is_none(), "nobody answers for it");
    accepted(identity.reinstate(&system, account(&root)).await);
    let change = ProtectionChange { second_factor: Some(true), networks: None };
    accepted(identity.protect_role(&system, Role::Administrator.into(), change).await);
    assert!(with(&platform, &expiring.token).await.is_none(), "its creator may nothing");
    let change = ProtectionChange { second_factor: Some(false), networks: Some(vec!["10.0.0.0/8".into()]) };
    accepted(identity.protect_role(&system, Role::Administrator.into(), change).await);
    let outside = with(&platform, &expiring.token).await.expect("good").actor;
    assert!(matches!(outside.holds(Permission::ReadEvents), Err(Fault::NetworkNotAllowed)));
    let inside = identity.by_access_token(&expiring.token, Some("10.0.0.1".parse().expect("an address"))).await.expect("readable");
    assert!(inside.expect("good").0.may(Permission::ReadEvents));
    pass(TimeDelta::days(30));
    assert!(with(&platform, &expiring.token).await.is_none());
    assert_eq!(identity.renewed(&actor, None).await.expect("readable"), None::<Actor>);
}

#[tokio::test]
async fn none_of_whoever_claimed_an_address_in_advance_goes_on_once_its_owner_sets_a_password() {
    let (platform, mailbag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let squatters = accepted(create(&platform, &root(&platform).await, &["event:read"]).await);
    assert!(with(&platform, &squatters.token).await.is_some());
    accepted(identity.request_reset(&anonymous(), "root@example.org").await);
    let link = mailbag.next(&platform, Occasion::ResetPassword).await.token();
    accepted(identity.reset_password(&anonymous(), &link, "the owner's passphrase".into()).await);
    assert!(with(&platform, &squatters.token).await.is_none());
}
