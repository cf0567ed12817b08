//! Tokens for programs.

use chrono::TimeDelta;
use commands::{
    Actor, Fault, Outcome, Request,
    identity::{CreatedAccessToken, NewAccessToken},
};
use domain::identity::{IdentityRejection as No, Permission, Role};
use journal::vault::ExposeSecret;
use secrecy::SecretString;

use crate::platform::{PASSWORD, Platform, accepted, account, anonymous, fault, now, pass, rejected};

pub(crate) async fn create(platform: &Platform, by: &Request, scopes: &[&str]) -> Result<Outcome<CreatedAccessToken, No>, Fault> {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    let new = NewAccessToken { name: "my pipeline".into(), scopes, expires_at: now() + TimeDelta::days(30) };
    platform.commands.identity.create_access_token(by, new).await
}

/// Who comes with a token.
pub(crate) async fn with(platform: &Platform, token: &SecretString) -> Option<Request> {
    let found = platform.commands.identity.by_access_token(token, None).await.expect("readable");
    found.map(|(actor, _)| Request { actor, ..anonymous() })
}

#[tokio::test]
async fn a_program_may_what_its_token_says_and_its_owner_holds() {
    let platform = Platform::init().await;
    let ada = platform.signed_in("ada@example.org", &[Role::Author]).await;
    let created = accepted(create(&platform, &ada, &["workshop:write", "account:manage"]).await);
    assert!(created.token.expose_secret().starts_with("nlb_pat_"));
    let program = with(&platform, &created.token).await.expect("good");
    assert_eq!(program.actor.account(), Some(account(&ada)));
    for (permission, expected) in [
        (Permission::WriteWorkshops, true),
        (Permission::Learn, false),          // Its owner may.
        (Permission::ManageAccounts, false), // Its scopes say so.
    ] {
        assert_eq!(program.actor.may(permission), expected, "{permission:?}");
    }
    accepted(platform.commands.identity.revoke_role(&Request::system("test"), account(&ada), Role::Author.into()).await);
    assert!(!with(&platform, &created.token).await.expect("good").actor.may(Permission::WriteWorkshops), "felt at once");
    let stored: String = platform.events().await.into_iter().map(|event| event.payload.as_str().to_owned()).collect();
    assert!(!stored.contains("nlb_pat_") && !stored.contains("my pipeline"), "{stored}");
}

#[tokio::test]
async fn a_token_is_good_until_it_expires_is_revoked_or_its_owner_is_erased() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let bob = platform.signed_in("bob@example.org", &[]).await;
    let [revoked, expiring, bobs] = [&ada, &ada, &bob].map(|by| create(&platform, by, &["session:take"]));
    let (revoked, expiring, bobs) = (accepted(revoked.await), accepted(expiring.await), accepted(bobs.await));
    assert_eq!(rejected(identity.revoke_access_token(&bob, revoked.id).await), No::TokenNotFound);
    for _ in 0..2 {
        accepted(identity.revoke_access_token(&ada, revoked.id).await);
    }
    assert!(with(&platform, &revoked.token).await.is_none());
    accepted(identity.erase(&bob, account(&bob), None).await);
    assert!(with(&platform, &bobs.token).await.is_none());
    let program = with(&platform, &expiring.token).await.expect("good").actor;
    assert!(identity.renewed(&program, None).await.expect("readable").is_some());
    pass(TimeDelta::days(30));
    assert!(with(&platform, &expiring.token).await.is_none());
    assert!(identity.renewed(&program, None).await.expect("readable").is_none());
    for unknown in ["nlb_pat_", "nlb_pat_AAAA", "", &format!("{}A", expiring.token.expose_secret())] {
        assert!(with(&platform, &unknown.to_owned().into()).await.is_none());
    }
}

#[tokio::test]
async fn a_program_does_not_change_the_account() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    let created = accepted(create(&platform, &root, &["account:manage", "cluster:rotate_credentials"]).await);
    let program = with(&platform, &created.token).await.expect("good");
    let Actor::Account { sign_in, .. } = root.actor else { panic!("a person") };
    let before = platform.events().await.len();
    let all = [
        fault(create(&platform, &program, &["session:take"]).await),
        fault(identity.revoke_access_token(&program, created.id).await),
        fault(identity.step_up(&program, PASSWORD.into(), None).await),
        fault(identity.change_password(&program, PASSWORD.into(), "quite another horse".into()).await),
        fault(identity.enroll_totp(&program, PASSWORD.into()).await),
        fault(identity.confirm_totp(&program, "000000").await),
        fault(identity.disable_totp(&program).await),
        fault(identity.regenerate_recovery_codes(&program).await),
        fault(identity.sign_out(&program).await),
        fault(identity.sign_out_everywhere(&program).await),
        fault(identity.revoke_device(&program, sign_in).await),
        fault(identity.erase(&program, account(&root), None).await),
        fault(identity.grant_role(&program, account(&root), Role::Author.into(), None).await),
    ];
    assert!(all.iter().all(|fault| matches!(fault, Fault::Forbidden)), "{all:?}");
    assert_eq!(platform.events().await.len(), before);
}

#[tokio::test]
async fn a_token_is_made_in_person_after_showing_who_one_is() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    for scopes in [&[][..], &["everything"], &["session:take", "Learn"]] {
        assert_eq!(rejected(create(&platform, &ada, scopes).await), No::ScopesInvalid);
    }
    let new = |name: &str, days| NewAccessToken {
        name: name.into(),
        scopes: vec!["session:take".into()],
        expires_at: now() + TimeDelta::days(days),
    };
    assert_eq!(rejected(identity.create_access_token(&ada, new(" ", 1)).await), No::TokenNameInvalid);
    for days in [0, -1, 366] {
        assert_eq!(rejected(identity.create_access_token(&ada, new("mine", days)).await), No::ExpiryInvalid);
    }
    assert!(matches!(fault(create(&platform, &anonymous(), &["session:take"]).await), Fault::Unauthenticated));
    pass(TimeDelta::minutes(10));
    assert!(matches!(fault(create(&platform, &ada, &["session:take"]).await), Fault::StepUpRequired));
}

#[tokio::test]
async fn when_it_was_last_used_is_kept_by_the_hour() {
    let platform = Platform::init().await;
    let ada = platform.signed_in("ada@example.org", &[]).await;
    let created = accepted(create(&platform, &ada, &["session:take"]).await);
    let used = async || platform.vault.refresh_families(&[created.id.into()]).await.expect("readable")[0].rotated_at;
    assert_eq!(used().await, None);
    with(&platform, &created.token).await.expect("good");
    let first = used().await.expect("used");
    pass(TimeDelta::minutes(59));
    with(&platform, &created.token).await.expect("good");
    assert_eq!(used().await, Some(first));
    pass(TimeDelta::minutes(2));
    with(&platform, &created.token).await.expect("good");
    assert!(used().await.is_some_and(|later| later - first >= TimeDelta::minutes(60)));
}
