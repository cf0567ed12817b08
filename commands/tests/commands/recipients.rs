//! Addresses that are written to at the wish of whoever names them.

use chrono::TimeDelta;
use commands::Request;
use domain::identity::{IdentityRejection as No, mail::Occasion};

use crate::{
    mailbag::Mailbag,
    platform::{PASSWORD, Platform, accepted, account, anonymous, pass, rejected, stand_still},
    rules::{rewind, settle},
};

const EMAIL: &str = "ada@example.org";
/// Nobody's here.
const STRANGER: &str = "stranger@example.com";

async fn wants(platform: &Platform, who: &Request, email: &str) {
    accepted(platform.commands.identity.request_email_change(who, email, PASSWORD.into()).await);
    settle(platform).await;
}

fn sent(bag: &Mailbag, occasion: Occasion, to: &str) -> usize {
    bag.all().into_iter().filter(|mail| mail.occasion == occasion && mail.to == to).count()
}

#[tokio::test]
async fn a_stranger_is_sent_so_many_links_whoever_wants_their_address_and_nobody_is_told() {
    let (platform, bag) = Mailbag::platform().await;
    stand_still();
    let mut people = Vec::new();
    for number in 0..10 {
        people.push(platform.signed_in(&format!("p{number}@example.org"), &[]).await);
    }
    settle(&platform).await;
    let links = |to: &str| sent(&bag, Occasion::ConfirmNewEmail, to);
    for (person, expected) in people.iter().zip([1, 2, 3, 4, 5, 5, 5, 5]) {
        wants(&platform, person, STRANGER).await;
        assert_eq!(links(STRANGER), expected);
    }
    let told = bag.all().into_iter().filter(|mail| mail.occasion == Occasion::EmailChangeRequested).count();
    assert_eq!(told, 8, "who has the account is told, each time");
    wants(&platform, &people[8], " STRANGER@Example.com").await;
    wants(&platform, &people[9], "other@example.com").await;
    assert_eq!((links(STRANGER), links("other@example.com")), (5, 1), "another address is another");
    rewind(&platform).await;
    settle(&platform).await;
    assert_eq!((links(STRANGER), links("other@example.com")), (5, 1), "reactions that come by again count and send nothing");

    for (minutes, person, expected) in [(1, 0, 6), (1, 1, 6), (1, 2, 7), (3, 3, 7), (1, 4, 8)] {
        pass(TimeDelta::minutes(minutes));
        wants(&platform, &people[person], STRANGER).await;
        assert_eq!(links(STRANGER), expected, "after waits that double, of one more");
    }
    accepted(platform.register(STRANGER, &[]).await);
    settle(&platform).await;
    assert_eq!(sent(&bag, Occasion::VerifyEmail, STRANGER), 1, "who reads the address can register all the same");
}

#[tokio::test]
async fn a_day_later_it_begins_anew() {
    let (platform, bag) = Mailbag::platform().await;
    stand_still();
    let ada = platform.signed_in(EMAIL, &[]).await;
    for _ in 0..6 {
        pass(TimeDelta::seconds(61));
        wants(&platform, &ada, STRANGER).await;
    }
    let before = sent(&bag, Occasion::ConfirmNewEmail, STRANGER);
    pass(TimeDelta::hours(25));
    for _ in 0..5 {
        pass(TimeDelta::seconds(61));
        wants(&platform, &ada, STRANGER).await;
    }
    assert_eq!(sent(&bag, Occasion::ConfirmNewEmail, STRANGER), before + 5);
}

#[tokio::test]
async fn who_asks_for_their_link_too_often_waits_with_the_one_they_have() {
    let (platform, bag) = Mailbag::platform().await;
    stand_still();
    let identity = &platform.commands.identity;
    let ada = platform.signed_in(EMAIL, &[]).await;
    settle(&platform).await;
    let mut refused = 0;
    for _ in 0..12 {
        pass(TimeDelta::seconds(61));
        match identity.request_verification(&ada).await.expect("no fault") {
            commands::Outcome::Accepted(_) => settle(&platform).await,
            commands::Outcome::Rejected(rejection) => {
                assert_eq!(rejection, No::TooManyTries);
                refused += 1;
            }
        }
    }
    // The first five, that of registering among them; then after one minute, two and four.
    assert_eq!((sent(&bag, Occasion::VerifyEmail, EMAIL), refused), (8, 5));
    let link = bag.all().pop().expect("a mail").token();
    assert_eq!(accepted(identity.verify_email(&anonymous(), &link).await), account(&ada));
    assert_eq!(rejected(identity.request_verification(&ada).await), No::EmailVerified);
}

#[tokio::test]
async fn opening_accounts_with_one_address_again_and_again_writes_to_it_no_more_often() {
    let (platform, bag) = Mailbag::platform().await;
    stand_still();
    for _ in 0..7 {
        let who = platform.signed_in(STRANGER, &[]).await;
        settle(&platform).await;
        accepted(platform.commands.identity.erase(&who, account(&who), None).await);
        settle(&platform).await;
    }
    assert_eq!(sent(&bag, Occasion::VerifyEmail, STRANGER), 5);
}
