//! Codes that are sent to who does not have their second factor at hand.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use commands::{
    Accepted, Fault, Outcome, Request,
    identity::{Challenge, NotTaken, SignedIn, TextMessage, Texter},
};
use domain::{
    identity::{IdentityRejection as No, backup_factor::Channel, mail::Occasion},
    kernel::Timestamp,
};
use futures_util::future::join_all;
use journal::vault::ExposeSecret;

use crate::{
    mailbag::Mailbag,
    platform::{PASSWORD, Platform, accepted, account, anonymous, fault, now, pass, rejected},
    telephone::{EMAIL, challenge, enrolled},
};

const NUMBER: &str = "+33 6 12 34 56 78";

/// Telephones, and what came to them. It may be told to take nothing.
#[derive(Default)]
struct Telephones {
    got: Mutex<Vec<(String, String)>>,
    refuses: Mutex<bool>,
}

#[async_trait::async_trait]
impl Texter for Telephones {
    async fn deliver(&self, message: &TextMessage) -> Result<(), NotTaken> {
        if *self.refuses.lock().expect("not poisoned") {
            return Err(NotTaken);
        }
        let message = (message.to.as_str().to_owned(), message.code.expose_secret().to_owned());
        self.got.lock().expect("not poisoned").push(message);
        Ok(())
    }
}

impl Telephones {
    /// The last code that came, and where.
    fn last(&self) -> (String, String) {
        self.got.lock().expect("not poisoned").last().cloned().expect("a message")
    }
}

/// A platform on which messages come here, and mails there.
async fn platform() -> (Platform, Arc<Telephones>, Arc<Mailbag>) {
    let mut platform = Platform::init().await;
    let (telephones, mailbag) = (Arc::new(Telephones::default()), Arc::new(Mailbag::default()));
    let commands = platform.commands_on(&platform.vault).await.with_postman(mailbag.clone());
    platform.commands = Arc::new(commands.with_backup_codes(Some(telephones.clone()), true));
    (platform, telephones, mailbag)
}

async fn send(platform: &Platform, begun: &Challenge, channel: Channel) -> Result<Outcome<Timestamp, No>, Fault> {
    platform.commands.identity.send_code(&anonymous(), Some(&begun.token), channel).await
}

async fn complete(platform: &Platform, begun: &Challenge, code: &str) -> Result<Outcome<SignedIn, No>, Fault> {
    platform.commands.identity.complete_sign_in(&anonymous(), &begun.token, code).await
}

/// Somebody with a second factor that is on, who has just shown it, and the telephone that codes can be sent to.
async fn reachable(platform: &Platform, telephones: &Telephones) -> Request {
    let (ada, telephone, _) = enrolled(platform).await;
    let identity = &platform.commands.identity;
    accepted(identity.step_up(&ada, PASSWORD.into(), Some(&telephone.shows(0))).await);
    accepted(identity.enroll_phone(&ada, NUMBER).await);
    let (to, code) = telephones.last();
    assert_eq!(to, "+33612345678");
    accepted(identity.confirm_phone(&ada, &code).await);
    assert_eq!(identity.backup_phone(account(&ada)).await.expect("readable"), Some("…78".into()));
    pass(TimeDelta::minutes(1));
    ada
}

#[tokio::test]
async fn a_code_comes_by_text_message_and_completes_a_sign_in_once() {
    let (platform, telephones, _) = platform().await;
    reachable(&platform, &telephones).await;
    let begun = challenge(&platform).await;
    let until = accepted(send(&platform, &begun, Channel::Text).await);
    assert!(until <= now() + TimeDelta::minutes(10) && until > now() + TimeDelta::minutes(9), "{until}");
    let (_, code) = telephones.last();
    assert!(code.len() == 6 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
    let stored: String = platform.events().await.into_iter().map(|event| event.payload.as_str().to_owned()).collect();
    assert!(!stored.contains("612345678"), "the number is sealed");
    let before = platform.events().await.len();
    let all = join_all((0..8).map(|_| complete(&platform, &begun, &code))).await;
    let done = all.iter().filter(|one| matches!(one, Ok(Outcome::Accepted(_)))).count();
    assert_eq!((done, platform.named("BackupCodeUsed").await.len()), (1, 1), "however many come with it");
    assert_eq!(platform.names_after(before).await, ["BackupCodeUsed", "SignedIn"]);
}

#[tokio::test]
async fn a_code_comes_by_mail_and_is_for_the_sign_in_that_asked_for_it() {
    let (platform, _, mailbag) = platform().await;
    enrolled(&platform).await;
    let begun = challenge(&platform).await;
    assert_eq!(rejected(send(&platform, &begun, Channel::Text).await), No::PhoneMissing);
    accepted(send(&platform, &begun, Channel::Email).await);
    let mail = mailbag.next(&platform, Occasion::SecondFactorCode).await;
    assert_eq!(mail.to, EMAIL);
    let code = mail.token().expose_secret().to_owned();
    assert_eq!(rejected(send(&platform, &begun, Channel::Email).await), No::CodeSentJustNow);
    pass(TimeDelta::minutes(1));
    accepted(send(&platform, &begun, Channel::Email).await);
    pass(TimeDelta::seconds(10)); // Each of these counts.
    assert_eq!(rejected(complete(&platform, &begun, &code).await), No::CodeWrong, "another took its place");
    let code = mailbag.next(&platform, Occasion::SecondFactorCode).await.token().expose_secret().to_owned();
    pass(TimeDelta::seconds(30));
    let other = challenge(&platform).await;
    pass(TimeDelta::seconds(30));
    assert_eq!(rejected(complete(&platform, &other, &code).await), No::CodeWrong, "another sign-in asked for it");
    pass(TimeDelta::seconds(30));
    let at_once = platform.commands.identity.sign_in_with(&anonymous(), EMAIL, PASSWORD.into(), Some(&code)).await;
    assert!(matches!(at_once, Ok(Outcome::Rejected(No::CodeWrong))));
    pass(TimeDelta::minutes(1));
    accepted(complete(&platform, &begun, &code).await);
}

#[tokio::test]
async fn a_code_proves_anew_who_somebody_is() {
    let (platform, telephones, _) = platform().await;
    let ada = reachable(&platform, &telephones).await;
    let identity = &platform.commands.identity;
    pass(TimeDelta::minutes(10));
    assert!(matches!(fault(identity.remove_phone(&ada).await), Fault::StepUpRequired));
    accepted(identity.send_code(&ada, None, Channel::Text).await);
    let (_, code) = telephones.last();
    accepted(identity.step_up(&ada, PASSWORD.into(), Some(&code)).await);
    assert_eq!(rejected(identity.step_up(&ada, PASSWORD.into(), Some(&code)).await), No::CodeWrong, "once");
    accepted(identity.remove_phone(&ada).await);
    assert_eq!(identity.backup_phone(account(&ada)).await.expect("readable"), None);
    pass(TimeDelta::minutes(1));
    assert_eq!(rejected(identity.send_code(&ada, None, Channel::Text).await), No::PhoneMissing);
}

#[tokio::test]
async fn codes_are_guessed_no_more_often_than_passwords() {
    let (platform, telephones, _) = platform().await;
    reachable(&platform, &telephones).await;
    let begun = challenge(&platform).await;
    accepted(send(&platform, &begun, Channel::Text).await);
    let mut answers = vec![];
    while answers.last() != Some(&No::TooManyTries) && answers.len() < 10 {
        answers.push(rejected(complete(&platform, &begun, "x").await));
    }
    assert_eq!(answers, [No::CodeWrong, No::CodeWrong, No::CodeWrong, No::TooManyTries], "the password and the message count, too");
    assert_eq!(rejected(complete(&platform, &begun, &telephones.last().1).await), No::TooManyTries, "a right one too");
    assert_eq!(rejected(send(&platform, &begun, Channel::Text).await), No::TooManyTries);
}

#[tokio::test]
async fn a_telephone_is_named_by_who_has_shown_who_they_are_and_its_owner_is_told() {
    let (platform, telephones, mailbag) = platform().await;
    let identity = &platform.commands.identity;
    let (ada, telephone, _) = enrolled(&platform).await;
    assert!(matches!(fault(identity.enroll_phone(&ada, NUMBER).await), Fault::StepUpRequired));
    assert!(matches!(fault(identity.enroll_phone(&anonymous(), NUMBER).await), Fault::Unauthenticated));
    accepted(identity.step_up(&ada, PASSWORD.into(), Some(&telephone.shows(0))).await);
    assert_eq!(rejected(identity.enroll_phone(&ada, "0612345678").await), No::PhoneInvalid);
    *telephones.refuses.lock().expect("not poisoned") = true;
    assert_eq!(rejected(identity.enroll_phone(&ada, NUMBER).await), No::CodeNotSent);
    *telephones.refuses.lock().expect("not poisoned") = false;
    assert_eq!(rejected(identity.enroll_phone(&ada, NUMBER).await), No::CodeSentJustNow);
    pass(TimeDelta::minutes(1));
    accepted(identity.enroll_phone(&ada, NUMBER).await);
    assert_eq!(rejected(identity.confirm_phone(&ada, "x").await), No::CodeWrong);
    accepted(identity.confirm_phone(&ada, &telephones.last().1).await);
    assert_eq!(mailbag.next(&platform, Occasion::BackupPhoneAdded).await.to, EMAIL);
    accepted(identity.disable_totp(&ada).await);
    assert_eq!(identity.backup_phone(account(&ada)).await.expect("readable"), None, "it goes with what it stands in for");
    assert_eq!(rejected(identity.enroll_phone(&ada, NUMBER).await), No::SecondFactorOff);
}

#[tokio::test]
async fn what_is_not_configured_is_not_sent() {
    let platform = Platform::init().await;
    let (ada, ..) = enrolled(&platform).await;
    let begun = challenge(&platform).await;
    for channel in [Channel::Text, Channel::Email] {
        assert_eq!(rejected(send(&platform, &begun, channel).await), No::ChannelOff);
    }
    let nobody = platform.commands.identity.send_code(&anonymous(), None, Channel::Email).await;
    assert!(matches!(fault(nobody), Fault::Unauthenticated));
    let forged = platform.commands.identity.send_code(&anonymous(), Some(&"forged".to_owned().into()), Channel::Email).await;
    assert_eq!(rejected(forged), No::ChallengeInvalid);
    let Outcome::Accepted(Accepted { .. }) = platform.commands.identity.sign_out(&ada).await.expect("decided") else {
        panic!("signed out")
    };
}
