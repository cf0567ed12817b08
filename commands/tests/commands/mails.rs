//! Mails: queued because of what happened, sent, tried again, set aside, queued again.

use chrono::TimeDelta;
use commands::{Fault, identity::Undelivered, reactions};
use domain::{
    identity::{
        IdentityRejection as No, Language,
        mail::{Failure, Occasion},
    },
    kernel::MailId,
};

use crate::{
    mailbag::Mailbag,
    platform::{Platform, accepted, account, administrator, anonymous, fault, learner, now, pass, registration, rejected},
    rules::{Running, eventually, rewind, settle},
};

const EMAIL: &str = "ada@example.org";
const LATER: Undelivered = Undelivered { failure: Failure::Reply(451), permanent: false };
const NEVER: Undelivered = Undelivered { failure: Failure::Reply(550), permanent: true };

/// The one mail that was queued.
async fn queued(platform: &Platform) -> MailId {
    let queued = platform.named("MailQueued").await;
    assert_eq!(queued.len(), 1);
    MailId(queued[0].stream.id)
}

async fn happened(platform: &Platform, names: &[&str]) -> bool {
    let mail: Vec<_> = platform.events().await.into_iter().map(|event| event.name).filter(|name| name.starts_with("Mail")).collect();
    mail == names
}

#[tokio::test]
async fn who_registers_is_written_to_once_in_the_language_they_came_with() {
    let (platform, bag) = Mailbag::platform().await;
    let request = commands::Request { language: Some(Language::Fr), ..anonymous() };
    accepted(platform.commands.identity.register(&request, registration(EMAIL, &[])).await);
    let mail = bag.next(&platform, Occasion::VerifyEmail).await;
    assert_eq!((mail.to.as_str(), mail.language), (EMAIL, Language::Fr));
    assert_eq!(mail.id, queued(&platform).await.to_string());
    rewind(&platform).await;
    settle(&platform).await;
    assert_eq!(bag.all().len(), 1, "reactions that come by again do nothing twice");
    let events = platform.events().await;
    let requested = events.iter().find(|event| event.name == "EmailVerificationRequested").expect("asked");
    let queued = events.iter().find(|event| event.name == "MailQueued").expect("queued");
    assert_eq!(queued.metadata.causation, Some(requested.event_id));
}

#[tokio::test]
async fn neither_addresses_nor_tokens_are_in_what_is_stored() {
    let (platform, bag) = Mailbag::platform().await;
    accepted(platform.register(EMAIL, &[]).await);
    let mail = bag.next(&platform, Occasion::VerifyEmail).await;
    let stored = platform.events().await.iter().map(|event| event.payload.as_str().to_owned()).collect::<String>();
    let token = journal::vault::ExposeSecret::expose_secret(&mail.token()).to_owned();
    assert!(!stored.contains("ada@") && !stored.contains(&token), "{stored}");
}

#[tokio::test]
async fn whom_a_part_of_the_program_registers_is_not_written_to() {
    let (platform, bag) = Mailbag::platform().await;
    accepted(platform.commands.identity.register(&commands::Request::system("test"), registration(EMAIL, &[])).await);
    settle(&platform).await;
    assert!(bag.all().is_empty() && platform.named("MailQueued").await.is_empty());
}

#[tokio::test]
async fn whose_address_somebody_tries_to_register_with_is_told_once_a_day() {
    let (platform, bag) = Mailbag::platform().await;
    accepted(platform.commands.identity.register(&commands::Request::system("test"), registration(EMAIL, &[])).await);
    for told in 1..=2 {
        for _ in 0..3 {
            assert_eq!(rejected(platform.register(" ADA@example.org", &[]).await), No::EmailTaken);
        }
        settle(&platform).await;
        let mails = bag.all();
        assert!(mails.iter().all(|mail| mail.to == EMAIL && mail.occasion == Occasion::RegistrationTried), "{mails:?}");
        // A day may have begun in between.
        assert!((told..=2 * told).contains(&mails.len()), "{mails:?}");
        pass(TimeDelta::days(1));
    }
    let before = platform.named("MailQueued").await.len();
    let by_the_program = platform.commands.identity.register(&commands::Request::system("test"), registration(EMAIL, &[])).await;
    assert_eq!(rejected(by_the_program), No::EmailTaken);
    assert_eq!(platform.named("MailQueued").await.len(), before, "nobody is told of what a part of the program does");
}

#[tokio::test]
async fn what_was_not_taken_is_tried_again_after_a_wait_that_grows() {
    let (platform, bag) = Mailbag::platform().await;
    bag.refuse(LATER);
    bag.refuse(LATER);
    accepted(platform.register(EMAIL, &[]).await);
    let running = Running::start(&platform, reactions::all(), now);
    eventually("the first try", async || happened(&platform, &["MailQueued", "MailDeferred"]).await).await;
    pass(TimeDelta::seconds(61));
    eventually("the second try", async || happened(&platform, &["MailQueued", "MailDeferred", "MailDeferred"]).await).await;
    pass(TimeDelta::seconds(121));
    let all = ["MailQueued", "MailDeferred", "MailDeferred", "MailSent"];
    eventually("the third try", async || happened(&platform, &all).await).await;
    running.stop().await;
    let due: Vec<_> = platform.named("MailDeferred").await.iter().map(|event| event.payload.to_value().expect("JSON")).collect();
    assert_eq!(due[1]["Deferred"]["failure"], serde_json::json!({ "reply": 451 }));
    assert_eq!(bag.all().len(), 1);
    settle(&platform).await;
}

#[tokio::test]
async fn a_wait_outlives_whoever_waits() {
    let (platform, bag) = Mailbag::platform().await;
    bag.refuse(LATER);
    accepted(platform.register(EMAIL, &[]).await);
    let running = Running::start(&platform, reactions::all(), now);
    eventually("the first try", async || happened(&platform, &["MailQueued", "MailDeferred"]).await).await;
    running.crash().await;
    pass(TimeDelta::seconds(61));
    let running = Running::start(&platform, reactions::all(), now);
    eventually("the second try", async || happened(&platform, &["MailQueued", "MailDeferred", "MailSent"]).await).await;
    running.stop().await;
    assert_eq!(bag.all().len(), 1);
}

#[tokio::test]
async fn what_is_refused_for_good_waits_for_an_operator() {
    let (platform, bag) = Mailbag::platform().await;
    bag.refuse(NEVER);
    accepted(platform.register(EMAIL, &[]).await);
    settle(&platform).await;
    assert!(happened(&platform, &["MailQueued", "MailParked"]).await);
    let (identity, mail) = (&platform.commands.identity, queued(&platform).await);
    assert!(matches!(fault(identity.requeue_mail(&anonymous(), mail).await), Fault::Unauthenticated));
    assert!(matches!(fault(identity.requeue_mail(&learner(), mail).await), Fault::Forbidden));
    accepted(identity.requeue_mail(&administrator(), mail).await);
    settle(&platform).await;
    assert!(happened(&platform, &["MailQueued", "MailParked", "MailRequeued", "MailSent"]).await);
    assert_eq!(bag.all().len(), 1);
    assert_eq!(rejected(identity.requeue_mail(&administrator(), mail).await), No::MailNotParked);
    let other = MailId(uuid::Uuid::now_v7());
    assert_eq!(rejected(identity.requeue_mail(&administrator(), other).await), No::MailNotFound);
}

#[tokio::test]
async fn a_mail_whose_link_is_good_no_more_is_dropped() {
    let (platform, bag) = Mailbag::platform().await;
    bag.refuse(NEVER);
    accepted(platform.register(EMAIL, &[]).await);
    settle(&platform).await;
    pass(TimeDelta::hours(25));
    accepted(platform.commands.identity.requeue_mail(&administrator(), queued(&platform).await).await);
    settle(&platform).await;
    assert!(happened(&platform, &["MailQueued", "MailParked", "MailRequeued", "MailDropped"]).await);
    assert!(bag.all().is_empty());
}

#[tokio::test]
async fn nobody_writes_to_who_was_erased() {
    let (platform, bag) = Mailbag::platform().await;
    bag.refuse(LATER);
    let ada = platform.signed_in(EMAIL, &[]).await;
    let running = Running::start(&platform, reactions::all(), now);
    eventually("the first try", async || happened(&platform, &["MailQueued", "MailDeferred"]).await).await;
    accepted(platform.commands.identity.erase(&ada, account(&ada), None).await);
    pass(TimeDelta::seconds(61));
    eventually("it is dropped", async || happened(&platform, &["MailQueued", "MailDeferred", "MailDropped"]).await).await;
    running.stop().await;
    assert!(bag.all().is_empty());
}

#[tokio::test]
async fn what_happened_long_ago_is_no_news() {
    let (platform, bag) = Mailbag::platform().await;
    accepted(platform.register(EMAIL, &[]).await);
    pass(TimeDelta::days(8));
    settle(&platform).await;
    assert!(bag.all().is_empty() && platform.named("MailQueued").await.is_empty());
}
