//! Codes beside the password.

use chrono::TimeDelta;
use commands::{
    Fault, Outcome, Request,
    dispatch::Operation,
    identity::{Challenge, SignedIn},
};
use domain::identity::{
    IdentityRejection as No,
    second_factor::{SecondFactor, SecondFactorCommand},
};
use futures_util::future::join_all;
use journal::vault::ExposeSecret;

use crate::{
    platform::{PASSWORD, Platform, accepted, account, act, anonymous, fault, now, pass, rejected},
    sign_ins::{ada, request, signed_in},
    telephone::{EMAIL, Telephone, challenge, enrolled, enrolled_just_now},
};

async fn complete(platform: &Platform, challenge: &Challenge, code: &str) -> Result<Outcome<SignedIn, No>, Fault> {
    platform.commands.identity.complete_sign_in(&anonymous(), &challenge.token, code).await
}

#[tokio::test]
async fn a_code_completes_a_sign_in_that_the_password_began() {
    let platform = Platform::init().await;
    let (_, telephone, _) = enrolled(&platform).await;
    let before = platform.events().await.len();
    let begun = challenge(&platform).await;
    assert_eq!(platform.events().await.len(), before, "nothing has happened yet");
    let signed_in = accepted(complete(&platform, &begun, &telephone.shows(0)).await);
    assert_eq!(platform.names_after(before).await, ["TotpCodeUsed", "SignedIn"]);
    assert!(platform.commands.identity.standing(signed_in.account, signed_in.sign_in).await.expect("readable").is_some());
    let stored: String = platform.events().await.into_iter().map(|event| event.payload.as_str().to_owned()).collect();
    assert!(!stored.contains("otpauth") && stored.contains("$personal"), "the seed is sealed");
}

#[tokio::test]
async fn each_step_is_used_once_and_the_one_before_it_no_more() {
    let platform = Platform::init().await;
    let (_, telephone, _) = enrolled(&platform).await;
    let begun = challenge(&platform).await;
    accepted(complete(&platform, &begun, &telephone.shows(0)).await);
    let begun = challenge(&platform).await;
    for code in [telephone.shows(0), telephone.shows(-1)] {
        assert_eq!(rejected(complete(&platform, &begun, &code).await), No::CodeWrong);
    }
    accepted(complete(&platform, &begun, &telephone.shows(1)).await);
    pass(TimeDelta::minutes(2));
    for ahead in [-2, 2] {
        assert_eq!(rejected(complete(&platform, &challenge(&platform).await, &telephone.shows(ahead)).await), No::CodeWrong, "{ahead}");
    }
}

#[tokio::test]
async fn a_code_may_come_with_the_password_at_once() {
    let platform = Platform::init().await;
    let (ada, telephone, _) = enrolled(&platform).await;
    let identity = &platform.commands.identity;
    let sign_in =
        async |password: &str, code: &str| signed_in(identity.sign_in_with(&anonymous(), EMAIL, password.into(), Some(code)).await);
    assert_eq!(rejected(sign_in(PASSWORD, "000000").await), No::CodeWrong);
    assert_eq!(rejected(sign_in("not my password", &telephone.shows(0)).await), No::CredentialsWrong);
    assert_eq!(accepted(sign_in(PASSWORD, &telephone.shows(0)).await).account, account(&ada));
    assert_eq!(rejected(sign_in(PASSWORD, &telephone.shows(0)).await), No::CodeWrong);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_tasks_that_use_a_step_one_does() {
    let platform = Platform::init().await;
    let (ada, ..) = enrolled_just_now(&platform).await;
    let (id, step) = (account(&ada).into(), now().timestamp() / 30 + 1);
    // Two nodes, as far as the journal can tell.
    let nodes = [platform.dispatcher().await, platform.dispatcher().await];
    let all = (0..100).map(|number| {
        let dispatcher = nodes[number % 2].clone();
        tokio::spawn(async move {
            let (request, operation) = (anonymous(), Operation::new(act("test"), serde_json::json!({})));
            dispatcher.command::<SecondFactor>(&request, operation, id, || SecondFactorCommand::UseCode { step }).await
        })
    });
    let all: Vec<_> = join_all(all).await.into_iter().map(|joined| joined.expect("no panic")).collect();
    let accepted = all.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Accepted(_)))).count();
    let refused = all.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Rejected(No::CodeWrong)))).count();
    assert_eq!((accepted, refused, platform.named("TotpCodeUsed").await.len()), (1, 99, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_hundred_sign_ins_with_one_code_one_is_opened() {
    let platform = Platform::init().await;
    let (_, telephone, _) = enrolled_just_now(&platform).await;
    let (begun, code) = (challenge(&platform).await, telephone.shows(1));
    let before = platform.named("SignedIn").await.len();
    let all = (0..100).map(|number| {
        // Each from an address of its own, so that the first fifty are stopped by nothing but the code.
        let from = Request { address: Some(format!("192.0.2.{number}")), ..anonymous() };
        let (identity, token, code) = (platform.commands.identity.clone(), begun.token.clone(), code.clone());
        tokio::spawn(async move { identity.complete_sign_in(&from, &token, &code).await })
    });
    let all: Vec<_> = join_all(all).await.into_iter().map(|joined| joined.expect("no panic")).collect();
    let opened = all.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Accepted(_)))).count();
    let wrong = all.iter().filter(|outcome| matches!(outcome, Ok(Outcome::Rejected(No::CodeWrong)))).count();
    assert_eq!((opened, platform.named("TotpCodeUsed").await.len(), platform.named("SignedIn").await.len()), (1, 1, before + 1));
    assert!(wrong > 20, "{wrong} got as far as the code");
}

#[tokio::test]
async fn a_recovery_code_is_good_once_in_whatever_letters() {
    let platform = Platform::init().await;
    let (_, _, codes) = enrolled(&platform).await;
    assert_eq!(codes.len(), 10);
    let code = codes[3].expose_secret().to_lowercase().replace('-', "");
    accepted(complete(&platform, &challenge(&platform).await, &code).await);
    assert_eq!(rejected(complete(&platform, &challenge(&platform).await, codes[3].expose_secret()).await), No::CodeWrong);
    accepted(complete(&platform, &challenge(&platform).await, codes[4].expose_secret()).await);
    let stored: String = platform.events().await.into_iter().map(|event| event.payload.as_str().to_owned()).collect();
    assert!(codes.iter().all(|code| !stored.contains(code.expose_secret())));
}

#[tokio::test]
async fn wrong_codes_count_as_wrong_passwords_do() {
    let platform = Platform::init().await;
    let (_, telephone, _) = enrolled(&platform).await;
    let begun = challenge(&platform).await;
    for _ in 0..4 {
        assert_eq!(rejected(complete(&platform, &begun, "000000").await), No::CodeWrong);
    }
    assert_eq!(rejected(complete(&platform, &begun, &telephone.shows(0)).await), No::TooManyTries);
    let again = platform.commands.identity.sign_in(&anonymous(), EMAIL, PASSWORD.into()).await;
    assert_eq!(rejected(again), No::TooManyTries);
}

#[tokio::test]
async fn a_right_password_gives_no_more_codes_to_guess() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (ada, telephone, codes) = enrolled(&platform).await;
    let guess = async |begun: &Challenge| rejected(complete(&platform, begun, "000000").await);
    let begun = challenge(&platform).await;
    for _ in 0..4 {
        assert_eq!(guess(&begun).await, No::CodeWrong);
        assert_eq!(rejected(identity.enroll_totp(&ada, PASSWORD.into()).await), No::SecondFactorOn);
        assert_eq!(rejected(identity.enroll_totp(&ada, "not my password".into()).await), No::SecondFactorOn, "it is not looked at");
    }
    assert_eq!(rejected(complete(&platform, &begun, &telephone.shows(0)).await), No::TooManyTries);

    // Nor to whoever finds a sign-in by which a code was shown a moment ago.
    pass(TimeDelta::minutes(1));
    accepted(identity.step_up(&ada, PASSWORD.into(), Some(codes[0].expose_secret())).await);
    let begun = challenge(&platform).await;
    // As long as each has to wait by then, so that half a minute is between the last two.
    for wait in [0, 0, 0, 0, 2, 3, 5] {
        pass(TimeDelta::seconds(wait));
        assert_eq!(guess(&begun).await, No::CodeWrong);
    }
    pass(TimeDelta::seconds(9));
    accepted(identity.request_email_change(&ada, "ada@example.com", PASSWORD.into()).await);
    pass(TimeDelta::seconds(17));
    accepted(identity.change_password(&ada, PASSWORD.into(), "another good passphrase".into()).await);
    let again = identity.sign_in(&anonymous(), EMAIL, "another good passphrase".into()).await;
    assert_eq!(rejected(again), No::TooManyTries);
}

#[tokio::test]
async fn a_challenge_is_good_for_five_minutes_and_until_the_password_changes() {
    let platform = Platform::init().await;
    let (ada, telephone, codes) = enrolled(&platform).await;
    let old = challenge(&platform).await;
    pass(TimeDelta::minutes(5));
    assert_eq!(rejected(complete(&platform, &old, &telephone.shows(0)).await), No::ChallengeInvalid);
    let begun = challenge(&platform).await;
    accepted(platform.commands.identity.step_up(&ada, PASSWORD.into(), Some(codes[0].expose_secret())).await);
    accepted(platform.commands.identity.change_password(&ada, PASSWORD.into(), "8 is ok!".into()).await);
    assert_eq!(rejected(complete(&platform, &begun, &telephone.shows(0)).await), No::ChallengeInvalid);
    for token in ["", "nonsense", &"A".repeat(102)] {
        let outcome = platform.commands.identity.complete_sign_in(&anonymous(), &token.to_owned().into(), "000000").await;
        assert_eq!(rejected(outcome), No::ChallengeInvalid);
    }
}

#[tokio::test]
async fn it_is_turned_on_by_who_knows_the_password_and_has_a_code() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = request(&ada(&platform).await);
    assert_eq!(rejected(identity.enroll_totp(&ada, "not my password".into()).await), No::PasswordWrong);
    assert_eq!(rejected(identity.confirm_totp(&ada, "000000").await), No::SecondFactorOff);
    let lost = Telephone::of(&accepted(identity.enroll_totp(&ada, PASSWORD.into()).await).secret);
    let telephone = Telephone::of(&accepted(identity.enroll_totp(&ada, PASSWORD.into()).await).secret);
    assert_eq!(rejected(identity.confirm_totp(&ada, &lost.shows(0)).await), No::CodeWrong);
    assert!(!identity.has_second_factor(account(&ada)).await.expect("readable"));
    accepted(identity.confirm_totp(&ada, &telephone.shows(0)).await);
    assert!(identity.has_second_factor(account(&ada)).await.expect("readable"));
    assert_eq!(rejected(identity.enroll_totp(&ada, PASSWORD.into()).await), No::SecondFactorOn);
    assert_eq!(rejected(identity.confirm_totp(&ada, &telephone.shows(1)).await), No::SecondFactorOn);
    assert!(matches!(fault(identity.enroll_totp(&anonymous(), PASSWORD.into()).await), Fault::Unauthenticated));
    assert!(matches!(fault(identity.confirm_totp(&anonymous(), "000000").await), Fault::Unauthenticated));
}

#[tokio::test]
async fn the_first_code_is_not_guessed_either() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let ada = request(&ada(&platform).await);
    let telephone = Telephone::of(&accepted(identity.enroll_totp(&ada, PASSWORD.into()).await).secret);
    for _ in 0..5 {
        assert_eq!(rejected(identity.confirm_totp(&ada, "000000").await), No::CodeWrong);
    }
    assert_eq!(rejected(identity.confirm_totp(&ada, &telephone.shows(0)).await), No::TooManyTries);
}

#[tokio::test]
async fn a_short_password_needs_its_second_factor() {
    let platform = Platform::init().await;
    let identity = &platform.commands.identity;
    let (ada, _, codes) = enrolled(&platform).await;
    let change = async |from: &str, to: &str| identity.change_password(&ada, from.into(), to.into()).await;
    accepted(identity.step_up(&ada, PASSWORD.into(), Some(codes[0].expose_secret())).await);
    accepted(change(PASSWORD, "8 is ok!").await);
    assert_eq!(rejected(identity.disable_totp(&ada).await), No::SecondFactorNeeded);
    assert_eq!(rejected(change("8 is ok!", "7 is no").await), No::PasswordInvalid);
    accepted(change("8 is ok!", PASSWORD).await);
    accepted(identity.disable_totp(&ada).await);
    assert!(!identity.has_second_factor(account(&ada)).await.expect("readable"));
    assert_eq!(rejected(change(PASSWORD, "8 is ok!").await), No::PasswordInvalid);
    accepted(signed_in(identity.sign_in(&anonymous(), EMAIL, PASSWORD.into()).await));
}
