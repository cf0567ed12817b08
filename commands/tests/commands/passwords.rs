//! Choosing passwords, changing them, and bringing their hashes along.

use commands::{Fault, identity::ImportedAccount};
use domain::identity::IdentityRejection as No;
use domain::identity::account::Account;
use journal::vault::ExposeSecret;

use crate::{
    platform::{PASSWORD, Platform, accepted, administrator, anonymous, fault, learner, registration, rejected},
    sign_ins::{ada, request, sign_in},
};

const NEW: &str = "quite another horse";
const EMAIL: &str = "ada@example.org";

async fn change(platform: &Platform, request: &commands::Request, current: &str, new: &str) -> Result<commands::Outcome<(), No>, Fault> {
    platform.commands.identity.change_password(request, current.into(), new.into()).await
}

#[tokio::test]
async fn only_a_password_that_is_not_tried_first_is_registered() {
    let platform = Platform::init().await;
    for (password, expected) in [
        ("fourteen chars", No::PasswordInvalid),
        ("passwordpassword", No::PasswordCommon),
        ("ada@example.org-2026", No::PasswordCommon),
        ("Lovelace, Ada Lovelace", No::PasswordCommon),
    ] {
        let mut registration = registration(EMAIL, &[]);
        registration.password = password.into();
        assert_eq!(rejected(platform.commands.identity.register(&anonymous(), registration).await), expected, "{password}");
    }
}

#[tokio::test]
async fn who_knows_the_password_changes_it_and_stays_signed_in_alone() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (here, there) = (ada(&platform).await, accepted(sign_in(&platform, EMAIL, PASSWORD).await));
    let before = platform.events().await.len();
    accepted(change(&platform, &request(&here), PASSWORD, NEW).await);
    assert_eq!(platform.names_after(before).await, ["PasswordChanged"]);
    assert!(identity.standing(here.account, here.sign_in).await.expect("readable").is_some());
    accepted(identity.refresh(&anonymous(), &here.refresh_token).await);
    assert_eq!(identity.standing(there.account, there.sign_in).await.expect("readable"), None);
    assert_eq!(rejected(identity.refresh(&anonymous(), &there.refresh_token).await), No::RefreshTokenInvalid);
    assert_eq!(rejected(sign_in(&platform, EMAIL, PASSWORD).await), No::CredentialsWrong);
    accepted(sign_in(&platform, EMAIL, NEW).await);
    let stored = platform.events().await.into_iter().map(|event| event.payload.as_str().to_owned()).collect::<String>();
    assert!(!stored.contains("$argon2id$"), "hashes are sealed");
}

#[tokio::test]
async fn a_wrong_or_a_bad_password_changes_nothing() {
    let platform = Platform::init().await;
    let here = ada(&platform).await;
    let before = platform.events().await.len();
    assert_eq!(rejected(change(&platform, &request(&here), "not my password", NEW).await), No::PasswordWrong);
    assert_eq!(rejected(change(&platform, &request(&here), PASSWORD, "short").await), No::PasswordInvalid);
    assert_eq!(rejected(change(&platform, &request(&here), PASSWORD, "ada lovelace ada").await), No::PasswordCommon);
    assert!(matches!(fault(change(&platform, &anonymous(), PASSWORD, NEW).await), Fault::Unauthenticated));
    assert!(matches!(fault(change(&platform, &learner(), PASSWORD, NEW).await), Fault::Unauthenticated), "there is no such account");
    assert_eq!(platform.events().await.len(), before);
    accepted(sign_in(&platform, EMAIL, PASSWORD).await);
}

#[tokio::test]
async fn guessing_the_current_password_counts_as_signing_in_does() {
    let platform = Platform::init().await;
    let here = ada(&platform).await;
    for _ in 0..5 {
        assert_eq!(rejected(change(&platform, &request(&here), "not my password", NEW).await), No::PasswordWrong);
    }
    assert_eq!(rejected(change(&platform, &request(&here), PASSWORD, NEW).await), No::TooManyTries);
    assert_eq!(rejected(sign_in(&platform, EMAIL, PASSWORD).await), No::TooManyTries);
}

async fn hash_of(platform: &Platform, account: domain::kernel::AccountId) -> String {
    let Account::Open { password, .. } = platform.dispatcher().await.state::<Account>(account.into()).await.expect("a state") else {
        panic!("open")
    };
    let sealed = password.as_sealed().expect("sealed").to_owned();
    let opened = platform.vault.open(account.into(), &sealed).await.expect("opened").expect("not erased");
    serde_json::from_slice(opened.expose_secret()).expect("text")
}

#[tokio::test]
async fn a_bcrypt_hash_is_accepted_from_an_import_and_replaced_at_the_first_sign_in() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let imported = "\u{fc}ber horse";
    let password_hash = bcrypt::hash(imported, 12).expect("hashed");
    let account = || ImportedAccount { email: EMAIL.into(), display_name: "Ada".into(), password_hash: password_hash.clone() };
    let ada = accepted(identity.import_account(&administrator(), account()).await);
    assert_eq!(hash_of(&platform, ada).await, password_hash);
    assert_eq!(rejected(sign_in(&platform, EMAIL, "another horse").await), No::CredentialsWrong);
    assert_eq!(hash_of(&platform, ada).await, password_hash, "a wrong password replaces nothing");
    accepted(sign_in(&platform, EMAIL, imported).await);
    assert!(hash_of(&platform, ada).await.starts_with("$argon2id$"));
    let before = platform.events().await.len();
    accepted(sign_in(&platform, EMAIL, imported).await);
    assert_eq!(platform.names_after(before).await, ["SignedIn"], "once");
    assert_eq!(rejected(identity.import_account(&administrator(), account()).await), No::EmailTaken);
}

#[tokio::test]
async fn what_is_no_bcrypt_hash_of_a_sane_cost_is_not_imported() {
    let platform = Platform::init().await;
    let good = bcrypt::hash("horse", 4).expect("hashed");
    for hash in [
        "horse".to_owned(),
        String::new(),
        good.clone(),
        good.replace("$04$", "$31$"),
        good.replace("$04$", "$12$")[..59].to_owned(),
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$c29tZWhhc2g".to_owned(),
    ] {
        let account = ImportedAccount { email: EMAIL.into(), display_name: "Ada".into(), password_hash: hash };
        let refused = platform.commands.identity.import_account(&administrator(), account).await;
        assert_eq!(rejected(refused), No::PasswordHashInvalid);
    }
    let account = ImportedAccount { email: EMAIL.into(), display_name: "Ada".into(), password_hash: good };
    assert!(matches!(fault(platform.commands.identity.import_account(&learner(), account).await), Fault::Forbidden));
    assert!(platform.events().await.is_empty());
}
