//! Verified addresses, forgotten passwords, new addresses: by links that are mailed.

use chrono::TimeDelta;
use commands::{Fault, Outcome, Request};
use domain::identity::{IdentityRejection as No, Language, mail::Occasion};

use crate::{
    mailbag::Mailbag,
    platform::{PASSWORD, Platform, accepted, account, anonymous, fault, pass, rejected},
    rules::settle,
    sign_ins::sign_in,
};

const EMAIL: &str = "ada@example.org";
const OTHER: &str = "lovelace@example.org";
const NEW: &str = "quite another horse";

async fn reset(platform: &Platform, token: &secrecy::SecretString, new: &str) -> Result<Outcome<(), No>, Fault> {
    platform.commands.identity.reset_password(&anonymous(), token, new.to_owned().into()).await
}

async fn verified(platform: &Platform, request: &Request) -> bool {
    platform.commands.identity.contact(account(request)).await.expect("readable").verified
}

#[tokio::test]
async fn an_address_is_verified_by_the_link_that_was_mailed_there_once() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in(EMAIL, &[]).await;
    assert!(!verified(&platform, &ada).await);
    let token = bag.next(&platform, Occasion::VerifyEmail).await.token();
    assert_eq!(accepted(identity.verify_email(&anonymous(), &token).await), account(&ada));
    assert!(verified(&platform, &ada).await);
    assert_eq!(rejected(identity.verify_email(&anonymous(), &token).await), No::LinkInvalid);
    assert_eq!(rejected(identity.verify_email(&anonymous(), &"no token".into()).await), No::LinkInvalid);
    assert_eq!(rejected(identity.request_verification(&ada).await), No::EmailVerified);
    assert!(matches!(fault(identity.request_verification(&anonymous()).await), Fault::Unauthenticated));
}

#[tokio::test]
async fn a_link_that_was_asked_for_again_takes_the_place_of_the_first() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in(EMAIL, &[]).await;
    let first = bag.next(&platform, Occasion::VerifyEmail).await.token();
    assert_eq!(rejected(identity.request_verification(&ada).await), No::TooManyTries);
    pass(TimeDelta::minutes(2));
    accepted(identity.request_verification(&ada).await);
    let second = bag.next(&platform, Occasion::VerifyEmail).await.token();
    assert_eq!(rejected(identity.verify_email(&anonymous(), &first).await), No::LinkInvalid);
    accepted(identity.verify_email(&anonymous(), &second).await);
}

#[tokio::test]
async fn a_link_expires_and_is_worth_nothing_once_its_account_is_erased() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    platform.signed_in(EMAIL, &[]).await;
    let late = bag.next(&platform, Occasion::VerifyEmail).await.token();
    let bob = platform.signed_in("bob@example.org", &[]).await;
    let gone = bag.next(&platform, Occasion::VerifyEmail).await.token();
    accepted(identity.erase(&bob, account(&bob), None).await);
    assert_eq!(rejected(identity.verify_email(&anonymous(), &gone).await), No::LinkInvalid);
    pass(TimeDelta::hours(25));
    assert_eq!(rejected(identity.verify_email(&anonymous(), &late).await), No::LinkInvalid);
}

#[tokio::test]
async fn a_forgotten_password_is_replaced_by_a_link_and_all_sign_ins_end() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    accepted(platform.register(EMAIL, &[]).await);
    let signed_in = accepted(sign_in(&platform, EMAIL, PASSWORD).await);
    accepted(identity.request_reset(&anonymous(), " ADA@example.org").await);
    let token = bag.next(&platform, Occasion::ResetPassword).await.token();
    assert_eq!(rejected(reset(&platform, &token, "short").await), No::PasswordInvalid);
    assert_eq!(rejected(reset(&platform, &token, "Ada Lovelace 12").await), No::PasswordCommon);
    accepted(reset(&platform, &token, NEW).await);
    assert_eq!(identity.standing(signed_in.account, signed_in.sign_in).await.expect("readable"), None);
    assert_eq!(rejected(identity.refresh(&anonymous(), &signed_in.refresh_token).await), No::RefreshTokenInvalid);
    assert_eq!(rejected(sign_in(&platform, EMAIL, PASSWORD).await), No::CredentialsWrong);
    accepted(sign_in(&platform, EMAIL, NEW).await);
    assert_eq!(rejected(reset(&platform, &token, "one more good horse").await), No::LinkInvalid, "it is good once");
    assert_eq!(bag.next(&platform, Occasion::PasswordChanged).await.to, EMAIL);
}

#[tokio::test]
async fn of_many_who_come_with_one_link_at_once_one_sets_the_password() {
    let (platform, bag) = Mailbag::platform().await;
    accepted(platform.register(EMAIL, &[]).await);
    accepted(platform.commands.identity.request_reset(&anonymous(), EMAIL).await);
    let token = bag.next(&platform, Occasion::ResetPassword).await.token();
    let passwords: Vec<_> = (0..8).map(|number| format!("quite another horse {number}")).collect();
    let resets = futures_util::future::join_all(passwords.iter().map(|new| reset(&platform, &token, new))).await;
    let accepted = resets.into_iter().filter(|outcome| matches!(outcome, Ok(Outcome::Accepted(_)))).count();
    assert_eq!((accepted, platform.named("PasswordChanged").await.len()), (1, 1));
}

#[tokio::test]
async fn an_hour_later_the_link_is_worth_nothing() {
    let (platform, bag) = Mailbag::platform().await;
    accepted(platform.register(EMAIL, &[]).await);
    accepted(platform.commands.identity.request_reset(&anonymous(), EMAIL).await);
    let token = bag.next(&platform, Occasion::ResetPassword).await.token();
    pass(TimeDelta::minutes(61));
    assert_eq!(rejected(reset(&platform, &token, NEW).await), No::LinkInvalid);
}

#[tokio::test]
async fn asking_tells_nothing_of_who_has_an_account_and_is_counted_apart_from_tries() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    accepted(platform.register(EMAIL, &[]).await);
    settle(&platform).await;
    let mut answers = Vec::new();
    for email in [EMAIL, "nobody@example.org"] {
        let before = platform.events().await.len();
        accepted(identity.request_reset(&anonymous(), email).await);
        assert_eq!(platform.names_after(before).await, ["PasswordResetAsked"], "{email}");
        let mut answer = Vec::new();
        for _ in 0..6 {
            answer.push(format!(
                "{:?}",
                identity.request_reset(&anonymous(), email).await.map(|outcome| matches!(outcome, Outcome::Rejected(_))).ok()
            ));
        }
        answers.push(answer);
        assert_eq!(rejected(identity.request_reset(&anonymous(), email).await), No::TooManyTries, "{email}");
    }
    accepted(sign_in(&platform, EMAIL, PASSWORD).await);
    assert_eq!(rejected(sign_in(&platform, "nobody@example.org", PASSWORD).await), No::CredentialsWrong);
    assert_eq!(answers[0], answers[1]);
    assert_eq!(rejected(identity.request_reset(&anonymous(), "nonsense").await), No::EmailInvalid);
    settle(&platform).await;
    let mails = bag.all().into_iter().filter(|mail| mail.occasion == Occasion::ResetPassword).map(|mail| mail.to);
    assert_eq!(mails.collect::<Vec<_>>(), [EMAIL], "one a minute, and none to nobody");
}

#[tokio::test]
async fn a_new_address_is_confirmed_by_its_link_and_the_old_one_told_of_it() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in(EMAIL, &[]).await;
    settle(&platform).await;
    assert_eq!(rejected(identity.request_email_change(&ada, OTHER, "not my password".into()).await), No::PasswordWrong);
    assert_eq!(rejected(identity.request_email_change(&ada, EMAIL, PASSWORD.into()).await), No::EmailUnchanged);
    assert_eq!(rejected(identity.request_email_change(&ada, "nonsense", PASSWORD.into()).await), No::EmailInvalid);
    accepted(identity.request_email_change(&ada, OTHER, PASSWORD.into()).await);
    let token = bag.next(&platform, Occasion::ConfirmNewEmail).await;
    assert_eq!(token.to, OTHER);
    settle(&platform).await;
    accepted(sign_in(&platform, EMAIL, PASSWORD).await);
    let before = platform.events().await.len();
    accepted(identity.confirm_email_change(&anonymous(), &token.token()).await);
    let names = platform.names_after(before).await;
    assert_eq!(names, ["EmailChangeConfirmed", "EmailClaimed", "EmailReleased", "EmailChanged"]);
    assert!(verified(&platform, &ada).await);
    assert_eq!(rejected(sign_in(&platform, EMAIL, PASSWORD).await), No::CredentialsWrong);
    assert_eq!(accepted(sign_in(&platform, OTHER, PASSWORD).await).account, account(&ada));
    settle(&platform).await;
    let told: Vec<_> = bag.all().into_iter().skip(1).map(|mail| (mail.to, mail.occasion)).collect();
    let all = [(OTHER, Occasion::ConfirmNewEmail), (EMAIL, Occasion::EmailChangeRequested), (EMAIL, Occasion::EmailChanged)];
    assert_eq!(told.len(), 3);
    assert!(all.iter().all(|(to, occasion)| told.contains(&((*to).to_owned(), *occasion))), "{told:?}");
    accepted(platform.register(EMAIL, &[]).await);
    assert_eq!(rejected(identity.confirm_email_change(&anonymous(), &token.token()).await), No::LinkInvalid);
}

#[tokio::test]
async fn the_old_address_stops_the_change() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in(EMAIL, &[]).await;
    accepted(identity.request_email_change(&ada, OTHER, PASSWORD.into()).await);
    let stop = bag.next(&platform, Occasion::EmailChangeRequested).await;
    settle(&platform).await;
    let confirm = bag.all().into_iter().find(|mail| mail.occasion == Occasion::ConfirmNewEmail).expect("mailed").token();
    assert_eq!(stop.to, EMAIL);
    assert_eq!(rejected(identity.stop_email_change(&anonymous(), &confirm).await), No::LinkInvalid, "each is good for its own");
    accepted(identity.stop_email_change(&anonymous(), &stop.token()).await);
    assert_eq!(rejected(identity.confirm_email_change(&anonymous(), &confirm).await), No::LinkInvalid);
    accepted(sign_in(&platform, EMAIL, PASSWORD).await);
    accepted(platform.register(OTHER, &[]).await);
}

#[tokio::test]
async fn an_address_that_was_taken_meanwhile_is_not_taken_away() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in(EMAIL, &[]).await;
    accepted(identity.request_email_change(&ada, OTHER, PASSWORD.into()).await);
    let token = bag.next(&platform, Occasion::ConfirmNewEmail).await.token();
    accepted(platform.register(OTHER, &[]).await);
    assert_eq!(rejected(identity.confirm_email_change(&anonymous(), &token).await), No::EmailTaken);
    accepted(sign_in(&platform, EMAIL, PASSWORD).await);
    pass(TimeDelta::minutes(2));
    assert_eq!(rejected(identity.request_email_change(&ada, OTHER, PASSWORD.into()).await), No::EmailTaken);
}

#[tokio::test]
async fn what_was_mailed_to_an_address_is_worth_nothing_once_it_is_another() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in(EMAIL, &[]).await;
    accepted(identity.request_reset(&anonymous(), EMAIL).await);
    let reset_token = bag.next(&platform, Occasion::ResetPassword).await.token();
    accepted(identity.request_email_change(&ada, OTHER, PASSWORD.into()).await);
    let token = bag.next(&platform, Occasion::ConfirmNewEmail).await.token();
    accepted(identity.confirm_email_change(&anonymous(), &token).await);
    assert_eq!(rejected(reset(&platform, &reset_token, NEW).await), No::LinkInvalid);
}

#[tokio::test]
async fn a_retry_under_its_key_is_answered_as_the_first_was() {
    let (platform, bag) = Mailbag::platform().await;
    accepted(platform.register(EMAIL, &[]).await);
    accepted(platform.commands.identity.request_reset(&anonymous(), EMAIL).await);
    let token = bag.next(&platform, Occasion::ResetPassword).await.token();
    let keyed = anonymous().with_key(Some("once".into()));
    for _ in 0..2 {
        accepted(platform.commands.identity.reset_password(&keyed, &token, NEW.into()).await);
    }
    assert_eq!(platform.named("PasswordChanged").await.len(), 1);
}

#[tokio::test]
async fn people_choose_their_name_and_the_language_they_are_written_to_in() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    let ada = platform.signed_in(EMAIL, &[]).await;
    settle(&platform).await;
    let before = platform.events().await.len();
    assert_eq!(accepted(identity.revise_profile(&ada, Some(" Countess "), Some(Language::Fr)).await), account(&ada));
    assert_eq!(platform.names_after(before).await, ["AccountRenamed", "LanguageChosen"]);
    assert_eq!(rejected(identity.revise_profile(&ada, Some(""), Some(Language::En)).await), No::DisplayNameInvalid);
    assert!(matches!(fault(identity.revise_profile(&anonymous(), None, None).await), Fault::Unauthenticated));
    accepted(identity.change_password(&ada, PASSWORD.into(), NEW.into()).await);
    assert_eq!(bag.next(&platform, Occasion::PasswordChanged).await.language, Language::Fr);
}

#[tokio::test]
async fn who_guesses_from_everywhere_keeps_nobody_out_who_comes_by_their_link() {
    let (platform, bag) = Mailbag::platform().await;
    let identity = &platform.commands.identity;
    accepted(platform.register(EMAIL, &[]).await);
    let from = |address: String| Request { address: Some(address), ..anonymous() };
    for number in 0..60 {
        let guess = identity.sign_in(&from(format!("203.0.113.{}", number % 20)), EMAIL, "a wrong password".into()).await;
        assert!(matches!(guess, Ok(Outcome::Rejected(_))), "{number}");
    }
    let here = from("192.0.2.1".into());
    let comes = async || identity.sign_in(&here, EMAIL, NEW.into()).await.map(|outcome| matches!(outcome, Outcome::Accepted(_))).ok();
    accepted(identity.request_reset(&here, EMAIL).await);
    let token = bag.next(&platform, Occasion::ResetPassword).await.token();
    assert_eq!(comes().await, Some(false));
    accepted(identity.reset_password(&here, &token, NEW.into()).await);
    assert_eq!(comes().await, Some(true));
}
