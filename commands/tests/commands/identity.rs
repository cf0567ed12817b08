//! Registering, roles, and what is kept of people.

use commands::{Fault, Request};
use domain::identity::{IdentityRejection, Role};
use journal::vault::ExposeSecret;

use crate::platform::{PASSWORD, Platform, accepted, account, anonymous, author, fault, learner, registration, rejected};
use crate::sign_ins::signed_in;

#[tokio::test]
async fn an_account_is_a_learner_and_what_else_it_was_registered_as() {
    let platform = Platform::init().await;
    let ada = platform.signed_in("ada@example.org", &[Role::Author]).await;
    let commands::Actor::Account { account, sign_in, .. } = ada.actor else { panic!("a person") };
    let roles = platform.commands.identity.standing(account, sign_in).await.expect("readable");
    assert_eq!(roles, Some(Role::Author.permissions()));
}

#[tokio::test]
async fn what_is_no_address_name_or_password_is_rejected_by_its_field() {
    let platform = Platform::init().await;
    let register = async |change: fn(&mut commands::identity::Registration)| {
        let mut registration = registration("ada@example.org", &[]);
        change(&mut registration);
        rejected(platform.commands.identity.register(&anonymous(), registration).await)
    };
    assert_eq!(register(|it| it.email = "ada".into()).await, IdentityRejection::EmailInvalid);
    assert_eq!(register(|it| it.display_name = " ".into()).await, IdentityRejection::DisplayNameInvalid);
    assert_eq!(register(|it| it.password = "seven 7".into()).await, IdentityRejection::PasswordInvalid);
    assert_eq!(register(|it| it.password = "p".repeat(129).into()).await, IdentityRejection::PasswordInvalid);
    assert!(platform.events().await.is_empty());
}

#[tokio::test]
async fn roles_are_given_and_taken_by_administrators_only() {
    let platform = Platform::init().await;
    let (identity, ada) = (&platform.commands.identity, accepted(platform.register("ada@example.org", &[]).await));
    for somebody in [learner(), author()] {
        assert!(matches!(fault(identity.grant_role(&somebody, ada, Role::Author.into(), None).await), Fault::Forbidden));
        assert!(matches!(fault(identity.revoke_role(&somebody, ada, Role::Author.into()).await), Fault::Forbidden));
    }
    assert!(matches!(fault(identity.grant_role(&anonymous(), ada, Role::Author.into(), None).await), Fault::Unauthenticated));
    let administrator = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    let before = platform.events().await.len();
    for _ in 0..2 {
        accepted(identity.grant_role(&administrator, ada, Role::Author.into(), None).await);
    }
    for _ in 0..2 {
        accepted(identity.revoke_role(&administrator, ada, Role::Author.into()).await);
    }
    assert_eq!(platform.names_after(before).await, ["RoleGranted", "RoleRevoked"], "each once: what is so already changes nothing");
}

#[tokio::test]
async fn a_role_that_is_taken_is_felt_with_the_next_request() {
    let platform = Platform::init().await;
    let ada = platform.signed_in("ada@example.org", &[Role::Author]).await;
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    accepted(platform.commands.identity.revoke_role(&root, account(&ada), Role::Author.into()).await);
    let commands::Actor::Account { account, sign_in, .. } = ada.actor else { panic!("a person") };
    let roles = platform.commands.identity.standing(account, sign_in).await.expect("readable");
    assert_eq!(roles, Some(Role::Learner.permissions()));
}

#[tokio::test]
async fn administrators_keep_their_role_until_another_takes_it() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in("ada@example.org", &[Role::Administrator]).await;
    let own = identity.revoke_role(&ada, account(&ada), Role::Administrator.into()).await;
    assert_eq!(rejected(own), IdentityRejection::OwnRole);
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    accepted(identity.revoke_role(&root, account(&ada), Role::Administrator.into()).await);
}

#[tokio::test]
async fn everybody_stays_a_learner_and_nobody_gets_roles_without_an_account() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = accepted(platform.register("ada@example.org", &[]).await);
    let (root, nobody) = (platform.signed_in("root@example.org", &[Role::Administrator]).await, account(&learner()));
    assert_eq!(rejected(identity.revoke_role(&root, ada, Role::Learner.into()).await), IdentityRejection::BasicRole);
    assert_eq!(rejected(identity.grant_role(&root, nobody, Role::Author.into(), None).await), IdentityRejection::NotFound);
}

#[tokio::test]
async fn nothing_of_a_person_is_on_disk_in_the_clear() {
    let platform = Platform::in_files().await;
    let request = Request { address: Some("203.0.113.77".into()), key: Some("k".into()), ..anonymous() };
    let ada = accepted(platform.commands.identity.register(&request, registration("ada.lovelace@example.org", &[])).await);
    let signed_in = accepted(signed_in(platform.commands.identity.sign_in(&request, "ada.lovelace@example.org", PASSWORD.into()).await));
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(platform.directory.path()).expect("listed") {
        bytes.extend(std::fs::read(entry.expect("an entry").path()).expect("a file"));
    }
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes()));
    assert!(holds("AccountRegistered") && holds(&ada.0.to_string()), "the events are in these bytes");
    let tokens = [signed_in.access_token.expose_secret(), signed_in.refresh_token.expose_secret()];
    for text in [PASSWORD, "$argon2id", "lovelace", "203.0.113.77"].into_iter().chain(tokens) {
        assert!(!holds(text), "{text}");
    }
}

#[tokio::test]
async fn who_is_erased_cannot_sign_in() {
    let platform = Platform::init().await;
    let ada = accepted(platform.register("ada@example.org", &[]).await);
    platform.vault.erase_subject(ada.into()).await.expect("erased");
    let outcome = platform.commands.identity.sign_in(&anonymous(), "ada@example.org", PASSWORD.into()).await;
    assert_eq!(rejected(outcome), IdentityRejection::CredentialsWrong);
}
