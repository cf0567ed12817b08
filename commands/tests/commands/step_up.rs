//! Dangerous acts, by a sign-in that was left open.

use chrono::TimeDelta;
use commands::Fault;
use domain::{
    identity::{IdentityRejection as No, Role},
    kernel::ClusterId,
};
use journal::vault::ExposeSecret;
use uuid::Uuid;

use crate::{
    fleet::{profile, token},
    platform::{PASSWORD, Platform, accepted, account, administrator, anonymous, fault, pass, rejected},
    sign_ins::{ada, request, sign_in},
    telephone::{EMAIL, enrolled},
};

const NEW: &str = "quite another horse";
const OTHER: &str = "lovelace@example.org";

#[tokio::test]
async fn dangerous_acts_need_a_proof_of_the_last_ten_minutes() {
    let platform = Platform::init().await;
    let (identity, environments) = (&platform.commands.identity, &platform.commands.environments);
    let root = platform.signed_in("root@example.org", &[Role::Administrator]).await;
    let bob = accepted(platform.register("bob@example.org", &[]).await);
    let (device, cluster) = (accepted(sign_in(&platform, "root@example.org", PASSWORD).await).sign_in, ClusterId(Uuid::now_v7()));
    pass(TimeDelta::minutes(10));
    let before = platform.events().await.len();
    // Of somebody made up there is no proof either.
    for by in [&root, &administrator()] {
        let all = [
            fault(identity.disable_totp(by).await),
            fault(identity.regenerate_recovery_codes(by).await),
            fault(identity.revoke_device(by, device).await),
            fault(identity.grant_role(by, bob, Role::Author.into(), None).await),
            fault(identity.revoke_role(by, bob, Role::Author.into()).await),
            fault(identity.erase(by, bob, Some("asked for by letter")).await),
            fault(identity.erase(by, account(by), None).await),
            fault(environments.register_cluster(by, profile("berlin"), &token("berlin", "t")).await),
            fault(environments.rotate_cluster_credentials(by, cluster, &token("berlin", "t")).await),
        ];
        assert!(all.iter().all(|fault| matches!(fault, Fault::StepUpRequired)), "{all:?}");
    }
    assert_eq!(platform.events().await.len(), before);
    accepted(identity.step_up(&root, PASSWORD.into(), None).await);
    assert_eq!(platform.names_after(before).await, ["SignInProven"]);
    accepted(identity.grant_role(&root, bob, Role::Author.into(), None).await);
    accepted(identity.revoke_device(&root, device).await);
    pass(TimeDelta::minutes(10));
    assert!(matches!(fault(identity.revoke_role(&root, bob, Role::Author.into()).await), Fault::StepUpRequired));
}

#[tokio::test]
async fn a_proof_is_of_one_sign_in_and_ends_with_it() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (here, there) = (request(&ada(&platform).await), request(&accepted(sign_in(&platform, EMAIL, PASSWORD).await)));
    pass(TimeDelta::minutes(11));
    accepted(identity.step_up(&here, PASSWORD.into(), None).await);
    assert!(matches!(fault(identity.erase(&there, account(&there), None).await), Fault::StepUpRequired));
    accepted(identity.sign_out(&here).await);
    assert!(matches!(fault(identity.erase(&here, account(&here), None).await), Fault::StepUpRequired));
    assert_eq!(rejected(identity.step_up(&here, PASSWORD.into(), None).await), No::DeviceNotFound);
}

#[tokio::test]
async fn where_there_is_a_second_factor_the_password_proves_nothing() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (ada, telephone, codes) = enrolled(&platform).await;
    // Signed in a minute ago, but without a code.
    assert!(matches!(fault(identity.disable_totp(&ada).await), Fault::StepUpRequired));
    assert!(matches!(fault(identity.create_calendar_feed(&ada).await), Fault::StepUpRequired));
    assert_eq!(rejected(identity.step_up(&ada, PASSWORD.into(), None).await), No::CodeRequired);
    assert_eq!(rejected(identity.step_up(&ada, PASSWORD.into(), Some("000000")).await), No::CodeWrong);
    assert_eq!(rejected(identity.step_up(&ada, "not my password".into(), Some(&telephone.shows(0))).await), No::PasswordWrong);
    assert!(matches!(fault(identity.disable_totp(&ada).await), Fault::StepUpRequired));
    accepted(identity.step_up(&ada, PASSWORD.into(), Some(&telephone.shows(0))).await);
    assert_eq!(rejected(identity.step_up(&ada, PASSWORD.into(), Some(&telephone.shows(0))).await), No::CodeWrong, "it is used up");
    let fresh = accepted(identity.regenerate_recovery_codes(&ada).await);
    assert_eq!(rejected(identity.step_up(&ada, PASSWORD.into(), Some(codes[0].expose_secret())).await), No::CodeWrong);
    accepted(identity.step_up(&ada, PASSWORD.into(), Some(fresh[0].expose_secret())).await);
    accepted(identity.disable_totp(&ada).await);
    assert_eq!(rejected(identity.disable_totp(&ada).await), No::SecondFactorOff);
}

#[tokio::test]
async fn who_has_a_second_factor_shows_it_to_change_the_password_or_the_address() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (ada, telephone, _) = enrolled(&platform).await;
    let password = async |current: &str| identity.change_password(&ada, current.into(), NEW.into()).await;
    let address = async |current: &str| identity.request_email_change(&ada, OTHER, current.into()).await;
    let before = platform.events().await.len();
    // Whether the password is right is not told either, however often it is tried.
    for current in [PASSWORD, "not my password"].repeat(4) {
        assert!(matches!(fault(password(current).await), Fault::StepUpRequired));
        assert!(matches!(fault(address(current).await), Fault::StepUpRequired));
    }
    assert_eq!(platform.events().await.len(), before);
    accepted(identity.step_up(&ada, PASSWORD.into(), Some(&telephone.shows(0))).await);
    assert_eq!(rejected(password("not my password").await), No::PasswordWrong, "one does not stand for the other");
    assert_eq!(rejected(address("not my password").await), No::PasswordWrong);
    accepted(address(PASSWORD).await);
    accepted(password(PASSWORD).await);
    pass(TimeDelta::minutes(10));
    assert!(matches!(fault(address(NEW).await), Fault::StepUpRequired), "it is of the last ten minutes");
}

#[tokio::test]
async fn who_has_none_shows_the_password_that_both_take() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = request(&ada(&platform).await);
    pass(TimeDelta::minutes(11));
    assert!(matches!(fault(identity.erase(&ada, account(&ada), None).await), Fault::StepUpRequired), "long ago");
    assert_eq!(rejected(identity.change_password(&ada, "not my password".into(), NEW.into()).await), No::PasswordWrong);
    accepted(identity.request_email_change(&ada, OTHER, PASSWORD.into()).await);
    accepted(identity.change_password(&ada, PASSWORD.into(), NEW.into()).await);
}

#[tokio::test]
async fn guessing_counts_as_signing_in_does() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = request(&ada(&platform).await);
    for _ in 0..5 {
        assert_eq!(rejected(identity.step_up(&ada, "not my password".into(), None).await), No::PasswordWrong);
    }
    assert_eq!(rejected(identity.step_up(&ada, PASSWORD.into(), None).await), No::TooManyTries);
    assert_eq!(rejected(sign_in(&platform, EMAIL, PASSWORD).await), No::TooManyTries);
    assert!(matches!(fault(identity.step_up(&anonymous(), PASSWORD.into(), None).await), Fault::Unauthenticated));
}
