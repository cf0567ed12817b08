//! A change of address, confirmed at both.

use std::sync::Arc;

use chrono::TimeDelta;
use commands::{Fault, Outcome, Request, identity::Confirmation};
use domain::identity::{IdentityRejection as No, contact::Side, mail::Occasion};
use secrecy::SecretString;

use crate::{
    email_reverts::verified,
    mailbag::Mailbag,
    platform::{PASSWORD, Platform, accepted, account, anonymous, fault, pass, rejected},
    sign_ins::sign_in,
};

const EMAIL: &str = "ada@example.org";
const OTHER: &str = "lovelace@example.org";
const NEW: &str = "quite another horse";

/// The tokens that were mailed to the old address and to the new one.
struct Sent {
    old: SecretString,
    new: SecretString,
    stop: SecretString,
}

impl Sent {
    /// In an order, the first to be used first.
    const fn in_order(&self, first: Side) -> [&SecretString; 2] {
        match first {
            Side::Old => [&self.old, &self.new],
            Side::New => [&self.new, &self.old],
        }
    }
}

async fn ask(platform: &Platform, bag: &Mailbag, ada: &Request, to: &str) -> Sent {
    accepted(platform.commands.identity.request_email_change(ada, to, PASSWORD.into()).await);
    let old = bag.latest(platform, Occasion::ConfirmEmailChange).await.expect("mailed");
    let new = bag.latest(platform, Occasion::ConfirmNewEmail).await.expect("mailed");
    let stop = bag.latest(platform, Occasion::EmailChangeRequested).await.expect("mailed");
    assert_eq!((old.to.as_str(), new.to.as_str(), stop.to.as_str()), (EMAIL, to, EMAIL));
    Sent { old: old.token(), new: new.token(), stop: stop.token() }
}

/// Somebody who has asked for a change, with all that was mailed.
async fn asked() -> (Platform, Arc<Mailbag>, Request, Sent) {
    let (platform, bag) = Mailbag::platform().await;
    let ada = verified(&platform, &bag).await;
    let sent = ask(&platform, &bag, &ada, OTHER).await;
    (platform, bag, ada, sent)
}

async fn confirm(platform: &Platform, token: &SecretString) -> Result<Outcome<Confirmation, No>, Fault> {
    platform.commands.identity.confirm_email_change(&anonymous(), token).await
}

#[tokio::test]
async fn it_takes_effect_with_the_second_confirmation_in_either_order() {
    for (side, other) in [(Side::Old, Side::New), (Side::New, Side::Old)] {
        let (platform, _, ada, sent) = asked().await;
        let [first, second] = sent.in_order(side);
        let before = platform.events().await.len();
        assert_eq!(accepted(confirm(&platform, first).await), Confirmation::Awaits(other));
        assert_eq!(platform.names_after(before).await, ["EmailChangeHalfConfirmed"]);
        accepted(sign_in(&platform, EMAIL, PASSWORD).await);
        let before = platform.events().await.len();
        assert_eq!(rejected(confirm(&platform, first).await), No::LinkInvalid, "it is good once");
        assert_eq!(accepted(confirm(&platform, second).await), Confirmation::Done(account(&ada)));
        let names = platform.names_after(before).await;
        assert_eq!(names, ["EmailChangeConfirmed", "EmailClaimed", "EmailKept", "EmailChanged"]);
        for used in [first, second] {
            assert_eq!(rejected(confirm(&platform, used).await), No::LinkInvalid);
        }
        assert_eq!(rejected(sign_in(&platform, EMAIL, PASSWORD).await), No::CredentialsWrong);
        accepted(sign_in(&platform, OTHER, PASSWORD).await);
    }
}

#[tokio::test]
async fn an_address_that_was_never_verified_is_not_asked() {
    let (platform, bag) = Mailbag::platform().await;
    let ada = platform.signed_in(EMAIL, &[]).await;
    accepted(platform.commands.identity.request_email_change(&ada, OTHER, PASSWORD.into()).await);
    let new = bag.latest(&platform, Occasion::ConfirmNewEmail).await.expect("mailed").token();
    assert!(bag.latest(&platform, Occasion::ConfirmEmailChange).await.is_none());
    assert_eq!(accepted(confirm(&platform, &new).await), Confirmation::Done(account(&ada)));
}

#[tokio::test]
async fn who_verifies_the_old_address_meanwhile_is_not_passed_over() {
    let (platform, bag) = Mailbag::platform().await;
    let ada = platform.signed_in(EMAIL, &[]).await;
    let verify = bag.next(&platform, Occasion::VerifyEmail).await.token();
    accepted(platform.commands.identity.request_email_change(&ada, OTHER, PASSWORD.into()).await);
    let new = bag.latest(&platform, Occasion::ConfirmNewEmail).await.expect("mailed").token();
    accepted(platform.commands.identity.verify_email(&anonymous(), &verify).await);
    assert_eq!(rejected(confirm(&platform, &new).await), No::LinkInvalid);
    pass(TimeDelta::minutes(2));
    let sent = ask(&platform, &bag, &ada, OTHER).await;
    assert_eq!(accepted(confirm(&platform, &sent.new).await), Confirmation::Awaits(Side::Old));
}

#[tokio::test]
async fn a_link_confirms_at_its_own_address_and_does_nothing_else() {
    let (platform, _, _, sent) = asked().await;
    let identity = &platform.commands.identity;
    let before = platform.events().await.len();
    let by = anonymous();
    for token in [&sent.old, &sent.new] {
        assert_eq!(rejected(identity.stop_email_change(&by, token).await), No::LinkInvalid);
        assert_eq!(rejected(identity.revert_email_change(&by, token).await), No::LinkInvalid);
        assert_eq!(rejected(identity.verify_email(&by, token).await), No::LinkInvalid);
        assert_eq!(rejected(identity.reset_password(&by, token, NEW.into()).await), No::LinkInvalid);
    }
    assert_eq!(rejected(confirm(&platform, &sent.stop).await), No::LinkInvalid);
    assert_eq!(platform.events().await.len(), before);
}

#[tokio::test]
async fn half_a_confirmation_is_worth_nothing_a_day_later() {
    for side in [Side::Old, Side::New] {
        let (platform, _, _, sent) = asked().await;
        let [first, second] = sent.in_order(side);
        accepted(confirm(&platform, first).await);
        pass(TimeDelta::hours(24));
        assert_eq!(rejected(confirm(&platform, second).await), No::LinkInvalid);
        accepted(sign_in(&platform, EMAIL, PASSWORD).await);
    }
}

#[tokio::test]
async fn the_old_address_stops_what_the_new_one_has_confirmed() {
    let (platform, _, _, sent) = asked().await;
    accepted(confirm(&platform, &sent.new).await);
    accepted(platform.commands.identity.stop_email_change(&anonymous(), &sent.stop).await);
    for token in [&sent.old, &sent.new] {
        assert_eq!(rejected(confirm(&platform, token).await), No::LinkInvalid);
    }
    accepted(platform.register(OTHER, &[]).await);
}

#[tokio::test]
async fn another_password_stops_what_was_asked_for_with_the_one_before() {
    for by_mail in [false, true] {
        let (platform, bag, ada, sent) = asked().await;
        let identity = &platform.commands.identity;
        accepted(confirm(&platform, &sent.new).await);
        if by_mail {
            accepted(identity.request_reset(&anonymous(), EMAIL).await);
            let reset = bag.next(&platform, Occasion::ResetPassword).await.token();
            accepted(identity.reset_password(&anonymous(), &reset, NEW.into()).await);
        } else {
            accepted(identity.change_password(&ada, PASSWORD.into(), NEW.into()).await);
        }
        assert_eq!(platform.named("EmailChangeStopped").await.len(), 1);
        assert_eq!(rejected(confirm(&platform, &sent.old).await), No::LinkInvalid);
        accepted(sign_in(&platform, EMAIL, NEW).await);
    }
}

#[tokio::test]
async fn another_change_begins_anew() {
    let (platform, bag, ada, first) = asked().await;
    accepted(confirm(&platform, &first.old).await);
    pass(TimeDelta::minutes(2));
    let second = ask(&platform, &bag, &ada, "countess@example.org").await;
    assert_eq!(rejected(confirm(&platform, &first.new).await), No::LinkInvalid);
    assert_eq!(accepted(confirm(&platform, &second.new).await), Confirmation::Awaits(Side::Old), "what was confirmed was another");
    assert_eq!(accepted(confirm(&platform, &second.old).await), Confirmation::Done(account(&ada)));
    accepted(sign_in(&platform, "countess@example.org", PASSWORD).await);
}

#[tokio::test]
async fn an_address_that_was_taken_between_is_not_taken_away() {
    for side in [Side::Old, Side::New] {
        let (platform, _, _, sent) = asked().await;
        let [first, second] = sent.in_order(side);
        accepted(confirm(&platform, first).await);
        let owner = accepted(platform.register(OTHER, &[]).await);
        let before = platform.events().await.len();
        assert_eq!(rejected(confirm(&platform, second).await), No::EmailTaken);
        assert_eq!(platform.events().await.len(), before);
        accepted(sign_in(&platform, EMAIL, PASSWORD).await);
        assert_eq!(accepted(sign_in(&platform, OTHER, PASSWORD).await).account, owner);
    }
}

#[tokio::test]
async fn of_both_who_come_at_once_and_many_times_each_counts_once() {
    let (platform, _, _, sent) = asked().await;
    let all = (0..8).map(|turn| confirm(&platform, if turn % 2 == 0 { &sent.old } else { &sent.new }));
    let outcomes = futures_util::future::join_all(all).await;
    let accepted = outcomes.into_iter().filter(|outcome| matches!(outcome, Ok(Outcome::Accepted(_)))).count();
    let (halves, wholes) = (platform.named("EmailChangeHalfConfirmed").await.len(), platform.named("EmailChanged").await.len());
    assert_eq!((accepted, halves, wholes), (2, 1, 1));
}

#[tokio::test]
async fn a_retry_under_its_key_is_answered_as_the_first_was() {
    let (platform, _, _, sent) = asked().await;
    let keyed = anonymous().with_key(Some("once".into()));
    let confirm = async |token: &SecretString| platform.commands.identity.confirm_email_change(&keyed, token).await;
    for _ in 0..2 {
        assert_eq!(accepted(confirm(&sent.new).await), Confirmation::Awaits(Side::Old));
    }
    assert!(matches!(fault(confirm(&sent.old).await), Fault::KeyReused), "the other address is another request");
    assert_eq!(platform.named("EmailChangeHalfConfirmed").await.len(), 1);
}
